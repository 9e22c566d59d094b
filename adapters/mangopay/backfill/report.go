package backfill

import (
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
)

// Request says what to bring in.
type Request struct {
	// Types are brought in; none: those of the Config.
	Types []events.Type
	// Since is from when everything is wanted. The zero time goes on from the mark of each type, or as far back as the
	// provider lists where it has none. What an interrupted run with the same or an earlier demand brought in is not asked
	// for again.
	Since time.Time
	// SinceOf is from when single types are wanted, where that is another time than Since.
	SinceOf map[events.Type]time.Time
	// Progress, when set, is told how far this run has come, as Config.Progress is.
	Progress func(Progress)
}

// Progress is how far a run has come. It is also a JSON document.
type Progress struct {
	Type     events.Type `json:"type"`    // at work
	Types    int         `json:"types"`   // how many there are
	Done     int         `json:"done"`    // how many of them are in
	Windows  int         `json:"windows"` // of the type at work: how many are in
	Open     int         `json:"open"`    // of the type at work: how many are left; it grows when one is split
	Calls    int         `json:"calls"`   // requests, of the whole run
	Seen     int         `json:"seen"`    // events that the provider lists, of the whole run
	Appended int         `json:"appended"`
	// Share is how much of the time that is to be covered is in, from 0 to 1, and Remaining how long the rest takes at the
	// pace of the run until now, in seconds; 0 where that cannot be told.
	Share     float64 `json:"share"`
	Remaining float64 `json:"remaining"`
	PerSecond float64 `json:"per_second"` // events seen
	// Problem is what failed just now and is tried again; "" nothing.
	Problem string `json:"problem,omitempty"`
}

// Span is a span of time in Unix seconds.
type Span struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// TypeReport is what a run did for one event type.
type TypeReport struct {
	Type     events.Type `json:"type"`
	From     int64       `json:"from"` // Unix seconds: the first one that was asked for
	To       int64       `json:"to"`   // and the last
	UpTo     int64       `json:"up_to"`
	Windows  int         `json:"windows"`
	Calls    int         `json:"calls"`
	Seen     int         `json:"seen"`     // different events that the provider lists
	Appended int         `json:"appended"` // those of them that the log did not hold
	// Unreadable rows have no resource or no possible date; Others are of a type or a time that was not asked for. Neither is
	// appended.
	Unreadable int `json:"unreadable"`
	Others     int `json:"others"`
	// Unlisted is what was wanted and lies further back than the provider lists; nil: nothing.
	Unlisted *Span `json:"unlisted,omitempty"`
}

// Report is what a run did. It is also a JSON document.
type Report struct {
	Types    []TypeReport `json:"types"` // as far as the run came
	Calls    int          `json:"calls"`
	Seen     int          `json:"seen"`
	Appended int          `json:"appended"`
	Done     bool         `json:"done"` // everything is in that the provider lists
}

// Beyond is a [BeyondError] where something was wanted that lies further back than the provider lists, else nil.
func (r Report) Beyond() error {
	var widest *BeyondError
	for _, t := range r.Types {
		if t.Unlisted != nil && (widest == nil || t.Unlisted.From < widest.From) {
			widest = &BeyondError{From: t.Unlisted.From, To: t.Unlisted.To}
		}
	}
	if widest == nil {
		return nil
	}
	return widest
}

// BeyondError says that a span of time, in Unix seconds, is no longer in the provider's list of events.
type BeyondError struct{ From, To int64 }

// Error names the span and what to do.
func (e *BeyondError) Error() string {
	return fmt.Sprintf("backfill: the provider lists events for 45 days, so those from %s to %s cannot be filled in: reconcile the known users and their sessions instead",
		clock(e.From), clock(e.To))
}

// clock is a time for people.
func clock(at int64) string { return time.Unix(at, 0).UTC().Format(time.RFC3339) }

// add sums up what one type gave.
func (r *Report) add(t TypeReport) {
	r.Types = append(r.Types, t)
	r.Calls += t.Calls
	r.Seen += t.Seen
	r.Appended += t.Appended
}
