package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The bounds of a file.
const (
	mostBytes  = 64 << 10
	mostRepeat = 1000
)

// given are the variables that are there before the first step.
var given = []string{"client", "receiver"}

// Parse reads a story from its file; name is how errors call it. Its error joins a [LineError] for every problem.
func Parse(name, text string) (Story, error) {
	r := &reader{story: Story{Name: name, Source: text}, known: map[string]bool{}}
	for _, n := range given {
		r.known[n] = true
	}
	if !utf8.ValidString(text) || len(text) > mostBytes {
		r.problem(1, "the file is not UTF-8, or has more than %d bytes", mostBytes)
		return Story{}, errors.Join(r.problems...)
	}
	r.lines = strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	r.head()
	for r.at < len(r.lines) {
		r.line()
	}
	if len(r.story.Steps) == 0 && len(r.problems) == 0 {
		r.problem(len(r.lines), "the story has no steps")
	}
	if len(r.problems) > 0 {
		return Story{}, errors.Join(r.problems...)
	}
	return r.story, nil
}

// reader reads one file.
type reader struct {
	lines    []string
	at       int // the next line
	story    Story
	says     []string        // the comment above the next step
	last     bool            // behind finally
	known    map[string]bool // variables kept so far
	problems []error
}

// problem notes what is wrong with a line, counted from 1.
func (r *reader) problem(line int, format string, args ...any) {
	r.problems = append(r.problems, &LineError{r.story.Name, line, fmt.Sprintf(format, args...)})
}

// head reads the title and the text.
func (r *reader) head() {
	end := slices.IndexFunc(r.lines, func(l string) bool { return strings.TrimSpace(l) == "---" })
	if end < 0 {
		r.problem(len(r.lines), `a line "---" is missing between what the story tells and its steps`)
		end = len(r.lines) - 1
	}
	r.at = end + 1
	r.story.Title = strings.TrimSpace(r.lines[0])
	if end == 0 || r.story.Title == "" || r.story.Title == "---" {
		r.problem(1, "the first line is the title, and there is none")
		return
	}
	if r.story.Text = strings.TrimSpace(strings.Join(r.lines[1:end], "\n")); r.story.Text == "" {
		r.problem(2, "a paragraph that tells the story is missing under its title")
	}
}

// line reads what begins at the next line.
func (r *reader) line() {
	line := r.lines[r.at]
	n := r.at + 1
	r.at++
	comment, is := strings.CutPrefix(line, "#")
	switch {
	case strings.TrimSpace(line) == "":
		r.says = nil
	case is:
		r.says = append(r.says, strings.TrimSpace(comment))
	case indented(line):
		r.problem(n, "an indented line belongs to the step above it, and there is none")
	case strings.TrimSpace(line) == "finally":
		r.last = true
	default:
		r.step(n, line)
	}
}

// indented tells whether a line belongs to a step above it.
func indented(line string) bool {
	return strings.TrimSpace(line) != "" && (line[0] == ' ' || line[0] == '\t')
}

// step reads a step with the lines under it.
func (r *reader) step(n int, line string) {
	s := Step{Line: n, Says: strings.Join(r.says, " "), Last: r.last, times: 1}
	r.says = nil
	before := len(r.problems)
	body := r.first(&s, strings.TrimSpace(line))
	r.under(&s, body)
	if len(r.problems) > before {
		r.keep(s) // or every use of it would be told as well
		return
	}
	for _, name := range s.uses() {
		if !r.known[name] && (name != "i" || s.times == 1) {
			r.problem(n, "nothing before this step keeps $%s", name)
		}
	}
	r.keep(s)
	r.story.Steps = append(r.story.Steps, s)
}

// keep remembers what a step keeps.
func (r *reader) keep(s Step) {
	for _, k := range s.keeps {
		r.known[k.name] = true
	}
}
