package projections

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
)

// published folds the records that were admitted up to a sequence.
func published(ref events.Ref, admitted []Record, upTo Seq) []Value {
	v := Fold(diaries, ref, admitted, AtSeq(upTo)).Value
	return diaries.Values(&v, nil)
}

func TestRule22_ATransitionIsTheDifferenceOneRecordMakesAlsoInsideABatch(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		recs := traffic(150, seed)
		var want []Transition
		naives := map[events.Ref]*naive{}
		parked := map[events.Ref]bool{}
		for _, rec := range recs {
			ref, ok := diaries.Key(rec)
			if !ok || parked[ref] {
				continue
			}
			n := naives[ref]
			if n == nil {
				n = &newPair(diaries, ref.ID).naive
				naives[ref] = n
			}
			poisoned := rec.Event.Type == poison
			if n.admit(rec) != Admitted {
				continue
			}
			if poisoned {
				parked[ref] = true
				continue
			}
			before, after := published(ref, n.admitted, rec.Seq-1), published(ref, n.admitted, rec.Seq)
			for i := range before {
				if before[i] != after[i] {
					want = append(want, Transition{ref, before[i].Machine, rec.Seq, before[i].Value, after[i].Value})
				}
			}
		}
		require.NotEmpty(t, want)
		for _, cut := range []int{1, 13, 150} {
			w := &witness{}
			project(t, Config{Log: newTape(recs, cut), Store: NewMemoryStore(), Models: []AnyModel{diaries}, Observe: w})
			require.Equal(t, want, w.moved, "seed %d, batches of %d", seed, cut)
		}
	}
}

func TestRule22_ALateArrivalThatChangesOnlyThePastReportsNothing(t *testing.T) {
	t.Parallel()
	recs := logged(event("ON", "d", start), event("ON", "d", start+20), event("OFF", "d", start+10), event("OFF", "d", start+30))
	w := &witness{}
	project(t, Config{Log: newTape(recs), Store: NewMemoryStore(), Models: []AnyModel{diaries}, Observe: w})
	ref := recs[0].Event.Ref
	assert.Equal(t, []Transition{{ref, "status", 1, "", "ON"}, {ref, "status", 4, "ON", "OFF"}}, w.moved)
}

func TestReadDocument_FindsByASecondaryKeyOfItsOwnSource(t *testing.T) {
	t.Parallel()
	m := diaries
	m.AlsoBy = "status"
	recs := logged(event("ON", "a", start), event("ON", "b", start), event("OFF", "c", start))
	recs[0].Event.Ref.Source = "other"
	s := NewMemoryStore()
	project(t, Config{Log: newTape(recs), Store: s, Models: []AnyModel{m}})
	ctx := context.Background()
	for source, want := range map[string]string{"other": "a", "test": "b"} {
		doc, err := ReadDocument(ctx, s, m, source, "ON", AsOf{})
		require.NoError(t, err)
		assert.Equal(t, want, doc.Ref.ID)
	}
	for _, miss := range []string{"STRANGE", "d", ""} {
		_, err := ReadDocument(ctx, s, m, "test", miss, AsOf{})
		assert.ErrorIs(t, err, ErrUnknown)
	}
	_, err := ReadDocument(ctx, s, m, "test", "c", AtSeq(1))
	assert.ErrorIs(t, err, ErrUnknown, "it was not heard of then")
	_, err = Read(s, m, "test").Get(ctx, "ON")
	assert.ErrorIs(t, err, ErrUnknown, "Get goes by id alone")
}

func TestDocuments_AreSortedByKindIDAndSourceWhateverTheOrder(t *testing.T) {
	t.Parallel()
	recs := traffic(400, 11)
	var kept []Record
	for _, rec := range recs {
		if rec.Event.Type != poison {
			kept = append(kept, rec)
		}
	}
	docs, err := Documents(both, kept, AsOf{})
	require.NoError(t, err)
	require.Len(t, docs, 12)
	for i := range docs[1:] {
		a, b := docs[i].Ref, docs[i+1].Ref
		assert.Less(t, a.Kind+"/"+a.ID+"/"+a.Source, b.Kind+"/"+b.ID+"/"+b.Source)
	}
	for i, j := 0, len(kept)-1; i < j; i, j = i+1, j-1 {
		kept[i], kept[j] = kept[j], kept[i]
	}
	turned, err := Documents([]AnyModel{lights, diaries}, kept, AsOf{})
	require.NoError(t, err)
	assert.Equal(t, docs, turned)
}

func TestDocuments_SayWhichOneDoesNotRender(t *testing.T) {
	t.Parallel()
	m := diaries
	m.Document = func(View[diary]) any { return func() {} }
	_, err := Documents([]AnyModel{m}, logged(event("ON", "d", start)), AsOf{})
	assert.ErrorContains(t, err, `document of diary "d" does not render`)
}
