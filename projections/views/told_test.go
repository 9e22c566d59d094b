package views_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// t0 is some time long after zero, so that every distance below is a date.
const t0 = 1_743_600_000

const day = 24 * 3600

// claim is a notification about session "s", user "u" or whatever the type names.
func claim(t events.Type, date int64) events.Event {
	id := map[string]string{mangopay.KindSession: "s", mangopay.KindUser: "u"}[mangopay.Kind(t)]
	if id == "" {
		id = "other"
	}
	return mangopay.Notification{Type: t, ResourceID: id, Date: date}.Event("")
}

// says is a reading: pairs of machine and value, or attribute and value after a "+".
func says(kind string, date int64, pairs ...string) events.Event {
	r := events.Reading{Values: map[string]string{}, Attributes: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		if name, ok := strings.CutPrefix(pairs[i], "+"); ok {
			r.Attributes[name] = pairs[i+1]
		} else {
			r.Values[pairs[i]] = pairs[i+1]
		}
	}
	return observed(kind, date, r)
}

func observed(kind string, date int64, r events.Reading) events.Event {
	data, err := events.Canonical(r)
	if err != nil {
		panic(err)
	}
	id := map[string]string{mangopay.KindSession: "s", mangopay.KindUser: "u"}[kind]
	return events.Event{Type: events.Observed, Ref: events.Ref{Source: mangopay.Source, Kind: kind, ID: id}, Date: date, Data: data}
}

// tick says that it is a time.
func tick(kind, id string, date int64) events.Event {
	return events.Event{Type: events.Tick, Ref: events.Ref{Source: mangopay.Source, Kind: kind, ID: id}, Date: date}
}

// told is a document as a reader sees it.
type told struct {
	fields  map[string]any
	History []projections.Line `json:"history"`
}

func (d told) text(name string) string { return fmt.Sprint(d.fields[name]) }

// moves renders the history as "machine verdict from→to".
func (d told) moves() []string {
	out := []string{}
	for _, l := range d.History {
		out = append(out, fmt.Sprintf("%s %s %s→%s", l.Machine, l.Verdict, l.From, l.To))
	}
	return out
}

// tell folds events into the documents that they make, in three orders with repetitions, which must not matter (law 3).
func tell(t *testing.T, es ...events.Event) map[string]told {
	return tellAt(t, projections.AsOf{}, es...)
}

func tellAt(t *testing.T, at projections.AsOf, es ...events.Event) map[string]told {
	t.Helper()
	var first string
	for seed := range uint64(3) {
		docs, err := projections.Documents(views.All(), shuffled(seed, es), at)
		require.NoError(t, err)
		var all strings.Builder
		for _, d := range docs {
			all.WriteString(string(d.JSON) + "\n")
		}
		if seed == 0 {
			first = all.String()
		}
		require.Equal(t, first, all.String(), "law 3: order %d gives other documents", seed)
	}
	return parse(t, first)
}

// shuffled repeats and shuffles; seed 0 leaves everything as it is.
func shuffled(seed uint64, es []events.Event) []projections.Record {
	var out []projections.Record
	for _, e := range es {
		out = append(out, projections.Record{Event: e})
	}
	if seed == 0 {
		return out
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	out = append(out, out[:rnd.IntN(len(out)+1)]...)
	rnd.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func parse(t *testing.T, lines string) map[string]told {
	t.Helper()
	out := map[string]told{}
	for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
		if line == "" {
			continue
		}
		var d told
		require.NoError(t, json.Unmarshal([]byte(line), &d))
		require.NoError(t, json.Unmarshal([]byte(line), &d.fields))
		out[d.text("kind")] = d
	}
	return out
}

func session(t *testing.T, es ...events.Event) told {
	t.Helper()
	return tell(t, es...)[mangopay.KindSession]
}
func user(t *testing.T, es ...events.Event) told {
	t.Helper()
	return tell(t, es...)[mangopay.KindUser]
}

// running is a projector over a memory log whose clock the test sets.
type running struct {
	log   *projections.MemoryLog
	store *projections.MemoryStore
	proj  *projections.Projector
	now   time.Time
	seen  []seen
}

// seen is what the projector told of one record.
type seen struct {
	model string
	seq   projections.Seq
	fate  projections.Fate
	made  []projections.Transition
}

func (r *running) Folded(model string, rec projections.Record, did projections.Effect) {
	r.seen = append(r.seen, seen{model, rec.Seq, did.Fate, slices.Clone(did.Transitions)})
}
func (r *running) Ignored(projections.Record)                    {}
func (r *running) Committed(projections.Commit)                  {}
func (r *running) Parked(string, events.Ref, projections.Parked) {}

func newRunning(t *testing.T, now int64, models ...projections.AnyModel) *running {
	t.Helper()
	if models == nil {
		models = views.All()
	}
	r := &running{store: projections.NewMemoryStore(), now: time.Unix(now, 0)}
	r.log = projections.NewMemoryLog("test", func() time.Time { return r.now }, 0)
	var err error
	r.proj, err = projections.New(projections.Config{Log: r.log, Store: r.store, Models: models, Observe: r})
	require.NoError(t, err)
	return r
}

// put appends events, each with a stream timestamp equal to its date unless the clock was set ahead.
func (r *running) put(t *testing.T, es ...events.Event) {
	t.Helper()
	for _, e := range es {
		_, err := r.log.Append(context.Background(), e)
		require.NoError(t, err)
	}
}

// run folds all that was put.
func (r *running) run(t *testing.T) {
	t.Helper()
	head, err := r.log.Head(context.Background())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- r.proj.Run(ctx) }()
	require.NoError(t, r.proj.Wait(context.Background(), head.Seq))
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}

// doc reads a document back, live.
func (r *running) doc(t *testing.T, m projections.AnyModel, id string) told {
	t.Helper()
	d, err := projections.ReadDocument(context.Background(), r.store, m, mangopay.Source, id, projections.AsOf{})
	require.NoError(t, err)
	return parse(t, string(d.JSON))[m.Singular()]
}

// fates lists what became of the records at one model.
func (r *running) fates(m projections.AnyModel) []projections.Fate {
	var out []projections.Fate
	for _, s := range r.seen {
		if s.model == m.ID() {
			out = append(out, s.fate)
		}
	}
	return out
}
