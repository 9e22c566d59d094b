package proptest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

func commitCases() []StoreCase {
	return []StoreCase{
		{"a slot that never began stands at zero", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			h.stands(0, projections.Checkpoint{})
			h.stands(7, projections.Checkpoint{})
			require.Empty(t, h.load("a"))
		}},
		{"a checkpoint comes back to the nanosecond", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			h.commit(projections.Commit{To: at(0, 1)})
			h.stands(0, at(0, 1))
			h.commit(projections.Commit{From: at(0, 1), To: at(1<<40, 1)})
			h.stands(0, at(1<<40, 1))
		}},
		{"a commit without rows moves the checkpoint", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			h.commit(projections.Commit{To: at(3, 1), Rows: []projections.Row{rowOf("a", 3)}})
			h.commit(projections.Commit{From: at(3, 1), To: at(9, 1)})
			h.stands(0, at(9, 1))
			h.holds([]projections.Row{rowOf("a", 3)}, "a")
		}},
		{"a commit from anywhere else is fenced and the checkpoint stands", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			h.commit(projections.Commit{To: at(5, 2), Rows: []projections.Row{rowOf("a", 5)}})
			for _, from := range []projections.Checkpoint{{}, at(4, 2), at(6, 2), at(5, 1), at(5, 3), at(0, 2)} {
				h.fenced(projections.Commit{From: from, To: at(9, max(from.Epoch, 2)), Rows: []projections.Row{rowOf("a", 9), rowOf("b", 9)}})
				h.stands(0, at(5, 2))
			}
			require.GreaterOrEqual(t, h.load("a")["a"].Seq, projections.Seq(5), "no row goes back")
		}},
		{"a take-over fences whoever went on before", func(t TB, p StorePlace) {
			a, b := handOn(t, p.Open()), handOn(t, p.Open())
			a.commit(projections.Commit{To: at(0, 1)})
			rows := a.commit(projections.Commit{From: at(0, 1), To: at(5, 1), Rows: []projections.Row{rowOf("a", 5)}})
			b.commit(projections.Commit{From: at(5, 1), To: at(5, 2)})
			rows[0].Seq, rows[0].State = 6, rowOf("a", 6).State
			a.fenced(projections.Commit{From: at(5, 1), To: at(6, 1), Rows: rows})
			a.fenced(projections.Commit{From: at(5, 1), To: at(5, 1)})
			b.stands(0, at(5, 2))
			b.commit(projections.Commit{From: at(5, 2), To: at(7, 2), Rows: []projections.Row{rowOf("b", 7)}})
			a.stands(0, at(7, 2))
		}},
		{"an epoch never falls", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			h.commit(projections.Commit{To: at(1, 4)})
			h.fenced(projections.Commit{From: at(1, 4), To: at(2, 3)})
			h.stands(0, at(1, 4))
		}},
		{"slots and models do not touch each other", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			h.commit(projections.Commit{Slot: 1, To: at(5, 1), Rows: []projections.Row{rowOf("a", 5)}})
			h.stands(0, projections.Checkpoint{})
			h.stands(1, at(5, 1))
			rows, err := h.store.Load(h.ctx, "others_v1", []events.Ref{thing("a")})
			require.NoError(t, err)
			require.Empty(t, rows)
			h.commit(projections.Commit{Model: "others_v1", Slot: 1, To: at(2, 1), Rows: []projections.Row{rowOf("a", 2)}})
			h.commit(projections.Commit{To: at(3, 1), Rows: []projections.Row{rowOf("b", 3)}})
			h.stands(0, at(3, 1))
			h.stands(1, at(5, 1))
			h.holds([]projections.Row{rowOf("a", 5), rowOf("b", 3)}, "a", "b")
		}},
		{"whatever commits come, the store agrees with a list of them", agreesWithAModel},
	}
}

func nothingOfAFencedCommit(t TB, p StorePlace) {
	h := handOn(t, p.Open())
	h.commit(projections.Commit{To: at(5, 1), Rows: []projections.Row{rowOf("a", 5)}})
	h.fenced(projections.Commit{To: at(9, 1), Rows: []projections.Row{rowOf("a", 9), rowOf("b", 9)}})
	h.holds([]projections.Row{rowOf("a", 5)}, "a", "b")
}

