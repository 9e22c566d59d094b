package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"
)

// table shows documents to people: a line for each, a column for each field in which they differ from nothing at all.
// Whatever its model, it leaves out lists (the history) and what is the same for the whole list (kind, source).
type table struct {
	columns []string
	filled  map[string]bool // columns in which some document has something
	rows    []map[string]string
}

// add takes in a document.
func (t *table) add(doc []byte) error {
	var object map[string]json.RawMessage
	err := json.Unmarshal(doc, &object) // what is no object ends here, and the order of its fields is read below
	in := json.NewDecoder(bytes.NewReader(doc))
	if err == nil {
		_, err = in.Token()
	}
	row := map[string]string{}
	for err == nil && in.More() {
		var name json.Token
		var value json.RawMessage
		if name, err = in.Token(); err == nil {
			err = in.Decode(&value)
		}
		if err == nil {
			t.cell(row, fmt.Sprint(name), value)
		}
	}
	if err != nil {
		return fmt.Errorf("the server's document cannot be read: %w", err)
	}
	t.rows = append(t.rows, row)
	return nil
}

// cell takes in a field.
func (t *table) cell(row map[string]string, name string, value json.RawMessage) {
	if name == "kind" || name == "source" || value[0] == '[' {
		return
	}
	if !slices.Contains(t.columns, name) {
		t.columns = append(t.columns, name)
	}
	row[name] = readable(value)
	if !nothing(value) && row[name] != "" {
		if t.filled == nil {
			t.filled = map[string]bool{}
		}
		t.filled[name] = true
	}
}

// nothing tells whether a value says nothing.
func nothing(value json.RawMessage) bool {
	return slices.Contains([]string{`""`, "false", "0", "null", "{}"}, string(value))
}

// readable is a value for people. Of an object it is what says something: a flag by its name, everything else with it.
func readable(value json.RawMessage) string {
	switch value[0] {
	case '"':
		var s string
		_ = json.Unmarshal(value, &s) // it was decoded before
		return printable(s)
	case '{':
		var o table
		_ = o.add(value) // likewise
		var parts []string
		for _, name := range o.columns {
			switch v := o.rows[0][name]; {
			case !o.filled[name]:
			case v == "true":
				parts = append(parts, printable(name))
			default:
				parts = append(parts, printable(name)+"="+v)
			}
		}
		return strings.Join(parts, ",")
	}
	return string(value)
}

// printable keeps what a stranger chose from steering the terminal or the columns.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return strconv.QuoteToASCII(s)
	}
	return s
}

// write prints the columns under the names of their fields, by which a list can be filtered.
func (t *table) write(out io.Writer) error {
	if len(t.rows) == 0 {
		return nil
	}
	columns := slices.DeleteFunc(slices.Clone(t.columns), func(name string) bool { return !t.filled[name] })
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, strings.Join(columns, "\t"))
	for _, row := range t.rows {
		cells := make([]string, len(columns))
		for i, name := range columns {
			if cells[i] = row[name]; cells[i] == "" {
				cells[i] = "-"
			}
		}
		_, _ = fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}
