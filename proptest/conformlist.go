package proptest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/projections"
)

// shelf commits so many rows, of which every third has a secondary key.
func shelf(h hand, n int) []projections.Row {
	h.Helper()
	var rows []projections.Row
	for i := range n {
		row := rowOf(fmt.Sprintf("%03d", n-i), projections.Seq(i+1))
		row.Ref.Source = []string{"x", "y"}[i%2]
		if i%3 == 0 {
			row.Index = map[string]string{"user": "u", "city": fmt.Sprint(i)}
		}
		rows = append(rows, row)
	}
	return h.commit(projections.Commit{To: at(projections.Seq(n), 1), Rows: rows})
}

func listCases() []StoreCase {
	return []StoreCase{
		{"List: pages meet without gap or overlap", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			rows := shelf(h, 50)
			for limit, pages := range map[int]int{1: 50, 7: 8, 49: 2, 50: 1, 51: 1} {
				all, count := h.pages(projections.Query{Model: model, Limit: limit})
				require.Equal(t, texts(t, rows), texts(t, all), "limit %d", limit)
				require.Equal(t, pages, count, "limit %d", limit)
			}
		}},
		{"List: without a limit the size of a page is the store's choice", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			rows := shelf(h, 150)
			for _, limit := range []int{0, -1} {
				all, _ := h.pages(projections.Query{Model: model, Limit: limit})
				require.Equal(t, texts(t, rows), texts(t, all))
			}
		}},
		{"List: a model that nobody folded has no rows", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			shelf(h, 3)
			all, count := h.pages(projections.Query{Model: "unheard_v1"})
			require.Empty(t, all)
			require.Equal(t, 1, count)
		}},
		{"List: a row that is there throughout is listed, whatever is written meanwhile", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			rows := shelf(h, 40)
			seen, q, seq := map[string]int{}, projections.Query{Model: model, Limit: 7}, projections.Seq(40)
			for {
				page, err := h.store.List(h.ctx, q)
				require.NoError(t, err)
				for _, row := range page.Rows {
					seen[row.Ref.ID]++
				}
				if page.Next == "" {
					break
				}
				q.Cursor = page.Next
				if seq < 60 { // write a row that was listed, one that was not, and a new one
					changed := []projections.Row{rows[int(seq-40)], rows[39-int(seq-40)], rowOf(fmt.Sprint("new", seq), seq+1)}
					for i := range changed {
						changed[i].Seq = seq + 1
					}
					h.commit(projections.Commit{From: at(seq, 1), To: at(seq+1, 1), Rows: changed})
					seq++
				}
			}
			for _, row := range rows {
				require.Positive(t, seen[row.Ref.ID], "row %s", row.Ref.ID)
			}
		}},
		{"List: what is no cursor is refused", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			shelf(h, 30)
			page, err := h.store.List(h.ctx, projections.Query{Model: model, Limit: 10})
			require.NoError(t, err)
			require.NotEmpty(t, page.Next, "there are 30 rows")
			bad := []string{"!", "x", "e30", "AAAA", strings.Repeat("A", 22), page.Next + "A", page.Next[1:], page.Next + "=",
				base64.RawURLEncoding.EncodeToString([]byte("begin anywhere"))}
			for _, cursor := range bad {
				_, err := h.store.List(h.ctx, projections.Query{Model: model, Cursor: cursor})
				require.ErrorIs(t, err, projections.ErrCursor, cursor)
			}
			_, err = h.store.List(h.ctx, projections.Query{Model: model, Cursor: page.Next})
			require.NoError(t, err)
		}},
	}
}

func sortedList(t TB, p StorePlace) {
	h := handOn(t, p.Open())
	shelf(h, 30)
	all, _ := h.pages(projections.Query{Model: model, Limit: 7})
	require.True(t, slices.IsSortedFunc(all, func(a, b projections.Row) int {
		return cmp.Or(cmp.Compare(a.Ref.Source, b.Ref.Source), cmp.Compare(a.Ref.Kind, b.Ref.Kind), cmp.Compare(a.Ref.ID, b.Ref.ID))
	}))
}

// by lists the ids of the rows that have a secondary key, in order.
func (h hand) by(index, value string, limit int) []string {
	h.Helper()
	rows, _ := h.pages(projections.Query{Model: model, Index: index, Value: value, Limit: limit})
	ids := []string{}
	for _, row := range rows {
		require.Equal(h, value, row.Index[index])
		ids = append(ids, row.Ref.ID)
	}
	slices.Sort(ids)
	return ids
}

// keyed is a row with a secondary key.
func keyed(id string, seq projections.Seq, user string) projections.Row {
	row := rowOf(id, seq)
	if user != "" {
		row.Index = map[string]string{"user": user}
	}
	return row
}

func indexCases() []StoreCase {
	return []StoreCase{
		{"Indexed: rows are found by a secondary key, page by page", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			shelf(h, 50)
			for _, limit := range []int{0, 1, 4, 17, 100} {
				require.Len(t, h.by("user", "u", limit), 17, "limit %d", limit)
			}
			require.Equal(t, []string{"050"}, h.by("city", "0", 0))
		}},
		{"Indexed: nothing is found by what no row has", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			shelf(h, 5)
			for _, q := range [][2]string{{"user", ""}, {"user", "v"}, {"user", "U"}, {"city", "u"}, {"nothing", "u"}, {"user", "*"}, {"user", ">"}} {
				require.Empty(t, h.by(q[0], q[1], 0), "%q", q)
			}
		}},
		{"Indexed: a row is found by the key that it has, not by the one it had", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			rows := h.commit(projections.Commit{To: at(1, 1), Rows: []projections.Row{keyed("a", 1, ""), keyed("b", 1, "bob")}})
			for i, users := range [][2]string{{"amy", "bob"}, {"amy", "amy"}, {"bob", ""}, {"amy", "amy"}} {
				seq := projections.Seq(i + 2)
				next := []projections.Row{keyed("a", seq, users[0]), keyed("b", seq, users[1])}
				for j := range next {
					next[j].Revision = rows[j].Revision
				}
				rows = h.commit(projections.Commit{From: at(seq-1, 1), To: at(seq, 1), Rows: next})
				for _, user := range []string{"amy", "bob"} {
					want := []string{}
					for j, id := range []string{"a", "b"} {
						if users[j] == user {
							want = append(want, id)
						}
					}
					require.Equal(t, want, h.by("user", user, 0), "step %d, %s", i, user)
				}
			}
		}},
		{"Indexed: values of any bytes and length are kept apart", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			values := append(slices.Clone(odd[1:]), strings.Repeat("x", 5000), strings.Repeat("x", 5000)+"y")
			var rows []projections.Row
			for i, value := range values {
				rows = append(rows, keyed(fmt.Sprint(i), 1, value))
			}
			h.commit(projections.Commit{To: at(1, 1), Rows: rows})
			for i, value := range values {
				require.Equal(t, []string{fmt.Sprint(i)}, h.by("user", value, 0), "%.20q", value)
			}
		}},
		{"Indexed: a row with several keys is found by each", func(t TB, p StorePlace) {
			h := handOn(t, p.Open())
			row := rowOf("a", 1)
			row.Index = map[string]string{"user": "u", "city": "c", "": "nameless", "none": ""}
			h.commit(projections.Commit{To: at(1, 1), Rows: []projections.Row{row}})
			for index, value := range map[string]string{"user": "u", "city": "c"} {
				require.Equal(t, []string{"a"}, h.by(index, value, 0))
			}
			require.Empty(t, h.by("none", "", 0))
		}},
	}
}
