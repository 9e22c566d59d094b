package bench

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hookfold/hookfold/events"
)

// decodeCourse reads the data of log messages back into events.
func decodeCourse() course {
	return newCourse(Table{
		Name: "decode", Title: "Decode one log message into an event",
		Note: "1,000 different messages as the ingress writes them, again and again, as often as the streams have events, on one goroutine.",
		Figures: []Figure{
			{Case: "encoding-json", What: "json.Unmarshal into a struct of the same members"},
			{Case: "single", What: "events.Decode"},
			{Case: "ours", What: "events.Decoder, as every cursor has one", Targets: []Target{
				{Column: "ns", AtMost: 300}, {Column: "allocations", AtMost: 1},
			}},
		},
	}, []column{
		figure("ns", lap.nanos), figure("allocations", lap.perAlloc), {"× encoding/json", faster("encoding-json")},
	}, []string{"encoding-json"}, func(_ context.Context, c Config) (*field, error) {
		w := workload{users: 100, origin: events.Webhook}
		list := make([]encoded, 1000)
		for i := range list {
			var err error
			if list[i], err = encode(w.event(i)); err != nil {
				return nil, err
			}
		}
		return &field{close: func() error { return nil }, run: map[string]func(context.Context) (lap, error){
			"encoding-json": func(context.Context) (lap, error) { return over(list, c.Events, decodeJSON) },
			"single": func(context.Context) (lap, error) {
				return over(list, c.Events, func(m encoded) error { return m.is(events.Decode(m.header, m.data)) })
			},
			"ours": func(context.Context) (lap, error) {
				var d events.Decoder
				return over(list, c.Events, func(m encoded) error { return m.is(d.Decode(m.data)) })
			},
		}}, nil
	})
}

// encoded is an event as the log holds it.
type encoded struct {
	event  events.Event
	header map[string][]string
	data   []byte
}

func encode(e events.Event) (encoded, error) {
	header, data, err := events.Encode(e)
	return encoded{e, header, data}, err
}

// over decodes n messages: the same ones again and again.
func over(list []encoded, n int, decode func(encoded) error) (lap, error) {
	return timed(n, func() error {
		for i := range n {
			if err := decode(list[i%len(list)]); err != nil {
				return err
			}
		}
		return nil
	})
}

// envelope has the members of a claim's envelope.
type envelope struct {
	V        int    `json:"v"`
	Source   string `json:"source"`
	Type     string `json:"type"`
	Kind     string `json:"kind"`
	ID       string `json:"id"`
	Date     int64  `json:"date"`
	Origin   string `json:"origin"`
	Received int64  `json:"received"`
	Replica  string `json:"replica"`
	Attempt  uint64 `json:"attempt"`
}

func decodeJSON(m encoded) error {
	var e envelope
	if err := json.Unmarshal(m.data, &e); err != nil {
		return err
	}
	if e.ID != m.event.Ref.ID || e.Type != string(m.event.Type) || e.Attempt != m.event.Delivery.Attempt {
		return fmt.Errorf("%+v was read as %+v", m.event, e)
	}
	return nil
}

// is compares a decoded event with what was encoded.
func (m encoded) is(e events.Event, err error) error {
	if err == nil && (e.Ref != m.event.Ref || e.Type != m.event.Type || e.Delivery != m.event.Delivery) {
		err = fmt.Errorf("%+v was read as %+v", m.event, e)
	}
	return err
}