func rowCases() []StoreCase {
	return []StoreCase{
		{"rows come back as they were committed, and only those that exist", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			a, b := rowOf("a", 4), rowOf("b", 5)
			b.State = projections.Bytes("\x00\xff{\"x\":1}\n")
			h.commit(projections.Commit{To: at(5, 1), Rows: []projections.Row{a, b}})
			h.holds([]projections.Row{a, b}, "a", "b")
			h.holds([]projections.Row{b}, "c", "b")
			h.holds(nil, "c")
			h.holds(nil)
		}},
		{"a commit leaves the revisions with which the next one succeeds", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			rows := h.commit(projections.Commit{To: at(1, 1), Rows: []projections.Row{rowOf("a", 1), rowOf("b", 1)}})
			for seq := projections.Seq(2); seq < 6; seq++ {
				for i := range rows {
					next := rowOf(rows[i].Ref.ID, seq)
					next.Revision = rows[i].Revision
					rows[i] = next
				}
				rows = h.commit(projections.Commit{From: at(seq-1, 1), To: at(seq, 1), Rows: rows})
			}
			h.holds([]projections.Row{rowOf("a", 5), rowOf("b", 5)}, "a", "b")
		}},
		{"a row that was loaded can be committed again, also beside one that was not there", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			h.commit(projections.Commit{To: at(1, 1), Rows: []projections.Row{rowOf("a", 1)}})
			g := handOn(t, p.Open())
			next := rowOf("a", 2)
			next.Revision = g.load("a")["a"].Revision
			g.commit(projections.Commit{From: at(1, 1), To: at(2, 1), Rows: []projections.Row{next, rowOf("b", 2)}})
			h.holds([]projections.Row{rowOf("a", 2), rowOf("b", 2)}, "a", "b")
		}},
		{"names of any bytes are kept apart", anyNames},
		{"a great commit is stored and read whole", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			var rows []projections.Row
			var ids []string
			for i := range 2500 {
				rows = append(rows, rowOf(fmt.Sprint(i), projections.Seq(i+1)))
				ids = append(ids, fmt.Sprint(i))
			}
			h.commit(projections.Commit{To: at(2500, 1), Rows: slices.Clone(rows)})
			h.holds(rows, ids...)
			all, _ := h.pages(projections.Query{Model: model, Limit: 999})
			require.Equal(t, texts(t, rows), texts(t, all))
		}},
		{"a great row is stored and read whole", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			big := rowOf("a", 1)
			big.State = projections.Bytes(slices.Repeat([]byte("0123456789abcdef"), 40_000)) // 640 kB
			h.commit(projections.Commit{To: at(1, 1), Rows: []projections.Row{big, rowOf("b", 1)}})
			h.holds([]projections.Row{big, rowOf("b", 1)}, "a", "b")
		}},
		{"what was loaded is not changed by what comes after", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			rows := h.commit(projections.Commit{To: at(1, 1), Rows: []projections.Row{rowOf("a", 1)}})
			before := h.load("a")["a"]
			next := rowOf("a", 2)
			next.Revision = rows[0].Revision
			h.commit(projections.Commit{From: at(1, 1), To: at(2, 1), Rows: []projections.Row{next}})
			require.Equal(t, text(t, rowOf("a", 1)), text(t, before))
		}},
	}
}

// odd are names that a key must not mix up.
var odd = []string{"", "a", "A", "a.b", "a b", "a*", ">", "a>", "=", "=41", "é", "e\u0301", "\n", "/", "r.s", "a\x00b", "%41", "日本", "r", "c.0"}

func anyNames(t TB, p StorePlace) {
	h := handOn(t, p.Open())
	var rows []projections.Row
	var refs []events.Ref
	for _, source := range odd[:5] {
		for _, kind := range odd[1:6] {
			for _, id := range odd {
				ref := events.Ref{Source: source, Kind: kind, ID: id}
				refs = append(refs, ref)
				rows = append(rows, projections.Row{Ref: ref, Seq: 1, State: projections.Bytes(fmt.Sprintf("%q", ref))})
			}
		}
	}
	h.commit(projections.Commit{To: at(1, 1), Rows: slices.Clone(rows)})
	have, err := h.store.Load(h.ctx, model, refs)
	require.NoError(t, err)
	require.Equal(t, texts(t, rows), texts(t, have))
	all, _ := h.pages(projections.Query{Model: model, Limit: 100})
	require.Equal(t, texts(t, rows), texts(t, all))
}

// agreesWithAModel commits at random, right and wrong, and compares with a map.
func agreesWithAModel(t TB, p StorePlace) {
	store, run := p.Open(), 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		h, name := handOn(t, store), fmt.Sprintf("random%d_v1", run)
		stands := map[int]projections.Checkpoint{}
		rows := map[events.Ref]projections.Row{}
		for range rapid.IntRange(1, 8).Draw(t, "commits") {
			slot := rapid.IntRange(0, 1).Draw(t, "slot")
			from := stands[slot]
			c := projections.Commit{Model: name, Slot: slot, From: from, To: from}
			c.To.Position = at(from.Position.Seq+projections.Seq(rapid.IntRange(0, 3).Draw(t, "records")), 0).Position
			c.To.Epoch += uint64(rapid.IntRange(0, 1).Draw(t, "epochs"))
			if c.To.Position.Seq > from.Position.Seq {
				for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID).Draw(t, "rows") {
					row := rowOf(fmt.Sprint(slot, id), c.To.Position.Seq)
					row.Revision = rows[row.Ref].Revision
					c.Rows = append(c.Rows, row)
				}
			}
			if rapid.IntRange(0, 3).Draw(t, "wrong") == 0 {
				c.From.Epoch++
				c.To.Epoch++
				require.ErrorIs(t, store.Commit(h.ctx, c), projections.ErrFenced)
				c.From.Epoch--
				c.To.Epoch--
				reread(h, name, rows)
				continue
			}
			require.NoError(t, store.Commit(h.ctx, c))
			stands[slot] = c.To
			for _, row := range c.Rows {
				rows[row.Ref] = row
			}
		}
		sameRows(h, name, stands, rows)
	})
}

