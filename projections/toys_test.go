package projections

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
)

// start is a day in 2026 at which the toys begin.
const start = 1_767_225_600

// diary is a value that shows everything that Apply was told, in the order in which it was told.
type diary struct {
	Sum    uint64 `json:"sum"` // chained over every moment, its records and what it could look back at
	Status string `json:"status,omitempty"`
	Eye    string `json:"eye,omitempty"` // last thing that was observed
}

// diaries is the model of them. Its horizon and window are short, so that short histories cross both.
var diaries = Model[diary]{
	Name: "diaries", Version: 1, Kind: "diary",
	Key:      keyOf("diary"),
	Apply:    write,
	Values:   func(d *diary, to []Value) []Value { return append(to, Value{"status", d.Status}, Value{"eye", d.Eye}) },
	Index:    func(d diary) map[string]string { return map[string]string{"status": d.Status} },
	Document: func(v View[diary]) any { return page{v.Ref, v.Value, v.History, v.Conflicts, v.Gaps, v.Seq, v.Parked} },
	Terms:    Terms{Horizon: 100, Window: 10, Future: 50, Spare: -1},
}

// runs is the same, kept as runs of lines over the whole history.
var runs = func() Model[diary] {
	m := diaries
	m.Name, m.Apply, m.Terms.Lines = "runs", writeRuns, 5
	return m
}()

// fine is the same in milliseconds: a record carries those of its second as the attempt of its delivery.
var fine = func() Model[diary] {
	m := diaries
	m.Name, m.Terms.PerSecond, m.Terms.Spare = "fine", 1000, 3
	m.When = func(r Record) int64 { return r.Event.Date*1000 + int64(r.Event.Delivery.Attempt) }
	m.Same = func(r Record) events.ID {
		id := r.Event.ID()
		id[0], id[1] = byte(r.Event.Delivery.Attempt>>8), byte(r.Event.Delivery.Attempt)
		return id
	}
	return m
}()

// page is a document that leaves nothing out.
type page struct {
	Ref       events.Ref
	Value     diary
	History   []Line
	Conflicts int
	Gaps      int
	Seq       Seq
	Parked    *Parked
}

func keyOf(kind string) func(Record) (events.Ref, bool) {
	return func(r Record) (events.Ref, bool) { return r.Event.Ref, r.Event.Ref.Kind == kind }
}

// poison is the type on which the toys panic.
const poison events.Type = "POISON"

// write adds a line for every record.
func write(d diary, m Moment, h *History) diary {
	return scribble(d, m, func(l Line) { h.Add(l) })
}

// writeRuns adds two deliveries for every record.
func writeRuns(d diary, m Moment, h *History) diary {
	return scribble(d, m, func(l Line) { h.AddRun(l, 2) })
}

func scribble(d diary, m Moment, add func(Line)) diary {
	for _, rec := range m.Records {
		e := rec.Event
		l := Line{Date: e.Date, Event: string(e.Type), Machine: "status", Verdict: verdictOf(e.Type), From: d.Status}
		switch e.Basis() {
		case events.Claim:
			d.Status = string(e.Type)
		case events.Observation:
			d.Eye = string(e.Data)
		case events.Local:
			l.Machine = ""
		}
		l.To = d.Status
		add(l)
		if e.Type == poison {
			panic("it is poisoned")
		}
	}
	d.Sum = chain(d.Sum, m)
	return d
}

var claimTypes = []events.Type{"ON", "OFF", "STRANGE"}

// verdictOf makes some lines count.
func verdictOf(t events.Type) fsm.Verdict {
	switch t {
	case "ON":
		return fsm.Gap
	case "STRANGE":
		return fsm.Conflict
	default:
		return fsm.Noted
	}
}

func chain(sum uint64, m Moment) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, sum, m.Time)
	for _, part := range [][]Record{m.Records, slices.Collect(m.Recent())} {
		for _, rec := range part {
			_, _ = fmt.Fprint(h, rec.Event.ID(), rec.Event.Delivery.Attempt)
		}
		_, _ = fmt.Fprint(h, "|")
	}
	return h.Sum64()
}

// light is a value with one machine, as most models are.
type light struct {
	Power Region `json:"power"`
}

type power uint8

var powerMachine = fsm.Must[power, struct{}](fsm.Spec[struct{}]{
	Name: "power", Version: 1, States: []string{"ON", "OFF"}, Events: []string{"ON", "OFF"},
	Cells: []fsm.Cell{
		{From: "", Event: "ON", Verdict: fsm.First, Next: "ON", Reason: "It is on."},
		{From: "", Event: "OFF", Verdict: fsm.First, Next: "OFF", Reason: "It is off."},
		{From: "ON", Event: "ON", Verdict: fsm.Duplicate, Next: "ON", Reason: "It was on."},
		{From: "ON", Event: "OFF", Verdict: fsm.Applied, Next: "OFF", Reason: "It goes off."},
		{From: "OFF", Event: "ON", Verdict: fsm.Applied, Next: "ON", Reason: "It goes on."},
		{From: "OFF", Event: "OFF", Verdict: fsm.Duplicate, Next: "OFF", Reason: "It was off."},
	},
})

var lightMachines = NewMachines(nil, nil,
	Follow("power", powerMachine, func(l *light) *Region { return &l.Power }, Ways[light, power, struct{}]{}))

var lights = Model[light]{
	Name: "lights", Version: 1, Kind: "light",
	Key: keyOf("light"), Apply: lightMachines.Apply, Values: lightMachines.Values,
	Document: func(v View[light]) any { return v },
}

// said makes an event about a diary.
func event(t events.Type, id string, date int64) events.Event {
	e := events.Event{Type: t, Ref: events.Ref{Source: "test", Kind: "diary", ID: id}, Date: date}
	if t == events.Observed {
		e.Data = json.RawMessage(`{"values":{"status":"ON"}}`)
	}
	return e
}

// logged numbers events as a log does that stores one a second, late enough for all.
func logged(es ...events.Event) []Record {
	out := make([]Record, len(es))
	for i, e := range es {
		out[i] = Record{Seq: Seq(i + 1), Time: time.Unix(start+1_000_000+int64(i), 0).UTC(), Event: e}
	}
	return out
}

// nth is an event as the n-th record of a log.
func nth(n int, e events.Event) Record {
	rec := logged(e)[0]
	rec.Seq = Seq(n)
	return rec
}
