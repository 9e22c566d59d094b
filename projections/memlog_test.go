package projections

import (
	"context"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
)

// stepping is a clock that goes on by a second at every look.
func stepping() func() time.Time {
	t := time.Unix(start, 0).UTC()
	return func() time.Time {
		t = t.Add(time.Second)
		return t
	}
}

func TestMemoryLog_StoresInOrderAndOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	l := NewMemoryLog("log", stepping(), 0)
	seq, err := l.Append(ctx, event("ON", "a", 1), event("ON", "b", 1))
	require.NoError(t, err)
	assert.Equal(t, Seq(2), seq)
	seq, err = l.Append(ctx, event("ON", "c", 1), event("ON", "a", 1))
	require.NoError(t, err)
	assert.Equal(t, Seq(1), seq, "the last one is known since then")
	head, err := l.Head(ctx)
	require.NoError(t, err)
	assert.Equal(t, Seq(3), head.Seq)
	c, err := l.Open(ctx, Position{})
	require.NoError(t, err)
	recs, err := c.Next(ctx)
	require.NoError(t, err)
	require.Len(t, recs, 3)
	for i, rec := range recs {
		assert.Equal(t, Seq(i+1), rec.Seq)
		assert.Equal(t, []string{"a", "b", "c"}[i], rec.Event.Ref.ID)
	}
	assert.Equal(t, head, c.Position())
	require.NoError(t, c.Close())
}

func TestMemoryLog_TakesAllOrNothingWhenItIsFull(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	l := NewMemoryLog("log", stepping(), 2)
	_, err := l.Append(ctx, event("ON", "a", 1))
	require.NoError(t, err)
	_, err = l.Append(ctx, event("ON", "b", 1), event("ON", "c", 1))
	require.ErrorIs(t, err, ErrFull)
	head, _ := l.Head(ctx)
	assert.Equal(t, Seq(1), head.Seq, "what was to be appended is not stored")
	_, err = l.Append(ctx, event("ON", "b", 1), event("ON", "a", 1), event("ON", "b", 1))
	require.NoError(t, err, "copies take no room")
	_, err = l.Append(ctx, event("ON", "a", 1))
	require.NoError(t, err)
	_, err = l.Append(ctx, event("ON", "c", 1))
	require.ErrorIs(t, err, ErrFull)
}

func TestMemoryLog_NoticesPositionsThatAreNotItsOwn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	l := NewMemoryLog("log", stepping(), 0)
	_, _ = l.Append(ctx, event("ON", "a", 1), event("ON", "b", 1))
	head, _ := l.Head(ctx)
	for name, c := range map[string]struct {
		change func(*Position)
		want   error
	}{
		"another name":     {func(p *Position) { p.Stream = "other" }, ErrRecreated},
		"another creation": {func(p *Position) { p.Created = p.Created.Add(1) }, ErrRecreated},
		"beyond its head":  {func(p *Position) { p.Seq = 3 }, ErrRewound},
		"far beyond":       {func(p *Position) { p.Seq = math.MaxUint64 }, ErrRewound},
		"another record":   {func(p *Position) { p.Time = p.Time.Add(1) }, ErrRewound},
		"its head":         {func(*Position) {}, nil},
		"its beginning":    {func(p *Position) { p.Seq, p.Time = 0, time.Time{} }, nil},
	} {
		from := head
		c.change(&from)
		_, err := l.Open(ctx, from)
		assert.ErrorIs(t, err, c.want, name)
	}
}

func TestMemoryLog_NextWaitsForRecordsOrTheEndOfTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := NewMemoryLog("log", stepping(), 0)
		c, err := l.Open(t.Context(), Position{})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan error, 1)
		read := func() {
			_, err := c.Next(ctx)
			got <- err
		}
		go read()
		synctest.Wait()
		assert.Empty(t, got)
		_, err = l.Append(ctx, event("ON", "a", 1))
		require.NoError(t, err)
		require.NoError(t, <-got)
		go read()
		synctest.Wait()
		cancel()
		assert.ErrorIs(t, <-got, context.Canceled)
	})
}

func TestMemoryLog_ManyMayAppendWhileOneReads(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	l := NewMemoryLog("log", stepping(), 0)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 50 {
				_, err := l.Append(ctx, event("ON", string(rune('a'+w)), int64(i)))
				assert.NoError(t, err)
			}
		})
	}
	c, err := l.Open(ctx, Position{})
	require.NoError(t, err)
	seen := map[events.ID]bool{}
	for next := Seq(1); next <= 200; {
		recs, err := c.Next(ctx)
		require.NoError(t, err)
		for _, rec := range recs {
			require.Equal(t, next, rec.Seq)
			seen[rec.Event.ID()] = true
			next++
		}
	}
	assert.Len(t, seen, 200)
	writers.Wait()
}
