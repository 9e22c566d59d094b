package projections

import (
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
)

// reread is the resource as a store gives it back.
func reread(t require.TestingT, o *owned[diary]) *owned[diary] {
	r, err := restore(&o.model.desk, o.of, o.id, []byte(state(t, o)))
	require.NoError(t, err)
	return ownerOf(r)
}

func TestLaw10_AResourceThatWasStoredAtAnyMomentBehavesAsIfItNeverWas(t *testing.T) {
	t.Parallel()
	eachToy(t, func(rt *rapid.T, m Model[diary]) {
		kept, stored := newPair(m, "d"), newPair(m, "d")
		var past []Record
		for range rapid.IntRange(1, 20).Draw(rt, "records") {
			rec := drawRecord(rt, past)
			if rapid.IntRange(0, 30).Draw(rt, "poison") == 0 {
				rec.Event.Type = poison
			}
			past = append(past, rec)
			wantFate, want := fold(kept.owned, rec)
			gotFate, got := fold(stored.owned, rec)
			require.Equal(rt, wantFate, gotFate)
			require.Equal(rt, want, got)
			require.Equal(rt, state(rt, kept.owned), state(rt, stored.owned))
			if rapid.Bool().Draw(rt, "store") && len(kept.owned.held) > 0 { // a row of nothing is never written
				stored.owned = reread(rt, stored.owned)
			}
			require.Equal(rt, kept.owned.value, stored.owned.value)
			require.Equal(rt, kept.owned.row().Index, stored.owned.row().Index)
			w, wantErr := kept.owned.view(AsOf{})
			g, gotErr := stored.owned.view(AsOf{})
			require.Equal(rt, wantErr, gotErr)
			kept.agree(rt, g, w)
		}
	})
}

// kept is a resource with a base, records that it only looks back at, ties, own data and arrivals.
func kept(t require.TestingT, m Model[diary]) *owned[diary] {
	p := newPair(m, "d")
	for i, e := range []events.Event{
		event("ON", "d", start), event("OFF", "d", start+95), event(events.Observed, "d", start+96), event("ON", "d", start+96),
		event("OFF", "d", start+101), event(events.Tick, "d", start+102), event("STRANGE", "d", start-1+110),
	} {
		rec := logged(e)[0]
		rec.Seq = Seq(3*i + 2)
		rec.Event.Delivery = events.Delivery{Origin: events.Webhook, Received: start*1000 + int64(i), Replica: "a", Attempt: uint64(i * i)}
		p.add(t, rec)
	}
	return p.owned
}

func TestCodec_WhatIsNotAStateIsAnError(t *testing.T) {
	t.Parallel()
	spoilt := func(spoil func(*owned[diary])) string {
		o := kept(t, diaries)
		spoil(o)
		return state(t, o)
	}
	good := state(t, kept(t, diaries))
	for name, bytes := range map[string]string{
		"nothing":         "",
		"more":            good + "}",
		"JSON":            `{"seq":1}`,
		"another version": "\x02" + good[1:],
		"no records":      spoilt(func(o *owned[diary]) { o.resource = newResource(o.of, o.id) }),
		"folded too many": spoilt(func(o *owned[diary]) { o.folded = 9 }),
		"folded below 0":  spoilt(func(o *owned[diary]) { o.folded = -1 }),
		"folded, no base": spoilt(func(o *owned[diary]) { o.rare = nil; o.folded = 1 }),
		"out of order": spoilt(func(o *owned[diary]) {
			o.held[0], o.held[1] = o.held[1], o.held[0]
		}),
		"twice": spoilt(func(o *owned[diary]) {
			o.held[1] = o.held[0]
		}),
		"of another time": spoilt(func(o *owned[diary]) {
			o.held[1].what = &what{typ: "OFF", own: &own{ref: o.ref(), date: 1}}
		}),
		"a record that the model fails on": spoilt(func(o *owned[diary]) {
			o.held[len(o.held)-1].what = &what{typ: poison}
		}),
		"a newest time that no record has":     spoilt(func(o *owned[diary]) { o.rare, o.folded = nil, 0; o.newest++ }),
		"a line with no verdict that there is": spoilt(func(o *owned[diary]) { o.base().History.Lines = []Line{{Verdict: fsm.Noted + 1}} }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := kept(t, diaries)
			_, err := restore(&o.model.desk, o.of, o.id, []byte(bytes))
			require.Error(t, err)
			assert.ErrorContains(t, err, `stored state of diary "d" cannot be read, rebuild the read model`)
		})
	}
}

// damaged restores bytes and demands that they are refused, or are exactly what would be written again.
func damaged(t require.TestingT, m Model[diary], b []byte) {
	m = m.filled()
	r, err := restore(&desk[diary]{kinds: kinds{}}, &family[diary]{model: &m, source: "test", kind: "diary"}, "d", b)
	if err != nil {
		require.Nil(t, r)
		return
	}
	again, err := r.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, b, again)
	o := ownerOf(r)
	fold(o, nth(1_000_000, event("ON", "d", start+5000))) // and it can be worked on
	_, _ = o.document(AsOf{})
}

func TestCodec_WhereverARowIsDamagedItIsRefusedOrReadsAsItSays(t *testing.T) {
	t.Parallel()
	for _, m := range []Model[diary]{diaries, fine, fewRuns} {
		good := []byte(state(t, kept(t, m)))
		for i := range good {
			damaged(t, m, good[:i])
			for _, bit := range []int{0, 1, 2, 7} {
				bad := slices.Clone(good)
				bad[i] ^= 1 << bit
				damaged(t, m, bad)
			}
		}
	}
}

func FuzzRestore(f *testing.F) {
	for _, m := range toyModels {
		f.Add([]byte(state(f, kept(f, m))))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, m := range toyModels {
			damaged(t, m, b)
		}
	})
}

var update = flag.Bool("update", false, "write the golden files anew")

// The bytes of a row stay readable from one release to the next: a new layout has a new version, and a test of its own.
func TestCodec_TheBytesOfARowAreThoseOfItsVersion(t *testing.T) {
	t.Parallel()
	for _, m := range []Model[diary]{diaries, runs, fine} {
		file := filepath.Join("testdata", "golden", fmt.Sprintf("row-v%d-%s.hex", rowVersion, m.Name))
		got := hex.Dump([]byte(state(t, kept(t, m))))
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err, "run the test with -update to write it")
		assert.Equal(t, string(want), got, m.Name)
	}
}

func TestCodec_ABareClaimTakesAFewBytes(t *testing.T) {
	t.Parallel()
	p := newPair(diaries, "d")
	p.add(t, nth(1, event("ON", "d", start)))
	one := len(state(t, p.owned))
	for i := 2; i <= 5; i++ {
		p.add(t, nth(i, event("ON", "d", start+int64(i))))
	}
	assert.LessOrEqual(t, len(state(t, p.owned))-one, 4*5)
}

func TestCodec_ManyTextsAreWrittenOnceEach(t *testing.T) {
	t.Parallel()
	var w wireWriter
	for range 2 {
		for i := range 100 {
			w.text(strconv.Itoa(i))
		}
	}
	in := newWireReader(w.b)
	for i := range 200 {
		require.Equal(t, strconv.Itoa(i%100), in.text())
	}
	require.NoError(t, in.err)
	require.Zero(t, in.left())
	require.Len(t, in.texts, 100)
}
