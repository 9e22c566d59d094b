package proptest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
)

func workerCases() []StoreCase {
	return []StoreCase{
		{"what one worker commits another reads", func(t TB, p StorePlace) {
			a, b := handOn(t, p.Open()), handOn(t, p.Open())
			rows := a.commit(projections.Commit{To: at(1, 1), Rows: []projections.Row{rowOf("a", 1)}})
			b.stands(0, at(1, 1))
			b.holds([]projections.Row{rowOf("a", 1)}, "a")
			next := rowOf("a", 2)
			next.Revision = rows[0].Revision
			b.commit(projections.Commit{From: at(1, 1), To: at(2, 2), Rows: []projections.Row{next}})
			a.stands(0, at(2, 2))
			a.holds([]projections.Row{rowOf("a", 2)}, "a")
		}},
		{"concurrent commits are linearizable: one slot", func(t TB, p StorePlace) { linearizable(t, p, 1) }},
		{"concurrent commits are linearizable: two slots", func(t TB, p StorePlace) { linearizable(t, p, 2) }},
		{"a projector that is stopped and taken over again and again gives what a fresh fold gives", stopped},
	}
}

// The load of linearizable.
const (
	workers = 4
	turns   = 40
)

// call is what one worker asked, and said what it was told.
type call struct {
	slot   int
	commit *projections.Commit // nil: it read
}

type told struct {
	fenced bool
	stands projections.Checkpoint // by a read
}

// lanes is the sequential model of slots: checkpoints that move by compare-and-set.
var lanes = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		var out [][]porcupine.Operation
		for _, op := range history {
			for len(out) <= op.Input.(call).slot {
				out = append(out, nil)
			}
			out[op.Input.(call).slot] = append(out[op.Input.(call).slot], op)
		}
		return out
	},
	Init: func() any { return projections.Checkpoint{} },
	Step: func(state, input, output any) (bool, any) {
		have, in, out := state.(projections.Checkpoint), input.(call), output.(told)
		switch {
		case in.commit == nil:
			return out.stands == have, have
		case out.fenced:
			return in.commit.From != have, have
		}
		return in.commit.From == have, in.commit.To
	},
	DescribeOperation: func(input, output any) string {
		in, out := input.(call), output.(told)
		if in.commit == nil {
			return fmt.Sprintf("slot %d: read %d/%d", in.slot, out.stands.Position.Seq, out.stands.Epoch)
		}
		return fmt.Sprintf("slot %d: %d/%d → %d/%d fenced=%t", in.slot, in.commit.From.Position.Seq, in.commit.From.Epoch,
			in.commit.To.Position.Seq, in.commit.To.Epoch, out.fenced)
	},
}

// history records what workers do, on one clock.
type history struct {
	began time.Time
	mu    sync.Mutex
	ops   []porcupine.Operation
}

func (h *history) record(worker int, in call, do func() told) told {
	begin := time.Since(h.began)
	out := do()
	end := time.Since(h.began)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: worker, Input: in, Call: int64(begin), Output: out, Return: int64(end)})
	return out
}

// linearizable lets workers contend for slots, and looks for one order of all that they did and were told. They begin
// every turn together, so that what one of them knows grows old while it waits for the others.
func linearizable(t TB, p StorePlace, slots int) {
	h := &history{began: time.Now()}
	all := make([]*contender, workers)
	for w := range all {
		all[w] = &contender{handOn(t, p.Open()), h, w, rand.New(rand.NewPCG(uint64(w), uint64(slots))), map[int]projections.Checkpoint{}, map[int]projections.Seq{}}
	}
	for range turns {
		faults := make([]error, workers)
		var together sync.WaitGroup
		for w, c := range all {
			together.Go(func() { faults[w] = c.turn(slots) })
		}
		together.Wait()
		require.NoError(t, errors.Join(faults...))
	}
	require.GreaterOrEqual(t, len(h.ops), workers*turns)
	result := porcupine.CheckOperationsTimeout(lanes, h.ops, 20*time.Second)
	require.Equal(t, porcupine.Ok, result, "no order of these %d calls explains what was told", len(h.ops))
}

// contender is one worker among several.
type contender struct {
	hand
	log     *history
	number  int
	rng     *rand.Rand
	holds   map[int]projections.Checkpoint // the slots that it believes to hold
	highest map[int]projections.Seq        // of each slot's row, as it has seen it
}

