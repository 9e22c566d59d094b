package proptest_test

import (
	"testing"

	"github.com/hookfold/hookfold/projections/views"
	"github.com/hookfold/hookfold/proptest"
)

// TestScenarios holds the sentences of S2, S3 and S4 and the fold rules, one file each.
func TestScenarios(t *testing.T) { proptest.Scenarios(t, "testdata/scenarios", views.All()) }
