package projections

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
)

// naive is the fold as the rules tell it, without a thought for speed: it keeps every record for ever, judges each with
// numbers that cannot overflow, and folds all of them from nothing whenever it is asked.
type naive struct {
	model    Model[diary]
	ref      events.Ref
	admitted []Record
}

// admit judges a record by fold rules 1 and 3.
func (n *naive) admit(rec Record) Fate {
	t := n.model.Terms
	if t.Future >= 0 && rec.Event.Basis() == events.Claim && !rec.Time.IsZero() && rec.Event.Date-rec.Time.Unix() > t.Future {
		return TooNew
	}
	rec = n.model.Keep(rec)
	if h := n.horizon(n.admitted); h != nil && big.NewInt(n.model.When(rec)).Cmp(h) < 0 {
		return TooOld
	}
	for _, old := range n.admitted {
		if n.model.Same(old) == n.model.Same(rec) {
			return Copy
		}
	}
	n.admitted = append(n.admitted, rec)
	return Admitted
}

// horizon is the first time that is not behind: that of the n-th newest record, or later the newest time that a record
// advanced to, less the model's horizon; nil: there is neither.
func (n *naive) horizon(recs []Record) *big.Int {
	old := n.oldest(recs)
	if most := n.model.Terms.Newest; most > 0 && len(recs) >= most {
		var times []int64
		for _, rec := range recs {
			times = append(times, n.model.When(rec))
		}
		slices.Sort(times)
		if nth := big.NewInt(times[len(times)-most]); old == nil || nth.Cmp(old) > 0 {
			return nth
		}
	}
	return old
}

// oldest is the newest time that an admitted record advanced to, less the model's horizon; nil: none did.
func (n *naive) oldest(recs []Record) *big.Int {
	var newest *int64
	for _, rec := range recs {
		if w := n.model.When(rec); n.model.Advances(rec) && (newest == nil || w > *newest) {
			newest = &w
		}
	}
	if newest == nil {
		return nil
	}
	return new(big.Int).Sub(big.NewInt(*newest), n.ticks(n.model.Terms.Horizon))
}

// ticks is a number of seconds in the model's resolution.
func (n *naive) ticks(seconds int64) *big.Int {
	return new(big.Int).Mul(big.NewInt(seconds), big.NewInt(n.model.Terms.PerSecond))
}

// view folds what was admitted by fold rules 5 and 20.
func (n *naive) view(recs []Record) View[diary] {
	recs = n.sorted(recs)
	horizon := n.horizon(recs)
	out := View[diary]{Ref: n.ref}
	hidden, shown := History{keep: all}, History{keep: all}
	count, last, digest := 0, int64(0), [32]byte{}
	for _, m := range n.moments(recs) {
		h := &shown
		if horizon != nil && big.NewInt(m.Time).Cmp(horizon) < 0 {
			h = &hidden
			for _, rec := range m.Records {
				id := n.model.Same(rec)
				count, last, digest = count+1, m.Time, sha256.Sum256(append(digest[:], id[:]...))
			}
		}
		if n.model.Terms.Lines > 0 {
			h = &shown
		}
		out.Value = n.model.Apply(out.Value, m, h)
	}
	for _, rec := range recs {
		out.Seq = max(out.Seq, rec.Seq)
	}
	out.History = shown.Lines
	if keep := n.model.Terms.Lines; keep > 0 {
		out.History = shown.Lines[max(0, len(shown.Lines)-keep):]
	} else if count > 0 {
		out.History = append([]Line{n.baseLine(count, last, digest)}, shown.Lines...)
	}
	out.Conflicts, out.Gaps = hidden.Conflicts+shown.Conflicts, hidden.Gaps+shown.Gaps
	out.known = hidden.Known || shown.Known
	return out
}

// sorted orders records by time, then identity (fold rule 5).
func (n *naive) sorted(recs []Record) []Record {
	recs = slices.Clone(recs)
	slices.SortFunc(recs, func(a, b Record) int {
		if c := big.NewInt(n.model.When(a)).Cmp(big.NewInt(n.model.When(b))); c != 0 {
			return c
		}
		ia, ib := n.model.Same(a), n.model.Same(b)
		return bytes.Compare(ia[:], ib[:])
	})
	return recs
}

func (n *naive) baseLine(count int, last int64, digest [32]byte) Line {
	seconds := new(big.Int).Div(big.NewInt(last), big.NewInt(n.model.Terms.PerSecond)).Int64() // Euclidean: downwards
	return Line{
		Date: seconds, Event: "hookfold.base", Verdict: verdictOf("hookfold.tick"),
		Why: fmt.Sprintf("%d earlier events, digest %x", count, digest),
	}
}

