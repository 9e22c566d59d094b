package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"
)

// course is one table with the way to measure it. Its figures have no values yet.
type course struct {
	Table
	columns []column
	base    []string // cases that run with every other: what the columns compare with
	most    int      // rounds; 0: as many as are asked for
	open    func(context.Context, Config) (*field, error)
}

// column is what the lap of one case gives, seen beside the other laps of its round. NaN says nothing.
type column struct {
	name string
	of   func(name string, round map[string]lap) float64
}

// field is where a table's contenders run.
type field struct {
	run   map[string]func(context.Context) (lap, error) // by case
	close func() error
}

// longestLap bounds one contender, so that a lost event is an error and not a wait without end.
const longestLap = 15 * time.Minute

// Plan tells what a run would measure: the report without values.
func Plan(c Config) Report {
	c = c.withDefaults()
	r := Report{Machine: here(c, time.Time{})}
	for _, k := range courses(c) {
		r.Tables = append(r.Tables, k.Table)
	}
	return r
}

// Run measures. Errors: every problem of the configuration at once, wrapping [ErrConfig]; [ErrDatabase]; the first
// result that is wrong.
func Run(ctx context.Context, c Config) (Report, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return Report{}, err
	}
	r := Report{Machine: here(c, time.Now())}
	if c.Postgres != "" {
		var err error
		if r.Machine.Database, err = describe(ctx, c.Postgres); err != nil {
			return Report{}, err
		}
	}
	for _, k := range courses(c) {
		if k.pick(c); len(k.Figures) == 0 {
			continue
		}
		if err := k.measure(ctx, c); err != nil {
			return r, fmt.Errorf("bench: %s: %w", k.Name, err)
		}
		r.Tables = append(r.Tables, k.Table)
	}
	return r, nil
}

// pick leaves out what is not wanted. Baselines stay where anything stays.
func (k *course) pick(c Config) {
	wanted := map[string]bool{}
	for _, f := range k.Figures {
		if !c.wants(k.Name, f.Case) {
			continue
		}
		wanted[f.Case] = true
		for _, b := range k.base {
			wanted[b] = true
		}
	}
	var kept []Figure
	for _, f := range k.Figures {
		if wanted[f.Case] {
			kept = append(kept, f)
		}
	}
	k.Figures = kept
}

// measure runs the contenders in turns, in another order every round, and fills in the figures.
func (k *course) measure(ctx context.Context, c Config) (err error) {
	rounds := c.Rounds
	if k.most > 0 {
		rounds = min(rounds, k.most)
	}
	c.Progress(k.Name, 0, rounds)
	on, err := k.open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, on.close()) }()
	for round := range rounds {
		c.Progress(k.Name, round+1, rounds)
		laps, err := k.round(ctx, on, round)
		if err != nil {
			return err
		}
		k.note(laps)
	}
	return nil
}

// round runs every contender once.
func (k *course) round(ctx context.Context, on *field, round int) (map[string]lap, error) {
	laps := map[string]lap{}
	for i := range k.Figures {
		f := k.Figures[(i+round)%len(k.Figures)]
		if f.Missing != "" {
			continue
		}
		name := f.Case
		l, err := alone(ctx, on.run[name])
		if err != nil {
			return nil, fmt.Errorf("%s, round %d: %w", name, round+1, err)
		}
		laps[name] = l
	}
	return laps, nil
}

// alone runs a contender on a heap without the rubbish of the one before.
func alone(ctx context.Context, run func(context.Context) (lap, error)) (lap, error) {
	ctx, cancel := context.WithTimeout(ctx, longestLap)
	defer cancel()
	runtime.GC()
	return run(ctx)
}

// note adds one round to the figures.
func (k *course) note(laps map[string]lap) {
	for i := range k.Figures {
		f := &k.Figures[i]
		if f.Missing != "" {
			continue
		}
		if f.Values == nil {
			f.Values = make([][]float64, len(k.columns))
		}
		for j, col := range k.columns {
			if v := col.of(f.Case, laps); !math.IsNaN(v) && !math.IsInf(v, 0) {
				f.Values[j] = append(f.Values[j], v)
			}
		}
	}
}

// newCourse declares a table.
func newCourse(t Table, columns []column, base []string, open func(context.Context, Config) (*field, error)) course {
	for _, col := range columns {
		t.Columns = append(t.Columns, col.name)
	}
	return course{Table: t, columns: columns, base: base, open: open}
}

// atMost bounds the rounds of a table.
func (k course) atMost(rounds int) course {
	k.most = rounds
	return k
}

// without leaves cases unmeasured, and says so, where something that they need is not there.
func (k course) without(missing bool, what string, cases ...string) course {
	for i := range k.Figures {
		if missing && slices.Contains(cases, k.Figures[i].Case) {
			k.Figures[i].Missing = what
		}
	}
	return k
}

// figure makes a column of a lap alone.
func figure(name string, of func(lap) float64) column {
	return column{name, func(mine string, round map[string]lap) float64 { return of(round[mine]) }}
}

// courses lists everything that is measured, in the order of the report.
func courses(c Config) []course {
	return []course{
		importCourse(), webhookCourse(), storesCourse(c), rebuildCourse(c),
		decodeCourse(), stepCourse(), foldCourse(), resourceCourse(), growthCourse(c),
		ingressCourse(), latencyCourse(),
	}
}

// of says what a column says, of some cases only.
func of(say func(string, map[string]lap) float64, cases ...string) func(string, map[string]lap) float64 {
	return func(name string, round map[string]lap) float64 {
		if !slices.Contains(cases, name) {
			return math.NaN()
		}
		return say(name, round)
	}
}

// faster compares the rate of a case with that of another one in the same round.
func faster(than string) func(string, map[string]lap) float64 {
	return func(name string, round map[string]lap) float64 {
		other, there := round[than]
		if !there {
			return math.NaN()
		}
		return round[name].rate() / other.rate()
	}
}