// turn takes a slot over, commits to one that the worker believes to hold, or reads.
func (c *contender) turn(slots int) error {
	slot := c.rng.IntN(slots)
	_, holds := c.holds[slot]
	switch n := c.rng.IntN(8); {
	case n == 0:
		_, err := c.read(slot)
		return err
	case n == 1 || !holds:
		return c.takeOver(slot)
	}
	return c.write(slot)
}

// read reads where a slot stands.
func (c *contender) read(slot int) (out told, err error) {
	return c.log.record(c.number, call{slot: slot}, func() told {
		out.stands, err = c.store.Checkpoint(c.ctx, model, slot)
		return out
	}), err
}

// takeOver raises the epoch of a slot.
func (c *contender) takeOver(slot int) error {
	seen, err := c.read(slot)
	if err != nil {
		return err
	}
	to := seen.stands
	to.Epoch++
	return c.commit(projections.Commit{Slot: slot, From: seen.stands, To: to})
}

// write commits the next version of the slot's row.
func (c *contender) write(slot int) error {
	id, from := fmt.Sprint("row", slot), c.holds[slot]
	rows, err := c.store.Load(c.ctx, model, []events.Ref{thing(id)})
	if err != nil {
		return err
	}
	var have projections.Row
	if len(rows) > 0 {
		have = rows[0]
	}
	if have.Seq < c.highest[slot] {
		return fmt.Errorf("%s went back from %d to %d", id, c.highest[slot], have.Seq)
	}
	c.highest[slot] = have.Seq
	to := at(max(from.Position.Seq, have.Seq)+projections.Seq(1+c.rng.IntN(3)), from.Epoch)
	next := rowOf(id, to.Position.Seq)
	next.Revision = have.Revision
	return c.commit(projections.Commit{Slot: slot, From: from, To: to, Rows: []projections.Row{next}})
}

// commit records a commit and what it means for who holds the slot.
func (c *contender) commit(want projections.Commit) (err error) {
	want.Model = model
	in := want
	done := c.log.record(c.number, call{want.Slot, &in}, func() told {
		err = c.store.Commit(c.ctx, want)
		return told{fenced: err != nil}
	})
	if errors.Is(err, projections.ErrFenced) {
		err = nil
	}
	delete(c.holds, want.Slot)
	if !done.fenced {
		c.holds[want.Slot] = want.To
	}
	return err
}

// heard is the value of the model with which projectors are tried.
type heard struct{ Events, Sum int64 }

var counts = projections.Model[heard]{
	Name: "counts", Version: 1, Kind: "k",
	Key: func(r projections.Record) (events.Ref, bool) { return r.Event.Ref, r.Event.Ref.Kind == "k" },
	Apply: func(c heard, m projections.Moment, h *projections.History) heard {
		h.Known = true
		for _, r := range m.Records {
			c.Events++
			c.Sum = c.Sum*31 + r.Event.Date
			h.Add(projections.Line{Date: r.Event.Date, Event: string(r.Event.Type), Verdict: fsm.Noted, Why: "It was said."})
		}
		return c
	},
	Document: func(v projections.View[heard]) any { return v },
}

// stopped folds one log by many projectors, one after the other, and beside each other.
func stopped(t TB, p StorePlace) {
	rng := rand.New(rand.NewPCG(1, 2))
	a := arrival{stored: time.Unix(1_700_001_000, 0), sizes: []int{7, 1, 30}}
	for i := range 400 {
		a.events = append(a.events, events.Event{Type: "SAID", Ref: thing(fmt.Sprint(rng.IntN(23))), Date: 1_700_000_000 + rng.Int64N(900) + int64(i)})
	}
	stores := []projections.Store{p.Open(), p.Open()}
	for n := 0; n < len(a.events); n += rng.IntN(60) {
		runTo(t, stores[rng.IntN(2)], a, n)
	}
	runTo(t, stores[0], a, len(a.events))
	want, err := projections.Documents([]projections.AnyModel{counts}, a.tape(len(a.events)).records, projections.AsOf{})
	require.NoError(t, err)
	require.Len(t, want, 23)
	for _, doc := range want {
		have, err := projections.ReadDocument(context.Background(), stores[1], counts, doc.Ref.Source, doc.Ref.ID, projections.AsOf{})
		require.NoError(t, err)
		require.Equal(t, string(doc.JSON), string(have.JSON))
	}
}

// runTo folds the first n events that are not folded yet.
func runTo(t TB, s projections.Store, a arrival, n int) {
	t.Helper()
	proj, err := projections.New(projections.Config{Log: a.tape(n), Store: s, Models: []projections.AnyModel{counts}})
	require.NoError(t, err)
	require.ErrorIs(t, proj.Run(context.Background()), errEnd)
}
