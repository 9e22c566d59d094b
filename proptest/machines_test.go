package proptest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/fsm/idv"
	"github.com/hookfold/hookfold/fsm/user"
	"github.com/hookfold/hookfold/proptest"
)

// laws runs the laws of one machine; machines of different types stand in one list as such functions.
type laws func(t *testing.T) (pairs, cells int)

func of[S ~uint8, F any](m *fsm.Machine[S, F], facts proptest.Facts[F]) laws {
	return func(t *testing.T) (int, int) {
		name := m.Definition().Name
		want := proptest.Table(t, "testdata/matrix/"+name+".txt")
		pairs := proptest.Total(t, m, want, facts)
		t.Run("Oracle", func(t *testing.T) { proptest.Oracle(t, m, want, facts) })
		t.Run("Law1Purity", func(t *testing.T) { proptest.PureMachine(t, m, facts) })
		t.Run("Law9Explained", func(t *testing.T) { proptest.ExplainedMachine(t, m, facts) })
		return pairs, len(m.Definition().States) * len(m.Definition().Events)
	}
}

var idvFacts = proptest.Facts[idv.Facts]{"not_natural": {{Natural: false}}, "!not_natural": {{Natural: true}}}

// hookFacts stand on both edges: no failure and one, the 99th failure and the 100th, one by one and as an aggregate.
var hookFacts = proptest.Facts[hook.Facts]{
	"failing":      {{Failures: 1}, {Failures: 99}},
	"!failing":     {{Failures: 0}},
	"below_limit":  {{Failures: 0, Count: 1}, {Failures: 98, Count: 1}, {Failures: 0, Count: 99}},
	"!below_limit": {{Failures: 99, Count: 1}, {Failures: 0, Count: 100}, {Failures: 98, Count: 7}},
}

var machines = []struct {
	name string
	laws laws
}{
	{"idv", of(idv.Machine, idvFacts)},
	{"status", of(user.StatusMachine, nil)},
	{"category", of(user.CategoryMachine, nil)},
	{"kyc", of(user.KYCMachine, nil)},
	{"sca", of(user.SCAMachine, nil)},
	{"inflows", of(user.InflowsMachine, nil)},
	{"outflows", of(user.OutflowsMachine, nil)},
	{"hook", of(hook.Machine, hookFacts)},
	{"hook_status", of(hook.StatusMachine, nil)},
}

// TestLaw2_EveryCellOfEveryMachine compares every state × event pair with tables that were written from the documents.
func TestLaw2_EveryCellOfEveryMachine(t *testing.T) {
	stepped, all := 0, 0
	for _, m := range machines {
		t.Run(m.name, func(t *testing.T) {
			pairs, cells := m.laws(t)
			stepped, all = stepped+pairs, all+cells
		})
	}
	t.Logf("all machines: pairs %d/%d", stepped, all)
	assert.Equal(t, all, stepped)
}