// moments groups sorted records and looks back from each group.
func (n *naive) moments(recs []Record) []Moment {
	var out []Moment
	for i, rec := range recs {
		when := n.model.When(rec)
		if i == 0 || n.model.When(recs[i-1]) != when {
			m := Moment{Time: when, past: &past{window: math.MaxUint64}} // Recent gives all that is put there
			from := new(big.Int).Sub(big.NewInt(when), n.ticks(max(n.model.Terms.Window, 0)))
			for _, old := range recs[:i] {
				if big.NewInt(n.model.When(old)).Cmp(from) > 0 {
					m.past.insert(m.past.len(), m.past.hold(&old, n.model.When(old), nil))
				}
			}
			out = append(out, m)
		}
		m := &out[len(out)-1]
		m.Records = append(m.Records, rec)
	}
	return out
}

// pair is a resource of the engine beside the naive one.
type pair struct {
	naive naive
	owned *owned[diary]
}

func newPair(m Model[diary], id string) *pair {
	f := m.fill()
	ref := events.Ref{Source: "test", Kind: m.Kind, ID: id}
	o := f.fresh(ref).(*owned[diary])
	o.unshare() // it begins
	return &pair{naive: naive{model: f.Model, ref: ref}, owned: o}
}

// fold adds a record alone.
func fold(f folder, rec Record) (Fate, []Transition) { return f.fold(rec, nil) }

// unpark lets a resource go on.
func unpark(o *owned[diary]) { o.change(func(x *rare[diary]) { x.parked = nil }) }

// given is the resource as a store holds it.
func given(o *owned[diary]) *resource[diary] { return o.row().State.(*resource[diary]) }

// ownerOf makes an owner of a resource that others hold too.
func ownerOf(r *resource[diary]) *owned[diary] {
	o := r.of.model.fill().fresh(r.ref()).(*owned[diary])
	if err := o.load(Row{Ref: r.ref(), State: r}); err != nil {
		panic(err)
	}
	return o
}

// add folds a record into both and demands one fate.
func (p *pair) add(t require.TestingT, rec Record) Fate {
	want := p.naive.admit(rec)
	got, _ := fold(p.owned, rec)
	require.Equal(t, want, got, "fate of %s at %d, sequence %d", rec.Event.Type, rec.Event.Date, rec.Seq)
	return got
}

// agree demands that both show the same.
func (p *pair) agree(t require.TestingT, got View[diary], want View[diary], why ...any) {
	require.Equal(t, document(t, p.naive.model, want), document(t, p.naive.model, got), why...)
	require.Equal(t, want.Known(), got.Known(), why...)
}

// document is what readers of a view get.
func document(t require.TestingT, m Model[diary], v View[diary]) string {
	if len(v.History) == 0 {
		v.History = nil
	}
	doc, err := m.render(v)
	require.NoError(t, err)
	return string(doc.JSON)
}

// toyModels are the models over which histories are tried.
var toyModels = []Model[diary]{diaries, runs, fine, advancing, few, fewRuns}

// few bounds what may change by number: short histories cross it.
var few = func() Model[diary] {
	m := diaries
	m.Name, m.Terms.Newest = "few", 5
	return m
}()

// fewRuns does so where every record counts as news and some are spared, as hooks do, and looks back at nothing.
var fewRuns = func() Model[diary] {
	m := runs
	m.Name, m.Advances = "few-runs", func(Record) bool { return true }
	m.Terms.Newest, m.Terms.Spare, m.Terms.Window = 4, 2, -1
	return m
}()

// advancing counts everything as news of the resource, as hooks do.
var advancing = func() Model[diary] {
	m := diaries
	m.Name, m.Advances = "advancing", func(Record) bool { return true }
	return m
}()

// drawRecord draws a record: mostly near the newest date so far, sometimes far from it, sometimes a copy.
func drawRecord(t *rapid.T, past []Record) Record {
	seq := Seq(len(past) + 1)
	if len(past) > 0 && rapid.IntRange(0, 5).Draw(t, "copy") == 0 {
		rec := rapid.SampledFrom(past).Draw(t, "of")
		rec.Seq = seq
		rec.Time = rec.Time.Add(1)
		return rec
	}
	typ := rapid.SampledFrom([]events.Type{"ON", "OFF", "STRANGE", events.Observed, events.Tick}).Draw(t, "type")
	date := start + rapid.OneOf(rapid.Int64Range(0, 30), rapid.Int64Range(0, 130), rapid.Int64Range(-200, 400)).Draw(t, "date")
	rec := logged(event(typ, "d", date))[0]
	rec.Seq = seq
	if rapid.IntRange(0, 20).Draw(t, "early") == 0 {
		rec.Time = rec.Time.Add(-1_000_000 * time.Second) // some dates are now ahead of their arrival
	}
	rec.Event.Delivery.Attempt = uint64(rapid.SampledFrom([]int{0, 0, 1, 999}).Draw(t, "ms"))
	return rec
}

// eachToy runs a property for every toy model.
func eachToy(t *testing.T, property func(*rapid.T, Model[diary])) {
	for _, m := range toyModels {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) { property(rt, m) })
		})
	}
}
