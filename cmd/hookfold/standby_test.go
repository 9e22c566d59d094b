package main

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// looked is what one look sees: how far the log is, and each read model.
type looked struct {
	head projections.Seq
	at   map[string]projections.Seq // by model; others are at the head
	err  error
}

// looks are seen one after the other.
type looks struct {
	now  looked
	next []looked
}

func (l *looks) Head(context.Context) (projections.Position, error) {
	l.now, l.next = l.next[0], l.next[1:]
	return projections.Position{Seq: l.now.head}, l.now.err
}

func (l *looks) Checkpoint(_ context.Context, model string, _ int) (projections.Checkpoint, error) {
	at, own := l.now.at[model]
	if !own {
		at = l.now.head
	}
	return projections.Checkpoint{Position: projections.Position{Seq: at}}, nil
}

func TestAStandbyTakesOverOnlyWhatStandsStillAlthoughThereIsSomethingToFold(t *testing.T) {
	t.Parallel()
	users := func(head, at projections.Seq) looked {
		return looked{head: head, at: map[string]projections.Seq{views.Users.ID(): at}}
	}
	for why, c := range map[string]struct {
		looks []looked
		over  bool
	}{
		"it folds":                        {looks: []looked{users(10, 5), users(20, 15), users(30, 25), users(30, 30)}},
		"there is nothing to fold":        {looks: []looked{users(10, 10), users(10, 10), users(10, 10), users(0, 0), users(0, 0)}},
		"a record came just now":          {looks: []looked{users(10, 10), users(11, 10), users(11, 11), users(12, 11)}},
		"it stands still":                 {looks: []looked{users(10, 10), users(11, 10), users(12, 10)}, over: true},
		"it stands still at the start":    {looks: []looked{users(1, 0), users(2, 0)}, over: true},
		"it stands still again":           {looks: []looked{users(9, 5), users(9, 9), users(12, 5), users(12, 5)}, over: true},
		"whoever takes over meets errors": {looks: []looked{{err: projections.ErrAway}}, over: true},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			seen := &looks{next: c.looks}
			s := standby{log: seen, store: seen, models: views.All()}
			ctx, stop := context.WithCancel(t.Context())
			ticks, over := make(chan time.Time), make(chan bool, 1)
			go func() { over <- s.wait(ctx, ticks) }()
			for range c.looks {
				ticks <- time.Time{}
			}
			if !c.over {
				stop()
			}
			require.Equal(t, c.over, <-over)
			stop()
		})
	}
}

func TestWhoReadsFromAStandbyWaitsForTheOtherProjector(t *testing.T) {
	t.Parallel()
	proj, err := projections.New(projections.Config{ // it never runs
		Log: projections.NewMemoryLog("log", time.Now, 0), Store: projections.NewMemoryStore(), Models: views.All(),
	})
	require.NoError(t, err)
	p := &parts{proj: proj, rival: standby{store: &looks{now: looked{head: 7}}, models: views.All()}}
	p.standing.Store(true)
	require.NoError(t, p.applied(t.Context(), 7))
	asks, ended := context.WithCancel(t.Context())
	ended()
	require.NoError(t, p.applied(asks, 7), "it asks, and does not wait")
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	var lag *projections.LagError
	require.ErrorAs(t, p.applied(ctx, 8), &lag)
	p.standing.Store(false)
	require.ErrorAs(t, p.applied(ctx, 7), &lag, "nobody folds")
}

func TestAStoppageIsToldAtItsBeginNowAndThenAndAtItsEnd(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	logger, o, now := slog.New(slog.NewTextHandler(&said, nil)), stoppage{}, time.Unix(1_800_000_000, 0)
	lines := func() int { return bytes.Count(said.Bytes(), []byte("\n")) }
	o.over(logger, now)
	assert.Zero(t, lines(), "nothing was wrong")
	for range 30 {
		o.tell(logger, projections.ErrAway, 5*time.Second, now)
		now = now.Add(5 * time.Second)
	}
	assert.Equal(t, 3, lines(), "of two and a half minutes")
	o.over(logger, now)
	assert.Equal(t, 4, lines())
	assert.Contains(t, said.String(), "attempts=30")
	assert.Contains(t, said.String(), "after=2m30s")
	o.over(logger, now)
	assert.Equal(t, 4, lines())
	o.tell(logger, projections.ErrAway, time.Second, now)
	assert.Equal(t, 5, lines(), "the next one")
}
