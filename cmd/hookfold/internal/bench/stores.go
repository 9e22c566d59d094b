package bench

import (
	"context"
	"fmt"
	"math"
)

// The contenders that only this table has.
const (
	caseKV       = "kv"
	casePostgres = "postgres"
	casePgx      = "pgx"
	caseEach     = "postgres-each"
)

// eachEvents is how many events are folded with one transaction each: it is slow, and no faster on more.
const eachEvents = 2_000

// noDatabase says why what needs a database is left out.
const noDatabase = "give --postgres URL"

// mostRounds is how often a contender of the tables with so many rows runs at the most.
const mostRounds = 3

// columnPgx and columnEach have a bound.
const (
	columnPgx  = "÷ pgx"
	columnEach = "× one each"
)

// storesCourse folds one long stream into every store.
func storesCourse(c Config) course {
	t := Table{
		Name: "stores", Title: "One long stream of many users, into every store",
		Note: fmt.Sprintf("A tenth as many users as events, in turns, in batches of at most 5,000: every event is a row written, which with so many users no "+
			"batch can avoid. Bare claims, read by all contenders from one stream as in the table import; at the most %d rounds. pgx: the same "+
			"rows, columns and indexes, 5,000 to a transaction of one statement over arrays, by pgx and nothing of ours; only writing is "+
			"timed. postgres-each: ours, with a transaction for every event, the first %s events, which the reader hands over one at a time. The "+
			"processor time of PostgreSQL is not in CPU µs/event: its processes are not ours. MiB held: what is alive after a collection, with "+
			"the projector at rest and the store open, above what was alive before; the embedded server's caches are in it.", mostRounds, short(eachEvents)),
		Figures: []Figure{
			{Case: caseRaw, What: "count only"},
			{Case: caseMemory, What: "ours, stream → memory views"},
			{Case: caseKV, What: "ours, stream → JetStream KV", Targets: []Target{{Column: columnRaw, AtLeast: 0.30}}},
			{Case: casePostgres, What: "ours, stream → PostgreSQL, views and checkpoint in one transaction", Targets: []Target{
				{Column: columnPgx, AtLeast: 0.6}, {Column: columnEach, AtLeast: 15},
			}},
			{Case: casePgx, What: "pgx alone, the same rows"},
			{Case: caseEach, What: "ours, one transaction an event"},
		},
	}
	k := newCourse(t, storesColumns(), []string{caseRaw, casePgx, caseEach}, openStores)
	return k.atMost(mostRounds).without(c.Postgres == "", noDatabase, casePostgres, casePgx, caseEach)
}

func storesColumns() []column {
	return []column{
		figure("events/s", lap.rate),
		figure("CPU µs/event", lap.cpuMicros),
		{columnRaw, faster(caseRaw)},
		{columnPgx, of(faster(casePgx), casePostgres, casePgx, caseEach)},
		{columnEach, of(faster(caseEach), casePostgres, casePgx, caseEach)},
		figure("rows/event", func(l lap) float64 {
			if l.rows == 0 {
				return math.NaN()
			}
			return float64(l.rows) / float64(l.n)
		}),
		{"MiB held", of(func(name string, round map[string]lap) float64 { return round[name].held / (1 << 20) },
			caseMemory, caseKV, casePostgres, caseEach)},
	}
}

// openStores fills the stream.
func openStores(ctx context.Context, c Config) (*field, error) {
	s, err := openStored(ctx, c)
	if err != nil {
		return nil, err
	}
	return &field{close: s.close, run: map[string]func(context.Context) (lap, error){
		caseRaw:      s.raw,
		caseMemory:   s.memory,
		caseKV:       func(ctx context.Context) (lap, error) { return s.kv(ctx, s.batch, s.events) },
		casePostgres: s.postgres,
		casePgx:      s.plain,
		caseEach:     s.each,
	}}, nil
}
