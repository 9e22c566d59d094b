package bench

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestARunMeasuresEveryCaseOfThePlanInEveryRound(t *testing.T) {
	t.Parallel()
	c := tiny(t)
	c.Postgres = serverURL(t)
	r, err := Run(t.Context(), c)
	require.NoError(t, err)
	assert.Regexp(t, `^PostgreSQL \d+\.\d+, fsync (on|off), synchronous_commit on$`, r.Machine.Database)
	left, err := os.ReadDir(c.Dir)
	require.NoError(t, err)
	assert.Empty(t, left, "the streams are gone")
	plan := Plan(c)
	require.Len(t, r.Tables, len(plan.Tables))
	for i, have := range r.Tables {
		want := plan.Tables[i]
		assert.Equal(t, want.Columns, have.Columns)
		require.Len(t, have.Figures, len(want.Figures), want.Name)
		for j, f := range have.Figures {
			assert.Equal(t, want.Figures[j].Case, f.Case)
			assert.Len(t, f.of(0), c.Rounds, "%s/%s", want.Name, f.Case)
			assert.Empty(t, f.Missing, "%s/%s", want.Name, f.Case)
			for _, target := range f.Targets {
				assert.Contains(t, have.Columns, target.Column)
			}
			for k := range have.Columns {
				assert.Contains(t, []int{0, c.Rounds}, len(f.of(k)), "%s/%s %s: in every round or in none", want.Name, f.Case, have.Columns[k])
			}
		}
	}
}

func TestARunThatIsStoppedLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"import", "ingress", "stores", "rebuild"} {
		ctx, stop := context.WithCancel(t.Context())
		c := tiny(t)
		c.Only = []string{table}
		c.Progress = func(_ string, round, _ int) {
			if round == 2 {
				stop()
			}
		}
		r, err := Run(ctx, c)
		require.ErrorIs(t, err, context.Canceled)
		assert.Empty(t, r.Tables, "half a table is none")
		left, err := os.ReadDir(c.Dir)
		require.NoError(t, err)
		assert.Empty(t, left)
	}
}

func TestWithoutADatabaseTheTablesSayWhatIsNotMeasured(t *testing.T) {
	t.Parallel()
	c := tiny(t)
	c.Only = []string{"stores/memory", "stores/postgres"}
	r, err := Run(t.Context(), c)
	require.NoError(t, err)
	require.Len(t, r.Tables, 1)
	rows := parsed(r.Markdown())["stores"]
	require.Len(t, rows, 6, "head, raw, memory and all that needs a database")
	reached := where(rows[0], "reached")
	for _, row := range rows[3:] {
		assert.Contains(t, row[1], "(not measured: give --postgres URL)")
		assert.Empty(t, row[2], "no figure")
	}
	assert.Equal(t, "not measured", rows[3][reached], "and not that a target was missed")
	assert.NotContains(t, Plan(Config{Postgres: "given"}).Markdown(), "not measured:")
}

func TestADatabaseThatCannotBeUsedEndsARunBeforeAnythingIsMeasured(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://me:secret@127.0.0.1:1/none", "postgres://me:secret@%zz", "host=/nowhere"} {
		c := tiny(t)
		c.Postgres = url
		c.Progress = func(table string, _, _ int) { t.Errorf("%s began", table) }
		_, err := Run(t.Context(), c)
		require.ErrorIs(t, err, ErrDatabase)
		assert.NotContains(t, err.Error(), "secret")
	}
}

func TestATableOfManyRowsHasFewerRounds(t *testing.T) {
	t.Parallel()
	var order []string
	k := course3(&order, nil).atMost(2).without(true, "a thing", "b")
	var told []int
	c := Config{Rounds: 4, Progress: func(_ string, round, of int) { told = append(told, round, of) }}
	require.NoError(t, k.measure(t.Context(), c.withDefaults()))
	assert.Equal(t, []string{"a", "c", "c", "a"}, order)
	assert.Equal(t, []int{0, 2, 1, 2, 2, 2}, told)
	assert.Empty(t, k.Figures[1].Values)
}

