package proptest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// writeDocument writes a document for people: kind and id, then every field that says something, then the history.
func writeDocument(out io.Writer, d projections.Document) error {
	fields, history, err := fieldsOf(d.JSON)
	if err != nil {
		return fmt.Errorf("document of %s %q: %w", d.Ref.Kind, d.Ref.ID, err)
	}
	_, _ = fmt.Fprintf(out, "%s %s\n", d.Ref.Kind, d.Ref.ID)
	if len(fields) > 0 {
		_, _ = fmt.Fprintf(out, "  %s\n", strings.Join(fields, " "))
	}
	for _, l := range history {
		_, _ = fmt.Fprintf(out, "  %s\n", lineText(l))
	}
	return nil
}

// lineText writes a line of a history: date, event, machine, verdict, from→to.
func lineText(l projections.Line) string {
	text := fmt.Sprintf("%d %s %s %s", l.Date, l.Event, dash(l.Machine), l.Verdict)
	switch {
	case l.Event == string(events.Base):
		return fmt.Sprintf("%d %s: %s", l.Date, l.Event, l.Why)
	case l.Machine != "":
		text += fmt.Sprintf(" %s→%s", dash(l.From), dash(l.To))
	}
	if l.Count > 1 {
		text += fmt.Sprintf(" ×%d until %d", l.Count, l.Until)
	}
	return text
}

// fieldsOf reads a document's fields in their order, and its history. Fields that are empty, zero or false say nothing.
func fieldsOf(doc []byte) (fields []string, history []projections.Line, err error) {
	in := json.NewDecoder(bytes.NewReader(doc))
	in.UseNumber()
	if _, err := in.Token(); err != nil {
		return nil, nil, err
	}
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return nil, nil, err
		}
		var raw json.RawMessage
		if err := in.Decode(&raw); err != nil {
			return nil, nil, err
		}
		switch name {
		case "kind", "id", "source":
		case "history":
			err = json.Unmarshal(raw, &history)
		default:
			fields, err = field(fields, fmt.Sprint(name), raw)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return fields, history, nil
}

// field appends one field, or those of an object inside under "name.".
func field(fields []string, name string, raw json.RawMessage) ([]string, error) {
	switch text := string(raw); {
	case text == `""` || text == "0" || text == "false" || text == "null":
		return fields, nil
	case text == "true":
		return append(fields, name), nil
	case text[0] == '{':
		inner, _, err := fieldsOf(raw)
		for _, f := range inner {
			fields = append(fields, name+"."+f)
		}
		return fields, err
	case text[0] == '"' && !strings.ContainsAny(text, ` \`):
		return append(fields, name+"="+strings.Trim(text, `"`)), nil
	default:
		return append(fields, name+"="+text), nil
	}
}

// everyDocument reads all documents of a store.
func everyDocument(store projections.Store, m projections.AnyModel, at projections.AsOf) ([]projections.Document, error) {
	ctx := context.Background()
	var out []projections.Document
	for cursor := ""; ; {
		page, err := store.List(ctx, projections.Query{Model: m.ID(), Cursor: cursor})
		if err != nil {
			return nil, err
		}
		for _, row := range page.Rows {
			doc, err := projections.ReadDocument(ctx, store, m, row.Ref.Source, row.Ref.ID, at)
			switch {
			case errors.Is(err, projections.ErrUnknown):
			case err != nil:
				return nil, err
			default:
				out = append(out, doc)
			}
		}
		if cursor = page.Next; cursor == "" {
			return out, nil
		}
	}
}
