package snapshot_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/snapshot"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/internal/killtest"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// counting is a log that remembers from where it was read.
type counting struct {
	projections.Log
	opened []projections.Seq
}

func (l *counting) Open(ctx context.Context, from projections.Position) (projections.Cursor, error) {
	l.opened = append(l.opened, from.Seq)
	return l.Log.Open(ctx, from)
}

func TestAStoreThatWasClosedGoesOnFromItsSnapshot(t *testing.T) {
	t.Parallel()
	said := killtest.Lives(900, 40)
	log := filled(t, said[:600])
	c := config(t, log)
	s := open(t, c)
	fold(t, log, s)
	require.NoError(t, s.Close())
	_, err := log.Append(t.Context(), said[600:]...)
	require.NoError(t, err)

	told := &journal{}
	c.Logger = told.logger()
	again := open(t, c)
	require.NoError(t, again.Refused())
	require.Contains(t, told.String(), "the read models are resumed from the snapshot")
	requireFresh(t, again, records(t, log, 600))
	counted := &counting{Log: log}
	fold(t, counted, again)
	require.Equal(t, []projections.Seq{600}, slices.Compact(counted.opened), "only what is new was read")
	requireFresh(t, again, records(t, log, 900))
	require.NoError(t, again.Close())
	requireFresh(t, open(t, c), records(t, log, 900))
}

// The snapshot is of one instant, also while others commit: whatever it holds is exactly a fold up to its checkpoint.
func TestLaw6_ASnapshotUnderLoadIsOfOneInstant(t *testing.T) {
	t.Parallel()
	const all = 3000
	first := make(chan struct{})
	log := inBatches{Log: filled(t, killtest.Lives(all, 150)), most: 3, before: func(n int) {
		if n == all/6 {
			<-first
		}
	}}
	c := config(t, log)
	s := open(t, c)
	copies := make(chan []snapshot.Config)
	go func() {
		var out []snapshot.Config
		for reached(t, s) < all && assert.NoError(t, s.Save(t.Context())) {
			if one, err := copyOf(t, c); err == nil { // before the first commit there is none
				if out = append(out, one); len(out) == 1 {
					close(first)
				}
			}
		}
		copies <- out
	}()
	fold(t, log, s)
	whole, middle := records(t, log, all), 0
	for _, one := range <-copies {
		found := open(t, one)
		require.NoError(t, found.Refused())
		for _, m := range views.All() {
			at, err := found.Checkpoint(t.Context(), m.ID(), 0)
			require.NoError(t, err)
			if at.Position.Seq > 0 && at.Position.Seq < all {
				middle++
			}
			require.Equal(t, documents(t, m, whole[:at.Position.Seq]), held(t, found, m), "%s at %d", m.ID(), at.Position.Seq)
		}
	}
	t.Logf("%d models were copied in the middle of the fold", middle)
	require.Positive(t, middle)
	require.NoError(t, s.Close())
}

// inBatches is a log that gives few records at once.
type inBatches struct {
	projections.Log
	most   int
	before func(n int) // is called before the n-th batch; nil: nothing
}

func (l inBatches) Open(ctx context.Context, from projections.Position) (projections.Cursor, error) {
	c, err := l.Log.Open(ctx, from)
	return &fewAtOnce{Cursor: c, of: l, at: from}, err
}

type fewAtOnce struct {
	projections.Cursor
	of   inBatches
	n    int
	left []projections.Record
	at   projections.Position
}

func (c *fewAtOnce) Next(ctx context.Context) ([]projections.Record, error) {
	if c.n++; c.of.before != nil {
		c.of.before(c.n)
	}
	if len(c.left) == 0 {
		some, err := c.Cursor.Next(ctx)
		if err != nil {
			return nil, err
		}
		c.left = slices.Clone(some)
	}
	some := c.left[:min(c.of.most, len(c.left))]
	c.left = c.left[len(some):]
	last := some[len(some)-1]
	c.at = c.Cursor.Position()
	c.at.Seq, c.at.Time = last.Seq, last.Time
	return some, nil
}

func (c *fewAtOnce) Position() projections.Position { return c.at }

