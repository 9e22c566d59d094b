package jetstream

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// message renders an event as the log keeps it.
func (c LogConfig) message(e events.Event) (*nats.Msg, error) {
	subject, err := c.subject(e.Ref)
	if err != nil {
		return nil, err
	}
	header, data, err := events.Encode(e)
	if err != nil {
		return nil, fmt.Errorf("jetstream: the event of %s %q cannot be stored: %w", e.Ref.Kind, e.Ref.ID, err)
	}
	m := &nats.Msg{Subject: subject, Header: nats.Header(header), Data: data}
	m.Header.Set(jetstream.MsgIDHeader, e.ID().String())
	return m, nil
}

// subject is <prefix>.log.<source>.<kind>.<id>.
func (c LogConfig) subject(r events.Ref) (string, error) {
	source, kind, id := events.Token(r.Source), events.Token(r.Kind), events.Token(r.ID)
	if source == "" || kind == "" || id == "" {
		return "", errors.New("jetstream: an event without source, kind or id has no subject: fill its Ref")
	}
	return c.Prefix + ".log." + source + "." + kind + "." + id, nil
}

// event reads a message, of which r says what is known of it beside its content.
func (l *Log) event(d *events.Decoder, subject string, header nats.Header, data []byte, r projections.Record) (events.Event, error) {
	if l.foreign != nil {
		return l.foreign.event(subject, header, data, r), nil
	}
	return l.config.event(d, subject, data)
}

// event reads a message back. What cannot be decoded is still an event, of the resource that the subject names. The only
// error is events.ErrNewer: whoever goes on without understanding a newer version would fold it wrongly.
func (c LogConfig) event(d *events.Decoder, subject string, data []byte) (events.Event, error) {
	e, err := d.Decode(data)
	switch {
	case errors.Is(err, events.ErrNewer):
		return e, fmt.Errorf("jetstream: %w", err)
	case err != nil:
		return events.Event{Type: events.Undecodable, Ref: c.ref(subject)}, nil //nolint:nilerr // kept and counted, not an error
	}
	return e, nil
}

// ref reads the resource out of a subject; the zero Ref where the subject is none of ours.
func (c LogConfig) ref(subject string) events.Ref {
	tokens := c.subjectTokens(subject)
	if len(tokens) != 3 {
		return events.Ref{}
	}
	var parts [3]string
	for i, token := range tokens {
		part, err := events.Untoken(token)
		if err != nil {
			return events.Ref{}
		}
		parts[i] = part
	}
	return events.Ref{Source: parts[0], Kind: parts[1], ID: parts[2]}
}
