package projections

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
)

// tape is a Log of records that are there already, copies too. It hands them out in batches of the given sizes, over and
// over, and tells when somebody has read it to its end and asks for more.
type tape struct {
	created time.Time
	records []Record
	cuts    []int // sizes of batches; none: all at once
	ended   func()
	faults  *faults
}

func newTape(recs []Record, cuts ...int) *tape {
	return &tape{created: time.Unix(start, 0), records: recs, cuts: cuts, ended: func() {}, faults: &faults{}}
}

func (l *tape) Append(context.Context, ...events.Event) (Seq, error) { return 0, ErrReadOnly }

func (l *tape) Head(context.Context) (Position, error) { return l.position(len(l.records)), nil }

func (l *tape) position(n int) Position {
	p := Position{Stream: "tape", Created: l.created, Seq: Seq(n)}
	if n > 0 {
		p.Time = l.records[n-1].Time
	}
	return p
}

func (l *tape) Open(_ context.Context, from Position) (Cursor, error) {
	if err := l.faults.next("open"); err != nil {
		return nil, err
	}
	n := int(from.Seq)
	switch {
	case from != Position{} && !from.Created.Equal(l.created):
		return nil, fmt.Errorf("tape: %w", ErrRecreated)
	case n > len(l.records) || from != Position{} && !l.position(n).Time.Equal(from.Time):
		return nil, fmt.Errorf("tape: %w", ErrRewound)
	}
	return &tapeCursor{tape: l, next: n}, nil
}

type tapeCursor struct {
	tape *tape
	next int
	turn int
}

func (c *tapeCursor) Next(ctx context.Context) ([]Record, error) {
	if err := c.tape.faults.next("next"); err != nil {
		return nil, err
	}
	if c.next == len(c.tape.records) {
		c.tape.ended()
		<-ctx.Done()
		return nil, ctx.Err()
	}
	size := len(c.tape.records)
	if n := len(c.tape.cuts); n > 0 {
		size = c.tape.cuts[c.turn%n]
	}
	c.turn++
	end := min(c.next+size, len(c.tape.records))
	out := c.tape.records[c.next:end]
	c.next = end
	return out, nil
}

func (c *tapeCursor) Position() Position { return c.tape.position(c.next) }
func (c *tapeCursor) Close() error       { return nil }

// faults fails chosen calls. The zero value fails none.
type faults struct {
	mu    sync.Mutex
	calls int
	fails func(call int, site string) bool
}

var errFault = errors.New("this call is to fail")

func (f *faults) next(site string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if f.fails != nil && f.fails(f.calls, site) {
		return fmt.Errorf("%w (%s)", errFault, site)
	}
	return nil
}

// flaky is a Store that keeps bytes, as real ones do, and fails where it is told to: before a call, or after a commit
// that was made.
type flaky struct {
	Store
	faults *faults
}

func (s *flaky) Load(ctx context.Context, model string, refs []events.Ref) ([]Row, error) {
	if err := s.faults.next("load"); err != nil {
		return nil, err
	}
	return s.Store.Load(ctx, model, refs)
}

func (s *flaky) Checkpoint(ctx context.Context, model string, slot int) (Checkpoint, error) {
	if err := s.faults.next("checkpoint"); err != nil {
		return Checkpoint{}, err
	}
	return s.Store.Checkpoint(ctx, model, slot)
}

func (s *flaky) Commit(ctx context.Context, c Commit) error {
	if err := s.faults.next("commit"); err != nil {
		return err
	}
	rows := make([]Row, len(c.Rows))
	for i, row := range c.Rows {
		b, err := row.State.MarshalBinary()
		if err != nil {
			return err
		}
		row.State = Bytes(b)
		rows[i] = row
	}
	c.Rows = rows
	if err := s.Store.Commit(ctx, c); err != nil {
		return err
	}
	return s.faults.next("committed")
}

// project runs a projector over a tape to its end.
func project(t require.TestingT, c Config) {
	ctx, done := context.WithCancel(context.Background())
	defer done()
	c.Log.(*tape).ended = done
	p, err := New(c)
	require.NoError(t, err)
	require.ErrorIs(t, p.Run(ctx), context.Canceled)
}

// again retries everything at once.
func again(context.Context, error, int) bool { return true }

// rows lists everything that a store holds of a model: sequence, state, keys and document of every resource.
func rows(t require.TestingT, s Store, m AnyModel) map[events.Ref]string {
	var all []Row
	for q := (Query{Model: m.ID(), Limit: 1_000_000}); ; {
		page, err := s.List(context.Background(), q)
		require.NoError(t, err)
		all, q.Cursor = append(all, page.Rows...), page.Next
		if q.Cursor == "" {
			break
		}
	}
	out := map[events.Ref]string{}
	for _, row := range all {
		b, err := row.State.MarshalBinary()
		require.NoError(t, err)
		doc, err := ReadDocument(context.Background(), s, m, row.Ref.Source, row.Ref.ID, AsOf{})
		if err != nil {
			require.ErrorIs(t, err, ErrUnknown)
		}
		out[row.Ref] = fmt.Sprint(row.Seq, row.Index, string(b), string(doc.JSON))
	}
	return out
}

// traffic makes records of several diaries and lights: late ones, equal times, copies, strangers, and now and then a
// poisoned one.
func traffic(n int, seed uint64) []Record {
	rng := rand.New(rand.NewPCG(seed, 0))
	var out []Record
	for i := range n {
		if i > 0 && rng.IntN(6) == 0 {
			rec := out[rng.IntN(i)]
			rec.Seq, rec.Time = Seq(i+1), time.Unix(start+int64(i), 0).UTC()
			out = append(out, rec)
			continue
		}
		types := []events.Type{"ON", "OFF", "STRANGE", events.Observed, events.Tick}
		e := event(types[rng.IntN(len(types))], fmt.Sprintf("d_%d", rng.IntN(6)), start+int64(i)-rng.Int64N(40))
		e.Ref.Kind = []string{"diary", "light", "stranger"}[rng.IntN(3)]
		if rng.IntN(60) == 0 {
			e.Type = poison
		}
		out = append(out, Record{Seq: Seq(i + 1), Time: time.Unix(start+int64(i), 0).UTC(), Event: e})
	}
	return out
}

// both are the models of the traffic.
var both = []AnyModel{diaries, lights}

// fresh folds a tape into a new store without any trouble, in one batch.
func fresh(t require.TestingT, recs []Record) *MemoryStore {
	s := NewMemoryStore()
	project(t, Config{Log: newTape(recs), Store: s, Models: both})
	return s
}

// same demands that two stores hold the same read models.
func same(t require.TestingT, want, got Store, why ...any) {
	for _, m := range both {
		require.Equal(t, rows(t, want, m), rows(t, got, m), why...)
	}
}
