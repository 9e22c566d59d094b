package projections

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
)

// oddly is a model that fails on the value STRANGE where it sees no record.
func oddly(spoil func(m *Model[diary], fail func(diary))) Model[diary] {
	m := diaries
	spoil(&m, func(d diary) {
		if d.Status == "STRANGE" {
			panic("how strange")
		}
	})
	return m
}

func TestLaw11_AValueOnWhichIndexOrBackedFailsParksItsResourceAtItsRecord(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		model Model[diary]
		cuts  [][]int
	}{
		// What is not written needs no secondary keys: the value may pass within one batch.
		"Index": {cuts: [][]int{{1}, {2}, {3}}, model: oddly(func(m *Model[diary], fail func(diary)) {
			m.Index = func(d diary) map[string]string { fail(d); return diaries.Index(d) }
		})},
		"Backed": {cuts: [][]int{{1}, {2}, {3}, {100}}, model: oddly(func(m *Model[diary], fail func(diary)) {
			m.Backed = func(d *diary, _ string) bool { fail(*d); return true }
		})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recs := logged(event("ON", "a", start), event("STRANGE", "a", start+1), event("OFF", "b", start+1), event("OFF", "a", start+2))
			for _, cuts := range c.cuts {
				stopsAtTwo(t, c.model, recs, NewMemoryStore(), cuts)
				s := newNarrow(1 << 20)
				stopsAtTwo(t, c.model, recs, s, cuts)
				more := append(recs[:len(recs):len(recs)], nth(len(recs)+1, retry("a", 2)))
				project(t, Config{Log: newTape(more), Store: s, Models: []AnyModel{diaries}, Facts: newBook()})
				assert.Equal(t, "OFF", of(t, s, "a").Value.Status, "the model is mended")
			}
		})
	}
}

// stopsAtTwo folds into a store, finds a at rest before the second record.
func stopsAtTwo(t *testing.T, m Model[diary], recs []Record, s Store, cuts []int) {
	project(t, Config{Log: newTape(recs, cuts...), Store: s, Models: []AnyModel{m}, Facts: newBook()})
	a := of(t, s, "a")
	require.NotNil(t, a.Parked, "batches of %v", cuts)
	assert.Equal(t, Seq(2), a.Parked.Seq)
	assert.Contains(t, a.Parked.Why, "how strange")
	assert.Equal(t, "ON", a.Value.Status, "as it was")
	assert.Equal(t, "OFF", of(t, s, "b").Value.Status, "the other goes on")
	held, err := Quarantine{Store: s, Models: []AnyModel{m}}.List(t.Context(), HeldQuery{})
	require.NoError(t, err)
	require.Len(t, held.Items, 1)
}

func TestLaw11_ADocumentOnWhichTheModelFailsIsAnErrorForItsReader(t *testing.T) {
	t.Parallel()
	m := oddly(func(m *Model[diary], fail func(diary)) {
		m.Document = func(v View[diary]) any { fail(v.Value); return diaries.Document(v) }
	})
	s := NewMemoryStore()
	recs := logged(event("STRANGE", "a", start), event("ON", "b", start))
	project(t, Config{Log: newTape(recs), Store: s, Models: []AnyModel{m}})
	_, err := ReadDocument(t.Context(), s, m, "test", "a", AsOf{})
	require.ErrorContains(t, err, "how strange")
	doc, err := ReadDocument(t.Context(), s, m, "test", "b", AsOf{})
	require.NoError(t, err)
	assert.Equal(t, events.Ref{Source: "test", Kind: "diary", ID: "b"}, doc.Ref)
}
