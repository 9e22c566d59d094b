package projections

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// reread is the resource as a store gives it back.
func reread(t require.TestingT, o *owned[diary]) *owned[diary] {
	r, err := restore(o.model, o.ref, []byte(state(t, o)))
	require.NoError(t, err)
	return &owned[diary]{resource: r}
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
			wantFate, want := kept.owned.fold(rec)
			gotFate, got := stored.owned.fold(rec)
			require.Equal(rt, wantFate, gotFate)
			require.Equal(rt, want, got)
			require.Equal(rt, state(rt, kept.owned), state(rt, stored.owned))
			if rapid.Bool().Draw(rt, "store") && len(kept.owned.records) > 0 { // a row of nothing is never written
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

func TestCodec_WhatIsNotAStateIsAnError(t *testing.T) {
	t.Parallel()
	p := newPair(diaries, "d")
	for _, rec := range logged(event("ON", "d", start), event("OFF", "d", start+95), event("OFF", "d", start+101)) {
		p.add(t, rec)
	}
	good := state(t, p.owned)
	change := func(f func(map[string]any)) string {
		var s map[string]any
		require.NoError(t, json.Unmarshal([]byte(good), &s))
		f(s)
		b, err := json.Marshal(s)
		require.NoError(t, err)
		return string(b)
	}
	for name, bytes := range map[string]string{
		"nothing":          "",
		"half":             good[:len(good)/2],
		"more":             good + "}",
		"null":             "null",
		"another object":   "{}",
		"text":             `"state"`,
		"folded too many":  change(func(s map[string]any) { s["folded"] = 9 }),
		"folded below 0":   change(func(s map[string]any) { s["folded"] = -1 }),
		"folded, no base":  change(func(s map[string]any) { delete(s, "base"); s["folded"] = 1 }),
		"a number as date": change(func(s map[string]any) { s["newest"] = "yesterday" }),
		"out of order": change(func(s map[string]any) {
			rs := s["records"].([]any)
			rs[0], rs[1] = rs[1], rs[0]
		}),
		"a record that the model fails on": change(func(s map[string]any) {
			rs := s["records"].([]any)
			rs[1].(map[string]any)["event"].(map[string]any)["Type"] = string(poison)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := restore(p.owned.model, p.owned.ref, []byte(bytes))
			require.Error(t, err)
			assert.ErrorContains(t, err, `stored state of diary "d" cannot be read, rebuild the read model`)
		})
	}
}
