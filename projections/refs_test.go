package projections

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
)

// holds checks that a set holds these references and keeps its form.
func holds(t require.TestingT, r *refs, want map[events.Ref]bool) {
	var all []events.Ref
	for _, b := range r.blocks {
		require.NotEmpty(t, b)
		require.Less(t, len(b), blockful)
		all = append(all, b...)
	}
	require.Len(t, all, len(want))
	require.True(t, slices.IsSortedFunc(all, compareRefs))
	for _, ref := range all {
		require.True(t, want[ref])
	}
}

func TestRefs_TellsEverythingThatFollowsWhateverCameAndWent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ref := func(label string) events.Ref {
			return refOf("s", fmt.Sprintf("%04d", rapid.IntRange(0, 3000).Draw(t, label)))
		}
		want := map[events.Ref]bool{}
		for range rapid.IntRange(0, 1500).Draw(t, "first") {
			want[refOf("s", fmt.Sprintf("%04d", len(want)*2))] = true
		}
		var given []events.Ref
		for r := range want {
			given = append(given, r)
		}
		r := newRefs(given)
		for range rapid.IntRange(0, 200).Draw(t, "changes") {
			if x := ref("ref"); rapid.Bool().Draw(t, "add") {
				r.add(x)
				want[x] = true
			} else {
				r.remove(x)
				delete(want, x)
			}
		}
		holds(t, r, want)
		after, n := ref("after"), rapid.IntRange(0, 700).Draw(t, "n")
		var rest []events.Ref
		for x := range want {
			if compareRefs(x, after) > 0 {
				rest = append(rest, x)
			}
		}
		slices.SortFunc(rest, compareRefs)
		require.Equal(t, append([]events.Ref(nil), rest[:min(n, len(rest))]...), r.after(after, n))
	})
}

func TestRefs_BlocksStayShortWhateverTheOrder(t *testing.T) {
	t.Parallel()
	for name, order := range map[string]func(i int) int{
		"rising": func(i int) int { return i }, "falling": func(i int) int { return 5000 - i }, "mixed": func(i int) int { return i * 7919 % 5003 },
	} {
		r, want := &refs{}, map[events.Ref]bool{}
		for i := range 5000 {
			x := refOf("s", fmt.Sprintf("%05d", order(i)))
			r.add(x)
			r.add(x)
			want[x] = true
		}
		holds(t, r, want)
		for x := range want {
			r.remove(x)
		}
		holds(t, r, nil)
		assert.Empty(t, r.after(events.Ref{}, 10), name)
	}
}

// TestList_KeepsUpWithRowsThatComeAndChangeTheirKeys compares lists that were made early with those of a store that is
// asked for the first time at the end.
func TestList_KeepsUpWithRowsThatComeAndChangeTheirKeys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		early, late := NewMemoryStore(), NewMemoryStore()
		questions := []Query{{Model: "m"}, {Model: "m", Index: "user", Value: "u"}, {Model: "m", Index: "user", Value: "v"}, {Model: "m", Index: "user"}}
		ask := func(s Store) (answers []Page) {
			for _, q := range questions {
				p, err := s.List(context.Background(), q)
				require.NoError(t, err)
				answers = append(answers, p)
			}
			return answers
		}
		var at Checkpoint
		for range rapid.IntRange(1, 30).Draw(t, "commits") {
			if rapid.Bool().Draw(t, "asked") {
				ask(early)
			}
			c := Commit{Model: "m", From: at, To: Checkpoint{Position: Position{Seq: at.Position.Seq + 1}}}
			for range rapid.IntRange(0, 3).Draw(t, "rows") {
				row := Row{Ref: refOf("s", rapid.StringMatching(`[a-e]`).Draw(t, "id")), Seq: c.To.Position.Seq}
				if user := rapid.SampledFrom([]string{"", "u", "v"}).Draw(t, "user"); user != "" {
					row.Index = map[string]string{"user": user}
				}
				c.Rows = append(c.Rows, row)
			}
			require.NoError(t, early.Commit(context.Background(), c))
			require.NoError(t, late.Commit(context.Background(), c))
			at = c.To
		}
		require.Equal(t, ask(late), ask(early))
	})
}

func TestList_AnyLimitIsALimit(t *testing.T) {
	t.Parallel()
	s := many(t, 150)
	for limit, want := range map[int]int{math.MaxInt: 150, 150: 150, 149: 149} {
		p, err := s.List(context.Background(), Query{Model: "m", Limit: limit})
		require.NoError(t, err)
		assert.Len(t, p.Rows, want)
		assert.Equal(t, want == 150, p.Next == "")
	}
}
