package scenario

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// under reads the lines that belong to a step, whose body may have begun on its first line.
func (r *reader) under(s *Step, body string) {
	n := s.Line
	if body != "" {
		r.body(s, n, body)
	}
	for r.at < len(r.lines) && indented(r.lines[r.at]) {
		line := strings.TrimSpace(r.lines[r.at])
		r.at++
		n = r.at
		word, rest := cut(line)
		switch {
		case s.needsHookfold():
			r.problem(n, "only calls have lines under them")
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "{") || strings.HasPrefix(line, "["):
			r.body(s, n, line)
		case word == "answers":
			r.answers(s, n, rest)
		case word == "with":
			s.fields = append(s.fields, r.fields(n, rest)...)
		case word == "keep":
			r.keeps(s, n, rest)
		default:
			r.problem(n, "under a call stand its body, answers, with and keep")
		}
	}
}

// body reads a body that begins on a line, and goes on for as many indented lines as it needs.
func (r *reader) body(s *Step, n int, text string) {
	if s.body != nil {
		r.problem(n, "a call has one body")
	}
	v, err := decode(text)
	for errors.Is(err, io.ErrUnexpectedEOF) && r.at < len(r.lines) && indented(r.lines[r.at]) {
		text += "\n" + r.lines[r.at]
		r.at++
		v, err = decode(text)
	}
	if err == nil {
		switch v.(type) {
		case map[string]any, []any:
		default:
			err = errors.New("give an object or a list")
		}
	}
	if err != nil {
		r.problem(n, "the body is not JSON: %v", err)
		return
	}
	if s.body, err = readBody(v); err != nil {
		r.problem(n, "%v", err)
	}
}

// decode reads one JSON value with nothing behind it. Numbers stay as they are written.
func decode(text string) (any, error) {
	in := json.NewDecoder(strings.NewReader(text))
	in.UseNumber()
	var v any
	if err := in.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind it")
	}
	return v, nil
}

// answers reads 200 or 200|400.
func (r *reader) answers(s *Step, n int, text string) {
	if len(s.status) > 0 {
		r.problem(n, "answers stands once")
	}
	for word := range strings.SplitSeq(text, "|") {
		status, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || status < 100 || status > 599 {
			r.problem(n, "answers takes a status, such as 200 or 200|400")
			return
		}
		s.status = append(s.status, status)
	}
}

// keeps reads name=field name=field.
func (r *reader) keeps(s *Step, n int, text string) {
	for _, word := range r.words(n, text) {
		name, from, _ := strings.Cut(word, "=")
		p, err := readPath(from)
		switch {
		case err != nil || !isName(name):
			r.problem(n, "%s: give name=field; %v, and a name in small letters, digits and underscores", shown(word), errPath)
		case name == "i" || name == given[0] || name == given[1]:
			r.problem(n, "$%s has a meaning already", name)
		default:
			s.keeps = append(s.keeps, keeping{name, p})
		}
	}
}
