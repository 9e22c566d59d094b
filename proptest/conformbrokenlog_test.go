package proptest_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/proptest"
)

// brokenLog is a memory log that one of its methods can betray.
type brokenLog struct {
	*projections.MemoryLog
	append func(*projections.MemoryLog, []events.Event) (projections.Seq, error)
	open   func(*projections.MemoryLog, projections.Position) (projections.Cursor, error)
	next   func([]projections.Record) []projections.Record
	at     func(projections.Position) projections.Position
}

func (l *brokenLog) Append(ctx context.Context, es ...events.Event) (projections.Seq, error) {
	if l.append != nil {
		return l.append(l.MemoryLog, es)
	}
	return l.MemoryLog.Append(ctx, es...)
}

func (l *brokenLog) Open(ctx context.Context, from projections.Position) (projections.Cursor, error) {
	open := func(l *projections.MemoryLog, from projections.Position) (projections.Cursor, error) {
		return l.Open(ctx, from)
	}
	if l.open != nil {
		open = l.open
	}
	c, err := open(l.MemoryLog, from)
	return &brokenCursor{c, l}, err
}

type brokenCursor struct {
	projections.Cursor
	log *brokenLog
}

func (c *brokenCursor) Next(ctx context.Context) ([]projections.Record, error) {
	records, err := c.Cursor.Next(ctx)
	if c.log.next != nil {
		records = c.log.next(records)
	}
	return records, err
}

func (c *brokenCursor) Position() projections.Position {
	if c.log.at != nil {
		return c.log.at(c.Cursor.Position())
	}
	return c.Cursor.Position()
}

func TestLogConformanceFailsOnBrokenLogs(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, c := range map[string]struct {
		log  brokenLog
		want []string
	}{
		"none": {},
		"leaves a record out": {brokenLog{next: func(rs []projections.Record) []projections.Record {
			return slices.DeleteFunc(slices.Clone(rs), func(r projections.Record) bool { return r.Seq == 3 && len(rs) > 1 })
		}}, []string{"events come back"}},
		"gives a record twice": {brokenLog{next: func(rs []projections.Record) []projections.Record {
			return append(slices.Clone(rs), rs[len(rs)-1])
		}}, []string{"events come back"}},
		"turns a batch around": {brokenLog{next: func(rs []projections.Record) []projections.Record {
			rs = slices.Clone(rs)
			slices.Reverse(rs)
			return rs
		}}, []string{"events come back"}},
		"forgets how an event came": {brokenLog{next: func(rs []projections.Record) []projections.Record {
			rs = slices.Clone(rs)
			for i := range rs {
				rs[i].Event.Delivery = events.Delivery{}
			}
			return rs
		}}, []string{"events come back"}},
		"loses the time of a position": {brokenLog{at: func(p projections.Position) projections.Position {
			p.Time = time.Time{}
			return p
		}}, []string{"a cursor opened at any position"}},
		"opens anywhere": {brokenLog{open: func(l *projections.MemoryLog, from projections.Position) (projections.Cursor, error) {
			if c, err := l.Open(ctx, from); err == nil {
				return c, nil
			}
			return l.Open(ctx, projections.Position{})
		}}, []string{"of another log", "does not hold any more", "made anew"}},
		"opens too early": {brokenLog{open: func(l *projections.MemoryLog, from projections.Position) (projections.Cursor, error) {
			c, err := l.Open(ctx, from)
			if err == nil && from.Seq == 2 {
				return l.Open(ctx, projections.Position{})
			}
			return c, err
		}}, []string{"a cursor opened at any position"}},
		"tells the head instead of the event": {brokenLog{append: func(l *projections.MemoryLog, es []events.Event) (projections.Seq, error) {
			if _, err := l.Append(ctx, es...); err != nil {
				return 0, err
			}
			head, err := l.Head(ctx)
			return head.Seq, err
		}}, []string{"a copy is not stored again", "0 for none"}},
		"stores only the first": {brokenLog{append: func(l *projections.MemoryLog, es []events.Event) (projections.Seq, error) {
			return l.Append(ctx, es[:min(len(es), 1)]...)
		}}, []string{"Append returns the sequence"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := func() proptest.LogPlace {
				log := c.log
				log.MemoryLog = projections.NewMemoryLog("log", time.Now, 0)
				return proptest.LogPlace{
					Open:     func() projections.Log { return &log },
					Recreate: func() { log.MemoryLog = projections.NewMemoryLog("log", time.Now, 0) },
				}
			}
			var failed []string
			for _, law := range proptest.LogCases(place()) {
				if len(c.want) > 0 && !slices.ContainsFunc(c.want, func(want string) bool { return strings.Contains(law.Name, want) }) {
					continue // some would wait for what never comes
				}
				if verdictOf(func(t proptest.TB) { law.Run(t, place()) }) != "" {
					failed = append(failed, law.Name)
				}
			}
			assert.Len(t, failed, len(c.want), "%q must fail, not %q", c.want, failed)
		})
	}
}
