package bench

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// rebuildCourse folds a read model anew beside the live one, in every store.
func rebuildCourse(c Config) course {
	bound := []Target{{Column: columnRaw, AtLeast: 0.8}}
	t := Table{
		Name: "rebuild", Title: "Rebuild of a read model beside the live one",
		Note: fmt.Sprintf("The stream of the table stores, which the live side has folded before. Timed is Generations.Rebuild of the users, from the "+
			"start to the swap: fold, write every row once, compare every row of both sides; all rows are held in memory until they are "+
			"written. At the most %d rounds. raw: reading the same stream and counting. fold ÷ raw: up to the last event, without writing and "+
			"comparing. s waited: the longest that a commit to the live side took meanwhile, of one begun every %s.", mostRounds, commitEvery),
		Figures: []Figure{
			{Case: caseRaw, What: "count only"},
			{Case: caseMemory, What: "rebuild in memory", Targets: bound},
			{Case: caseKV, What: "rebuild in JetStream KV", Targets: bound},
			{Case: casePostgres, What: "rebuild in PostgreSQL", Targets: bound},
		},
	}
	rebuilt := slices.Collect(maps.Keys(sidesIn))
	return newCourse(t, []column{
		figure("events/s", lap.rate),
		figure("CPU µs/event", lap.cpuMicros),
		figure("s", func(l lap) float64 { return l.wall.Seconds() }),
		{columnRaw, faster(caseRaw)},
		{"fold ÷ raw", of(func(name string, round map[string]lap) float64 {
			return float64(round[name].n) / round[name].folded.Seconds() / round[caseRaw].rate()
		}, rebuilt...)},
		{"s waited", of(func(name string, round map[string]lap) float64 { return round[name].waited.Seconds() }, rebuilt...)},
	}, []string{caseRaw}, openRebuild).atMost(mostRounds).without(c.Postgres == "", noDatabase, casePostgres)
}

// openRebuild fills the stream.
func openRebuild(ctx context.Context, c Config) (*field, error) {
	s, err := openStored(ctx, c)
	if err != nil {
		return nil, err
	}
	r := &rebuilding{stored: s, sides: map[string]*sides{}}
	on := &field{close: r.close, run: map[string]func(context.Context) (lap, error){caseRaw: s.raw}}
	for name := range sidesIn {
		on.run[name] = func(ctx context.Context) (lap, error) { return r.anew(ctx, name) }
	}
	return on, nil
}
