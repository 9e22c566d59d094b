package projections

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hookfold/hookfold/events"
)

func TestHand_HoldsTheRecentAndLetsGoOfTheRest(t *testing.T) {
	t.Parallel()
	h := newHand()
	h.most = 10
	m := &filledModel[diary]{diaries.filled()}
	ref := func(i int) events.Ref { return events.Ref{Source: "test", Kind: "diary", ID: strconv.Itoa(i)} }
	for i := range 100 {
		h.keep("diaries_v1", ref(i), m.fresh(ref(i)))
		assert.LessOrEqual(t, len(h.young)+len(h.old), 20)
	}
	assert.NotNil(t, h.take("diaries_v1", ref(99)))
	assert.NotNil(t, h.take("diaries_v1", ref(85)), "of the generation before")
	assert.Nil(t, h.take("diaries_v1", ref(50)))
	assert.Nil(t, h.take("others_v1", ref(99)), "each model has its own")
}