func TestEveryTargetIsOfAColumnThatItsCaseHas(t *testing.T) {
	t.Parallel()
	for _, k := range Plan(Config{}).Tables {
		for _, f := range k.Figures {
			for _, target := range f.Targets {
				assert.Contains(t, k.Columns, target.Column, "%s/%s", k.Name, f.Case)
			}
		}
	}
}

// course3 has three cases, of which one is the baseline of all; order notes who ran.
func course3(order *[]string, fail error) course {
	run := func(name string, n int) func(context.Context) (lap, error) {
		return func(context.Context) (lap, error) {
			*order = append(*order, name)
			return lap{n: n, wall: 1e9}, fail
		}
	}
	return newCourse(Table{Name: "t", Figures: []Figure{{Case: "a"}, {Case: "b"}, {Case: "c"}}},
		[]column{figure("rate", lap.rate), {"÷ a", faster("a")}, {"÷ absent", faster("absent")}}, []string{"a"},
		func(context.Context, Config) (*field, error) {
			return &field{close: func() error { return nil }, run: map[string]func(context.Context) (lap, error){
				"a": run("a", 10), "b": run("b", 20), "c": run("c", 30),
			}}, nil
		})
}

func TestContendersTakeTurnsInAnotherOrderEveryRound(t *testing.T) {
	t.Parallel()
	var order []string
	k := course3(&order, nil)
	require.NoError(t, k.measure(t.Context(), Config{Rounds: 4}.withDefaults()))
	assert.Equal(t, []string{"a", "b", "c", "b", "c", "a", "c", "a", "b", "a", "b", "c"}, order)
	assert.Equal(t, []float64{20, 20, 20, 20}, k.Figures[1].of(0))
	assert.Equal(t, []float64{2, 2, 2, 2}, k.Figures[1].of(1), "a ratio for every round")
	assert.Empty(t, k.Figures[1].of(2), "no figure beside a case that did not run")
}

func TestAWrongResultIsAnErrorAndNoFigure(t *testing.T) {
	t.Parallel()
	var order []string
	lost := errors.New("an event was lost")
	k := course3(&order, lost)
	err := k.measure(t.Context(), Config{}.withDefaults())
	require.ErrorIs(t, err, lost)
	assert.EqualError(t, err, "a, round 1: an event was lost")
	assert.Empty(t, k.Figures[0].Values)
}

func TestASingleCaseBringsItsBaseline(t *testing.T) {
	t.Parallel()
	cases := func(only ...string) (list []string) {
		var order []string
		k := course3(&order, nil)
		k.pick(Config{Only: only})
		for _, f := range k.Figures {
			list = append(list, f.Case)
		}
		return list
	}
	assert.Equal(t, []string{"a", "b", "c"}, cases())
	assert.Equal(t, []string{"a", "b", "c"}, cases("t"))
	assert.Equal(t, []string{"a", "c"}, cases("t/c"))
	assert.Equal(t, []string{"a"}, cases("t/a"))
	assert.Empty(t, cases("other", "other/a"))
}

func TestAConfigurationIsRefusedWithEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := Run(t.Context(), Config{
		Events: 5, Resources: 10, Stored: 19, Rounds: -1, Transport: "pigeon", Requests: 3, Latency: 1, Largest: 7, Only: []string{"import", "speed"},
	})
	require.ErrorIs(t, err, ErrConfig)
	for _, part := range []string{
		"Resources is 10: give 20 to 50000", "Events is 5:", "Stored is 19: give at least 20", "Rounds is -1", `"pigeon": give tcp or process`, "Requests is 3",
		"Latency is 1ns", "Largest is 7", `no table or case "speed": have import, import/raw, `,
	} {
		assert.Contains(t, err.Error(), part)
	}
	assert.NotContains(t, err.Error(), `case "import"`)
	require.NoError(t, Config{}.withDefaults().validate())
}
