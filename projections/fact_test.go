package projections

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
)

// book keeps facts once, and can fail in the middle of a batch of them, after some were kept.
type book struct {
	facts  []Fact
	known  map[string]bool
	again  int // facts that were published although they were there
	faults *faults
	stops  func(int) int // how many of a batch are kept before it fails; nil: it does not
}

func (b *book) Publish(_ context.Context, facts []Fact) error {
	if err := b.faults.next("publish"); err != nil {
		return err
	}
	stop := len(facts)
	if b.stops != nil {
		stop = b.stops(len(facts))
	}
	for _, f := range facts[:min(stop, len(facts))] {
		if b.known[f.Identity()] {
			b.again++
			continue
		}
		b.known[f.Identity()], b.facts = true, append(b.facts, f)
	}
	if stop < len(facts) {
		return errFault
	}
	return b.faults.next("published")
}

func newBook() *book { return &book{known: map[string]bool{}, faults: &faults{}} }

// inOrder are the transitions of facts by resource, in the order in which they were kept.
func inOrder(facts []Fact) map[events.Ref][]Transition {
	out := map[events.Ref][]Transition{}
	for _, f := range facts {
		out[f.Ref] = append(out[f.Ref], f.Transition)
	}
	return out
}

// moves are the transitions of records by resource, found by folding every prefix of what a projector admits.
func moves(t *testing.T, recs []Record) map[events.Ref][]Transition {
	w := &witness{}
	project(t, Config{Log: newTape(recs, 1), Store: NewMemoryStore(), Models: both, Observe: w})
	out := map[events.Ref][]Transition{}
	for _, m := range w.moved {
		out[m.Ref] = append(out[m.Ref], m)
	}
	return out
}

func TestRule22_EveryTransitionIsPublishedOnceWhateverFailsBetweenPublishAndCommit(t *testing.T) {
	t.Parallel()
	recs := traffic(60, 5)
	want := moves(t, recs)
	require.NotEmpty(t, want)
	run := func(fails func(int, string) bool) (calls, repeated int) {
		f, b := &faults{fails: fails}, newBook()
		b.faults = f
		log, store := newTape(recs, 7), &flaky{NewMemoryStore(), f}
		log.faults = f
		project(t, Config{Log: log, Store: store, Models: both, Retry: again, Facts: b})
		require.Equal(t, want, inOrder(b.facts))
		return f.calls, b.again
	}
	total, repeated := run(nil)
	require.Zero(t, repeated)
	for k := 1; k <= total; k++ {
		_, more := run(func(call int, _ string) bool { return call == k })
		repeated += more
	}
	require.Positive(t, repeated, "no failure was between publish and commit")
}

func TestRule22_RowsAheadOfTheirCheckpointNeverHideATransition(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		recs := traffic(150, seed)
		rng := rand.New(rand.NewPCG(seed, 4))
		b := newBook()
		b.stops = func(n int) int {
			if rng.IntN(3) == 0 {
				return rng.IntN(n + 1)
			}
			return n
		}
		store := &torn{&flaky{NewMemoryStore(), &faults{}}, rng}
		project(t, Config{Log: newTape(recs, 9), Store: store, Models: both, Retry: again, Facts: b})
		require.Equal(t, moves(t, recs), inOrder(b.facts), "seed %d", seed)
		require.Positive(t, b.again)
	}
}

func TestRule22_AFactSaysWhatMadeItAndWhetherItIsLate(t *testing.T) {
	t.Parallel()
	m := diaries
	m.Backed = func(d *diary, machine string) bool { return machine == "eye" && d.Eye != "" }
	recs := logged(event("ON", "d", start+20), event(events.Tick, "d", start+40), event("OFF", "d", start+30), event(events.Observed, "d", start+41))
	b := newBook()
	project(t, Config{Log: newTape(recs), Store: NewMemoryStore(), Models: []AnyModel{m}, Facts: b})
	type told struct {
		Seq                   Seq
		Event                 events.Type
		Date                  int64
		Machine               string
		Confirmed, Correction bool
	}
	var have []told
	for _, f := range b.facts {
		require.Equal(t, "diaries", f.Model)
		require.Equal(t, recs[f.Seq-1].Time, f.Time)
		have = append(have, told{f.Seq, f.Event, f.Date, f.Machine, f.Confirmed, f.Correction})
	}
	assert.Equal(t, []told{
		{1, "ON", start + 20, "status", false, false},
		{3, "OFF", start + 30, "status", false, true},
		{4, events.Observed, start + 41, "eye", true, false},
	}, have)
}

func TestFact_ReadsBackAsItWas(t *testing.T) {
	t.Parallel()
	f := Fact{
		Transition: Transition{Ref: events.Ref{Source: "s", Kind: "user", ID: "ü/1"}, Machine: "kyc", Seq: 7, From: "LIGHT", To: "<odd>"},
		Model:      "users", Event: "USER_KYC_REGULAR", Date: start, Time: time.Unix(start, 5).UTC(), Confirmed: true, Correction: true,
	}
	e, err := f.Encode()
	require.NoError(t, err)
	header, data, err := events.Encode(e)
	require.NoError(t, err)
	e, err = events.Decode(header, data)
	require.NoError(t, err)
	back, err := DecodeFact(e)
	require.NoError(t, err)
	assert.Equal(t, f, back)
	assert.Equal(t, "user/=C3=BC=2F1/kyc/7", back.Identity())
	for _, no := range []events.Event{{Type: "OTHER", Data: e.Data}, {Type: events.Transition}, {Type: events.Transition, Data: []byte(`{"seq":1}`)}} {
		_, err := DecodeFact(no)
		assert.ErrorIs(t, err, ErrFact)
	}
}

func TestNew_RefusesFactsOfTwoModelsOfOneKind(t *testing.T) {
	t.Parallel()
	c := Config{Log: newTape(nil), Store: NewMemoryStore(), Models: []AnyModel{diaries, runs}}
	_, err := New(c)
	require.NoError(t, err)
	c.Facts = newBook()
	_, err = New(c)
	assert.ErrorContains(t, err, `models "diaries_v1" and "runs_v1" are of one kind`)
	silent := runs
	silent.Values = nil
	c.Models = []AnyModel{silent, diaries}
	_, err = New(c)
	assert.NoError(t, err, "one of them tells nothing")
}

func TestPublish_IsTriedAgainWhereItFails(t *testing.T) {
	t.Parallel()
	b := newBook()
	b.faults.fails = func(int, string) bool { return true }
	p, err := New(Config{Log: newTape(logged(event("ON", "d", start))), Store: NewMemoryStore(), Models: []AnyModel{diaries}, Facts: b})
	require.NoError(t, err)
	err = p.Run(context.Background())
	assert.True(t, errors.Is(err, errFault), err)
	assert.ErrorContains(t, err, "publishing facts of diaries_v1 up to 1")
	assert.Zero(t, p.Applied())
}

func TestFact_IsWrittenAsTheLogWritesData(t *testing.T) {
	t.Parallel()
	for _, odd := range []string{"REGULAR", "<&>", "\u2028", "\x00\"\\", "\xff", `\ufffd`, "É"} {
		f := Fact{Transition: Transition{Ref: events.Ref{Source: "s", Kind: "user", ID: odd}, Machine: "kyc", Seq: 7, From: odd, To: odd}, Model: odd, Confirmed: true}
		e, err := f.Encode()
		require.NoError(t, err)
		want, err := events.Canonical(json.RawMessage(e.Data))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(e.Data))
	}
}
