package readapi

import (
	"errors"
	"net/url"

	"github.com/hookfold/hookfold/projections"
)

// errQuery says that a query asks for something else than it could.
var errQuery = errors.New("readapi: only at, wait and source can be asked for, each once and percent-encoded")

// question is what a query asks for.
type question struct {
	at     projections.AsOf
	wait   projections.Seq
	source string
}

// ask reads a query. What cannot be read is an error: left out, a question about the past would be answered with the
// present.
func ask(raw string) (question, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return question{}, errQuery
	}
	for name, all := range values {
		if name != "at" && name != "wait" && name != "source" || len(all) > 1 {
			return question{}, errQuery
		}
	}
	q := question{source: values.Get("source")}
	if q.at, err = projections.ParseAsOf(values.Get("at")); err != nil {
		return q, err
	}
	if q.wait, err = sequence(values.Get("wait")); err != nil {
		return q, err
	}
	if seq, past := q.at.Seq(); past {
		q.wait = max(q.wait, seq) // the state after a record is known once the record is applied
	}
	return q, nil
}
