package scenario

import (
	"slices"
	"strconv"
	"strings"
)

// methods are those of calls.
var methods = []string{"GET", "POST", "PUT", "DELETE"}

// kinds are the names under which Hookfold serves its documents.
var kinds = map[string]string{"user": "users", "session": "idv-sessions", "hook": "hooks"}

// first reads the first line of a step and returns the beginning of a body that stands on it.
func (r *reader) first(s *Step, line string) (body string) {
	s.Text = line
	word, rest := cut(line)
	if word == "repeat" {
		var count string
		count, rest = cut(rest)
		n, err := strconv.Atoi(count)
		if err != nil || n < 2 || n > mostRepeat {
			r.problem(s.Line, "repeat takes a number from 2 to %d", mostRepeat)
		}
		s.times = max(n, 1)
		word, rest = cut(rest)
	}
	switch {
	case slices.Contains(methods, word):
		return r.call(s, word, rest)
	case word == "sandbox":
		s.verb = verbSandbox
		method, rest := cut(rest)
		return r.call(s, method, rest)
	case word == "expect":
		r.expect(s, rest)
	case word == "operate":
		r.operate(s, rest)
	default:
		r.problem(s.Line, "a step begins with GET, POST, PUT, DELETE, sandbox, expect, operate or repeat, or is indented")
	}
	if s.times > 1 {
		r.problem(s.Line, "only calls are repeated")
	}
	return ""
}

// call reads the path of a call, and what stands behind it.
func (r *reader) call(s *Step, method, rest string) (body string) {
	s.method = method
	if !slices.Contains(methods, method) {
		r.problem(s.Line, "a call begins with GET, POST, PUT or DELETE")
	}
	where, body := cut(rest)
	s.Text = strings.TrimSpace(strings.TrimSuffix(s.Text, body))
	if s.verb == verbCall && !strings.HasPrefix(where, "/") {
		r.problem(s.Line, "the path of a call begins with /: it is below /v2.01/{ClientId}")
	}
	r.place(s, where)
	return body
}

// place reads a path.
func (r *reader) place(s *Step, where string) {
	where = strings.TrimPrefix(where, "/")
	var err error
	if s.path, err = readTemplate(where); err != nil {
		r.problem(s.Line, "%v", err)
	}
	if where == "" || strings.ContainsAny(where, `#\"%`) || strings.Contains("/"+where, "/.") {
		r.problem(s.Line, "a path is words between slashes, without . and # and escapes")
	}
}

// operate reads an action.
func (r *reader) operate(s *Step, rest string) {
	s.verb = verbOperate
	where, more := cut(rest)
	if more != "" {
		r.problem(s.Line, "operate takes one action, such as hooks/revive")
	}
	r.place(s, where)
}

// expect reads what the read model is to say.
func (r *reader) expect(s *Step, rest string) {
	s.verb = verbExpect
	kind, rest := cut(rest)
	id, rest := cut(rest)
	if s.kind = kinds[kind]; s.kind == "" || id == "" {
		r.problem(s.Line, "expect takes user, session or hook, and its id")
	}
	var err error
	if s.id, err = readTemplate(id); err != nil {
		r.problem(s.Line, "%v", err)
	}
	s.fields = r.fields(s.Line, rest)
	if len(s.fields) == 0 {
		r.problem(s.Line, "expect takes at least one field=value")
	}
}

// fields reads field=value field=value.
func (r *reader) fields(line int, text string) []field {
	var list []field
	for _, word := range r.words(line, text) {
		name, value := cutField(word)
		p, err := readPath(name)
		if err != nil || value == "" {
			r.problem(line, "%s: give field=value; %v", shown(word), errPath)
			continue
		}
		f := field{path: p, any: value == "=*"}
		if f.want, err = readTemplate(unquoted(value[1:])); err != nil {
			r.problem(line, "%v", err)
		}
		list = append(list, f)
	}
	return list
}

// cutField cuts at the first = outside of brackets; the value keeps it.
func cutField(word string) (name, value string) {
	depth := 0
	for i, c := range word {
		switch c {
		case '[':
			depth++
		case ']':
			depth--
		case '=':
			if depth == 0 {
				return word[:i], word[i:]
			}
		}
	}
	return word, ""
}

// unquoted takes the quotes off a value.
func unquoted(value string) string {
	if text, err := strconv.Unquote(value); err == nil && strings.HasPrefix(value, `"`) {
		return text
	}
	return value
}

// words cuts a line at blanks outside of double quotes.
func (r *reader) words(line int, text string) []string {
	var list []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimLeft(text, " \t") {
		end, quoted := 0, false
		for end < len(text) && (quoted || text[end] != ' ' && text[end] != '\t') {
			switch {
			case text[end] == '"':
				quoted = !quoted
			case text[end] == '\\' && quoted && end+1 < len(text):
				end++
			}
			end++
		}
		if quoted {
			r.problem(line, "a quote is not closed")
		}
		list, text = append(list, text[:end]), text[end:]
	}
	return list
}

// cut cuts off the first word.
func cut(text string) (word, rest string) {
	text = strings.TrimSpace(text)
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		return text[:i], strings.TrimSpace(text[i:])
	}
	return text, ""
}