func TestASnapshotIsWrittenAtIntervalsAndOnlyWhenSomethingWasCommitted(t *testing.T) {
	t.Parallel()
	log := filled(t, killtest.Lives(200, 20))
	c := config(t, log)
	c.Every = time.Millisecond
	saved := make(chan snapshot.Saved, 1000)
	c.Observe = func(s snapshot.Saved) { saved <- s }
	s := open(t, c)
	fold(t, log, s)
	for n := 0; n < 200; {
		select {
		case told := <-saved:
			require.NoError(t, told.Err)
			require.Positive(t, told.Bytes)
			require.GreaterOrEqual(t, told.Took, told.Paused)
			copied, err := copyOf(t, c)
			require.NoError(t, err)
			n = int(reached(t, open(t, copied)))
		case <-time.After(patience):
			t.Fatal("no snapshot was written")
		}
	}
	require.NoError(t, s.Close())
	before := len(saved)
	require.NoError(t, s.Save(t.Context()), "nothing was committed since")
	require.NoError(t, s.Close(), "twice does no harm")
	require.Len(t, saved, before)
}

func TestOnlyWhatIsFoldedIsResumedButMarksAreKept(t *testing.T) {
	t.Parallel()
	log := filled(t, killtest.Lives(100, 10))
	c := config(t, log)
	s := open(t, c)
	fold(t, log, s)
	mark := projections.Checkpoint{Epoch: 3, Position: projections.Position{Seq: 7, Stream: "mark", Time: time.Unix(5, 6).UTC()}}
	require.NoError(t, s.Commit(t.Context(), projections.Commit{Model: "marks", Slot: 1 << 30, To: mark}))
	require.NoError(t, s.Close())

	c.Models = []projections.AnyModel{views.Users}
	again := open(t, c)
	require.NotEmpty(t, held(t, again, views.Users))
	require.Empty(t, held(t, again, views.Sessions))
	at, err := again.Checkpoint(t.Context(), views.Sessions.ID(), 0)
	require.NoError(t, err)
	require.Zero(t, at, "what has no rows begins anew")
	at, err = again.Checkpoint(t.Context(), "marks", 1<<30)
	require.NoError(t, err)
	require.Equal(t, mark, at)
}

func TestSecondaryKeysComeBack(t *testing.T) {
	t.Parallel()
	c := config(t, anyLog{})
	c.Models = []projections.AnyModel{named("things")}
	s := open(t, c)
	row := projections.Row{Ref: events.Ref{Source: "s", Kind: "k", ID: "a"}, Seq: 1, State: projections.Bytes("x"), Index: map[string]string{"user": "u", "": "v"}}
	require.NoError(t, s.Commit(t.Context(), projections.Commit{Model: "things_v1", To: projections.Checkpoint{Epoch: 1}, Rows: []projections.Row{row}}))
	require.NoError(t, s.Close())
	page, err := open(t, c).List(t.Context(), projections.Query{Model: "things_v1", Index: "user", Value: "u"})
	require.NoError(t, err)
	require.Len(t, page.Rows, 1)
	require.Equal(t, row.Index, page.Rows[0].Index)
}

func TestFreshLeavesAsideWhatIsThere(t *testing.T) {
	t.Parallel()
	log := filled(t, killtest.Lives(100, 10))
	c := config(t, log)
	s := open(t, c)
	fold(t, log, s)
	require.NoError(t, s.Close())
	c.Fresh = true
	require.Zero(t, reached(t, open(t, c)))
}

// noRoom is a state that cannot be written.
type noRoom struct{}

var errNoRoom = errors.New("no room")

func (noRoom) MarshalBinary() ([]byte, error) { return nil, errNoRoom }

func TestACopyThatFailsLeavesTheOneBefore(t *testing.T) {
	t.Parallel()
	log := filled(t, killtest.Lives(100, 10))
	c := config(t, log)
	s := open(t, c)
	fold(t, log, s)
	require.NoError(t, s.Save(t.Context()))
	bad := projections.Row{Ref: events.Ref{ID: "a"}, State: noRoom{}}
	require.NoError(t, s.Commit(t.Context(), projections.Commit{Model: "other", To: projections.Checkpoint{Epoch: 1}, Rows: []projections.Row{bad}}))
	err := s.Close()
	require.ErrorIs(t, err, errNoRoom)
	require.ErrorContains(t, err, "the copy before stands")
	requireFresh(t, open(t, c), records(t, log, 100))
	files, err := os.ReadDir(c.Dir)
	require.NoError(t, err)
	require.Len(t, files, 1, "nothing unfinished is left")
}

func TestEverythingThatIsMissingIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := snapshot.Open(t.Context(), snapshot.Config{Every: -2})
	require.ErrorIs(t, err, snapshot.ErrConfig)
	for _, what := range []string{"Dir", "Log", "Models", "Every"} {
		assert.ErrorContains(t, err, what)
	}
}
