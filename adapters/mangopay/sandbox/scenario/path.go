package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// path names a field of a JSON document.
type path struct {
	text  string
	parts []part
}

// part is one step into a document.
type part struct {
	name  string   // of a field, or the number of an element, or #
	where template // of the first element of a list whose field name has this value
	list  bool     // the part is such a choice
}

// readPath reads Checks.0.CheckStatus or [EventType=X].Id.
func readPath(text string) (path, error) {
	p := path{text: text}
	for rest := text; ; {
		var next part
		var err error
		if next, rest, err = readPart(rest); err != nil {
			return path{}, err
		}
		p.parts = append(p.parts, next)
		if rest == "" {
			return p, nil
		}
		rest = strings.TrimPrefix(rest, ".")
	}
}

// errPath is what a path is not.
var errPath = errors.New("a field is written Name.Name, Name.0 or [Field=value].Name")

// readPart reads the first part of a path, and returns what follows: nothing, ".more" or "[choice]".
func readPart(text string) (part, string, error) {
	inner, choice := strings.CutPrefix(text, "[")
	if !choice {
		end := strings.IndexAny(text+".", ".[]")
		name, rest := text[:end], text[end:]
		if name == "" || rest == "." || strings.HasPrefix(rest, "]") {
			return part{}, "", errPath
		}
		return part{name: name}, rest, nil
	}
	inside, rest, closed := strings.Cut(inner, "]")
	name, value, named := strings.Cut(inside, "=")
	if !closed || !named || name == "" || rest == "." || rest != "" && rest[0] != '.' && rest[0] != '[' {
		return part{}, "", errPath
	}
	where, err := readTemplate(value)
	return part{name: name, where: where, list: true}, rest, err
}

// names are the variables of a path.
func (p path) names() []string {
	var list []string
	for _, part := range p.parts {
		list = append(list, part.where.names()...)
	}
	return list
}

// find returns what stands at a path of a document; false: nothing.
func (p path) find(doc any, vars variables) (any, bool) {
	for _, part := range p.parts {
		var there bool
		if doc, there = part.find(doc, vars); !there {
			return nil, false
		}
	}
	return doc, true
}

func (p part) find(doc any, vars variables) (any, bool) {
	switch doc := doc.(type) {
	case map[string]any:
		if p.list {
			return nil, false
		}
		v, there := doc[p.name]
		return v, there
	case []any:
		return p.element(doc, vars)
	}
	return nil, false
}

// element finds one element of a list, or its length.
func (p part) element(list []any, vars variables) (any, bool) {
	if p.list {
		want := p.where.fill(vars, nil)
		for _, e := range list {
			if object, is := e.(map[string]any); is && asText(object[p.name]) == want {
				return e, true
			}
		}
		return nil, false
	}
	if p.name == "#" {
		return json.Number(strconv.Itoa(len(list))), true
	}
	i, err := strconv.Atoi(p.name)
	if err != nil || i < 0 || i >= len(list) {
		return nil, false
	}
	return list[i], true
}

// asText is a JSON value as it is compared: a string without its quotes, everything else as JSON.
func asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprint(v) // what was decoded from JSON can be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// check says how a document differs from what is expected; "" where it does not.
func (f field) check(doc any, vars variables) string {
	found, there := f.path.find(doc, vars)
	want, is := f.want.fill(vars, nil), asText(found)
	switch {
	case !there:
		return f.path.text + " is not there"
	case f.any && (found == nil || is == ""):
		return f.path.text + " holds nothing"
	case !f.any && is != want:
		return fmt.Sprintf("%s is %s instead of %s", f.path.text, shown(is), shown(want))
	}
	return ""
}

// mostShown bounds what an error shows of a value.
const mostShown = 120

// shown is a value as an error shows it, so that it cannot steer a terminal.
func shown(text string) string {
	if len(text) > mostShown {
		text = strings.ToValidUTF8(text[:mostShown], "") + "…"
	}
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r == ' ' || r == '"' || !strconv.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}
