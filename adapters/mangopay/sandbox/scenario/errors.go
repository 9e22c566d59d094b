package scenario

import (
	"errors"
	"fmt"
)

// What can go wrong.
var (
	// ErrStory is wrapped by every problem of a story's file.
	ErrStory = errors.New("scenario: the story cannot be read")
	// ErrNoStory says that no story of that name comes with Hookfold.
	ErrNoStory = errors.New("scenario: no such story")
	// ErrConfig is wrapped by every problem of a Config.
	ErrConfig = errors.New("scenario: not completely configured")
	// ErrDiffers says that something was not as the story tells it.
	ErrDiffers = errors.New("it is not as the story tells it")
	// ErrUnreachable says that something that a step needs does not answer, or not to these credentials.
	ErrUnreachable = errors.New("it cannot be reached")
)

// LineError is a problem of one line of a file. It wraps ErrStory.
type LineError struct {
	Name    string // of the story
	Line    int    // from 1
	Problem string
}

// Error says where and what.
func (e *LineError) Error() string { return fmt.Sprintf("%s:%d: %s", e.Name, e.Line, e.Problem) }

// Unwrap says what kind of error it is.
func (e *LineError) Unwrap() error { return ErrStory }

// StepError is a step that failed while a story was played. It wraps ErrDiffers, ErrUnreachable, or the error of the context.
type StepError struct {
	Name string // of the story
	Step Step
	Turn int // of a repeated step, from 1; 0 where it is not repeated
	Err  error
}

// Error says where, and what was there instead.
func (e *StepError) Error() string {
	turn := ""
	if e.Turn > 0 {
		turn = fmt.Sprintf(" (turn %d of %d)", e.Turn, e.Step.times)
	}
	return fmt.Sprintf("%s:%d: %s%s: %v", e.Name, e.Step.Line, e.Step.Text, turn, e.Err)
}

// Unwrap returns what happened.
func (e *StepError) Unwrap() error { return e.Err }