// reread takes the rows as they are after a fenced commit, as a worker that begins again does. One that is not Atomic may
// have kept rows; they are those that the next commit would write.
func reread(h hand, name string, rows map[events.Ref]projections.Row) {
	h.Helper()
	var refs []events.Ref
	for _, id := range []string{"0a", "0b", "0c", "1a", "1b", "1c"} {
		refs = append(refs, thing(id))
	}
	have, err := h.store.Load(h.ctx, name, refs)
	require.NoError(h, err)
	for _, row := range have {
		require.GreaterOrEqual(h, row.Seq, rows[row.Ref].Seq, "no row goes back")
		rows[row.Ref] = row
	}
	require.GreaterOrEqual(h, len(have), len(rows), "no row goes")
}

// sameRows compares what a store holds with what it must hold.
func sameRows(h hand, name string, stands map[int]projections.Checkpoint, rows map[events.Ref]projections.Row) {
	h.Helper()
	for slot, want := range stands {
		have, err := h.store.Checkpoint(h.ctx, name, slot)
		require.NoError(h, err)
		require.Equal(h, want, have)
	}
	var want []projections.Row
	for _, row := range rows {
		want = append(want, row)
	}
	all, _ := h.pages(projections.Query{Model: name, Limit: 2})
	require.Equal(h, texts(h, want), texts(h, all))
}

func durableCases() []StoreCase {
	return []StoreCase{
		{"Durable: rows and checkpoint outlive a restart", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			h.commit(projections.Commit{To: at(5, 3), Rows: []projections.Row{rowOf("a", 4), rowOf("b", 5)}})
			p.Restart()
			h = handOn(t, p.Open())
			h.stands(0, at(5, 3))
			h.holds([]projections.Row{rowOf("a", 4), rowOf("b", 5)}, "a", "b")
			all, _ := h.pages(projections.Query{Model: model})
			require.Len(t, all, 2)
		}},
		{"Durable: a worker goes on after a restart", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			h.commit(projections.Commit{To: at(0, 1)})
			for seq := range projections.Seq(4) {
				h.commit(projections.Commit{From: at(seq, 1), To: at(seq+1, 1), Rows: []projections.Row{rowOf(fmt.Sprint(seq), seq+1)}})
				if seq == 0 {
					continue
				}
				p.Restart()
				h = handOn(t, p.Open())
				row := rowOf("0", seq+1)
				row.Revision = h.load("0")["0"].Revision
				h.commit(projections.Commit{From: at(seq+1, 1), To: at(seq+1, 1), Rows: []projections.Row{row}})
			}
			h.stands(0, at(4, 1))
			h.holds([]projections.Row{rowOf("0", 4), rowOf("1", 2), rowOf("2", 3), rowOf("3", 4)}, "0", "1", "2", "3", "4")
		}},
		{"Durable: a state that does not render commits nothing", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			h.commit(projections.Commit{To: at(1, 1)})
			bad := rowOf("a", 2)
			bad.State = unrendered{}
			require.ErrorIs(t, h.store.Commit(h.ctx, projections.Commit{Model: model, From: at(1, 1), To: at(2, 1), Rows: []projections.Row{bad}}), errUnrendered)
			h.stands(0, at(1, 1))
			h.commit(projections.Commit{From: at(1, 1), To: at(2, 1), Rows: []projections.Row{rowOf("a", 2)}})
		}},
		{"Durable: what stands still outlives a restart, and what is decided on it", wardRestarted},
	}
}

// unrendered is a state that cannot be written.
type unrendered struct{}

var errUnrendered = errors.New("it does not render")

func (unrendered) MarshalBinary() ([]byte, error) { return nil, errUnrendered }

// largestState commits a state of the size that the store promises to take, with secondary keys and an id that are long.
func largestState(t TB, p StorePlace) {
	h := handOn(t, p.Open())
	h.commit(projections.Commit{To: at(1, 1)})
	row := rowOf(strings.Repeat("é", 64), 2)
	row.State = projections.Bytes(bytes.Repeat([]byte{0xff}, h.store.Features().StateBytes))
	row.Index = map[string]string{"one": strings.Repeat("é", 128), "two": strings.Repeat("=", 256)}
	h.commit(projections.Commit{From: at(1, 1), To: at(2, 1), Rows: []projections.Row{row}})
	h.holds([]projections.Row{row}, row.Ref.ID)
}
