package scenario

import (
	"errors"
	"strings"
)

// template is a text with variables in it.
type template []piece

// piece is a part of a template: a text, or the name of a variable.
type piece struct {
	text string
	name string // "" for a text
}

// variables are what a story knows while it is played. Values are as decoded from JSON.
type variables map[string]any

// readTemplate reads a text with $name, ${name} and $$.
func readTemplate(text string) (template, error) {
	var t template
	for text != "" {
		before, after, found := strings.Cut(text, "$")
		if before != "" {
			t = append(t, piece{text: before})
		}
		if !found {
			break
		}
		p, rest, err := readVariable(after)
		if err != nil {
			return nil, err
		}
		t, text = append(t, p), rest
	}
	return t, nil
}

// readVariable reads what stands behind a dollar, and returns what follows.
func readVariable(after string) (piece, string, error) {
	if rest, dollar := strings.CutPrefix(after, "$"); dollar {
		return piece{text: "$"}, rest, nil
	}
	inner, braced := strings.CutPrefix(after, "{")
	n := nameLength(inner)
	name, rest := inner[:n], inner[n:]
	if braced {
		closed := strings.HasPrefix(rest, "}")
		if !closed {
			n = 0
		} else {
			rest = rest[1:]
		}
	}
	if n == 0 {
		return piece{}, "", errors.New("a $ stands before no name: write $name or ${name}, or $$ for a dollar")
	}
	return piece{name: name}, rest, nil
}

// nameLength is how much of a text is a name: small letters, digits and underscores, a letter first.
func nameLength(text string) int {
	for i := range len(text) {
		c := text[i]
		if c >= 'a' && c <= 'z' || i > 0 && (c == '_' || c >= '0' && c <= '9') {
			continue
		}
		return i
	}
	return len(text)
}

// isName tells whether a text can be the name of a variable.
func isName(text string) bool { return text != "" && nameLength(text) == len(text) }

// names are the variables of a template.
func (t template) names() []string {
	var list []string
	for _, p := range t {
		if p.name != "" {
			list = append(list, p.name)
		}
	}
	return list
}

// fill puts the values in, each as text that escape has been over; nil: as it is.
func (t template) fill(vars variables, escape func(string) string) string {
	var b strings.Builder
	for _, p := range t {
		value := p.text
		if p.name != "" {
			if value = asText(vars[p.name]); escape != nil {
				value = escape(value)
			}
		}
		b.WriteString(value)
	}
	return b.String()
}

// value is a template as a JSON value: one that is nothing but a variable is that variable, whatever its type.
func (t template) value(vars variables) any {
	if len(t) == 1 && t[0].name != "" {
		return vars[t[0].name]
	}
	return t.fill(vars, nil)
}

// readBody makes templates of the strings of a decoded body.
func readBody(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return readTemplate(v)
	case []any:
		for i := range v {
			var err error
			if v[i], err = readBody(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for name := range v {
			var err error
			if v[name], err = readBody(v[name]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// bodyNames are the variables of a body.
func bodyNames(v any) []string {
	var list []string
	switch v := v.(type) {
	case template:
		return v.names()
	case []any:
		for _, e := range v {
			list = append(list, bodyNames(e)...)
		}
	case map[string]any:
		for _, e := range v {
			list = append(list, bodyNames(e)...)
		}
	}
	return list
}

// fillBody puts the values into a body.
func fillBody(v any, vars variables) any {
	switch v := v.(type) {
	case template:
		return v.value(vars)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = fillBody(e, vars)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, e := range v {
			out[name] = fillBody(e, vars)
		}
		return out
	}
	return v
}
