package proptest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// LogPlace is where a log under test keeps its records.
type LogPlace struct {
	// Open opens the log, with nothing in it at first. Every later call gives another handle on the same records; it may be
	// the same log.
	Open func() projections.Log
	// Restart ends what keeps the records, in good order, and starts it again. Handles and cursors from before stay in use.
	// nil: the log is not durable.
	Restart func()
	// Recreate makes the log anew, with nothing in it, under the same name. nil: that cannot be.
	Recreate func()
	// Small opens a log of its own that takes at least one record of a hundred bytes and is full before ten thousand. nil: no
	// log is bounded.
	Small func() projections.Log
}

// LogCase is one promise of the Log port.
type LogCase struct {
	Name string
	Run  func(TB, LogPlace)
}

// Log holds a log to everything that the port promises, and to what its place can do. Every case runs in a place of its
// own. It prints how many cases ran and returns it: compare that number.
func Log(t *testing.T, place func(testing.TB) LogPlace) int {
	t.Helper()
	cases := LogCases(place(t))
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			c.Run(t, place(t))
		})
	}
	t.Logf("log conformance: %d cases", len(cases))
	return len(cases)
}

// LogCases lists the cases for a log in such a place.
func LogCases(p LogPlace) []LogCase {
	all := slices.Concat(appendCases(), cursorCases(), positionCases())
	if p.Restart != nil {
		all = append(all, LogCase{"Restart: a restart forgets nothing, and cursors go on", logOutlivesARestart})
	}
	if p.Recreate != nil {
		all = append(all, LogCase{"Recreate: a log that was made anew is noticed", logMadeAnew})
	}
	if p.Small != nil {
		all = append(all, LogCase{"Small: a full log refuses, and keeps what it has", logFull})
	}
	return all
}

// saying is the n-th of events of which no two are alike.
func saying(n int) events.Event {
	return events.Event{
		Type: "SAID", Ref: thing(odd[1+n%(len(odd)-1)]), Date: 1_700_000_000 + int64(n),
		Delivery: events.Delivery{Origin: events.Webhook, Received: int64(n) + 1, Replica: "r", Attempt: uint64(n) + 1},
	}
}

// sayings are the events from (inclusive) to (exclusive).
func sayings(from, to int) []events.Event {
	var out []events.Event
	for n := from; n < to; n++ {
		out = append(out, saying(n))
	}
	return out
}

// scribe is a hand on one log.
type scribe struct {
	TB
	log projections.Log
	ctx context.Context
}

// soon bounds what a case waits for: it is only spent when something is broken.
const soon = 20 * time.Second

func scribeOn(t TB, l projections.Log) scribe { return scribe{t, l, context.Background()} }

// append appends and must succeed.
func (s scribe) append(es ...events.Event) projections.Seq {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, soon)
	defer cancel()
	seq, err := s.log.Append(ctx, es...)
	require.NoError(s, err)
	return seq
}

// open opens a cursor. Close it.
func (s scribe) open(from projections.Position) projections.Cursor {
	s.Helper()
	c, err := s.log.Open(s.ctx, from)
	require.NoError(s, err)
	return c
}

// head is the newest position.
func (s scribe) head() projections.Position {
	s.Helper()
	p, err := s.log.Head(s.ctx)
	require.NoError(s, err)
	return p
}

// next reads n records, and what they say stays when the cursor goes on.
func (s scribe) next(c projections.Cursor, n int) []projections.Record {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, soon)
	defer cancel()
	var all []projections.Record
	for len(all) < n {
		records, err := c.Next(ctx)
		require.NoError(s, err, "after %d of %d records", len(all), n)
		require.NotEmpty(s, records, "Next returned neither a record nor an error")
		for _, r := range records {
			if len(all) > 0 {
				require.Equal(s, all[len(all)-1].Seq+1, r.Seq, "records come without a hole")
			}
			all = append(all, r)
		}
		require.Equal(s, all[len(all)-1].Seq, c.Position().Seq)
	}
	return all
}

// tells checks that records are consecutive from a sequence on and say exactly this.
func (s scribe) tells(have []projections.Record, first projections.Seq, want []events.Event) {
	s.Helper()
	require.Len(s, have, len(want))
	for i, r := range have {
		require.Equal(s, first+projections.Seq(i), r.Seq)
		require.Equal(s, want[i], r.Event, "record %d", r.Seq)
		require.False(s, r.Time.IsZero(), "record %d has no time", r.Seq)
	}
}

// all reads the whole log again.
func (s scribe) all(want []events.Event) {
	s.Helper()
	c := s.open(projections.Position{})
	defer func() { require.NoError(s, c.Close()) }()
	s.tells(s.next(c, len(want)), 1, want)
}

func appendCases() []LogCase {
	return []LogCase{
		{"an empty log has a head at zero, and knows when it was made", func(t TB, p LogPlace) {
			head := scribeOn(t, p.Open()).head()
			require.Zero(t, head.Seq)
			require.NotEmpty(t, head.Stream)
			require.False(t, head.Created.IsZero())
		}},
		{"Append returns the sequence of the last event; 0 for none", func(t TB, p LogPlace) {
			s := scribeOn(t, p.Open())
			require.Zero(t, s.append())
			require.EqualValues(t, 1, s.append(saying(0)))
			require.EqualValues(t, 6, s.append(sayings(1, 6)...))
			require.Zero(t, s.append())
			require.EqualValues(t, 6, s.head().Seq)
		}},
		{"events come back as they were said, in order", func(t TB, p LogPlace) {
			s := scribeOn(t, p.Open())
			es := sayings(0, 50)
			data, err := events.Canonical(map[string]any{"values": map[string]string{"status": "ON"}})
			require.NoError(t, err)
			es = append(es, events.Event{Type: events.Observed, Ref: thing("a"), Date: 5, Data: data})
			s.append(es...)
			s.all(es)
		}},
		{"a copy is not stored again, and counts with its old sequence", func(t TB, p LogPlace) {
			s := scribeOn(t, p.Open())
			s.append(sayings(0, 5)...)
			again := saying(2)
			again.Delivery.Attempt++ // how it came is no part of what it is
			require.EqualValues(t, 3, s.append(again))
			require.EqualValues(t, 6, s.append(saying(0), saying(5), saying(5)))
			require.EqualValues(t, 2, s.append(saying(5), saying(1)))
			s.all(sayings(0, 6))
		}},
		{"many that append at once are all stored, once, at the sequence that they were told", manyAppend},
		{"what one handle appends another reads", func(t TB, p LogPlace) {
			a, b := scribeOn(t, p.Open()), scribeOn(t, p.Open())
			a.append(sayings(0, 3)...)
			b.append(sayings(3, 5)...)
			a.all(sayings(0, 5))
			b.all(sayings(0, 5))
		}},
	}
}

// manyAppend lets callers append at once, each event twice.
func manyAppend(t TB, p LogPlace) {
	const callers, each = 8, 25
	s := scribeOn(t, p.Open())
	var mu sync.Mutex
	at, faults := map[projections.Seq]int{}, []error{}
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			for i := range each {
				n := (c/2*each + i)
				seq, err := s.log.Append(s.ctx, saying(n))
				mu.Lock()
				if before, is := at[seq]; err == nil && is && before != n {
					err = fmt.Errorf("events %d and %d were both told sequence %d", before, n, seq)
				}
				if at[seq] = n; err != nil {
					faults = append(faults, err)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	require.Empty(t, faults)
	require.Len(t, at, callers/2*each)
	c := s.open(projections.Position{})
	defer func() { require.NoError(t, c.Close()) }()
	for _, r := range s.next(c, callers/2*each) {
		require.Equal(t, saying(at[r.Seq]), r.Event)
	}
}

func cursorCases() []LogCase {
	return []LogCase{
		{"a great log is read without a hole, across batches", func(t TB, p LogPlace) {
			s := scribeOn(t, p.Open())
			es := sayings(0, 6000)
			for from := 0; from < len(es); from += 1000 {
				s.append(es[from : from+1000]...)
			}
			s.all(es)
		}},
		{"Next waits for what is appended later", func(t TB, p LogPlace) {
			s := scribeOn(t, p.Open())
			c := s.open(projections.Position{})
			defer func() { require.NoError(t, c.Close()) }()
			for n := range 3 {
				done := make(chan struct{})
				go func() {
					defer close(done)
					_, _ = s.log.Append(s.ctx, saying(n)) // Next tells whether it came
				}()
				s.tells(s.next(c, 1), projections.Seq(n+1), sayings(n, n+1))
				<-done
			}
		}},
		{"Next ends with its context and goes on afterwards", func(t TB, p LogPlace) {
			s := scribeOn(t, p.Open())
			s.append(saying(0))
			c := s.open(projections.Position{})
			defer func() { require.NoError(t, c.Close()) }()
			s.tells(s.next(c, 1), 1, sayings(0, 1))
			ended, end := context.WithCancel(s.ctx)
			end()
			_, err := c.Next(ended)
			require.ErrorIs(t, err, context.Canceled)
			s.append(saying(1))
			s.tells(s.next(c, 1), 2, sayings(1, 2))
		}},
		{"cursors do not disturb each other", func(t TB, p LogPlace) {
			s := scribeOn(t, p.Open())
			s.append(sayings(0, 9)...)
			a, b := s.open(projections.Position{}), s.open(projections.Position{})
			s.tells(s.next(a, 9), 1, sayings(0, 9))
			require.NoError(t, a.Close())
			s.tells(s.next(b, 9), 1, sayings(0, 9))
			require.NoError(t, b.Close())
		}},
	}
}

func positionCases() []LogCase {
	return []LogCase{
		{"a cursor opened at any position gives exactly what comes after it", func(t TB, p LogPlace) {
			s := scribeOn(t, p.Open())
			var at []projections.Position
			for n := range 6 {
				s.append(saying(n))
				at = append(at, s.head())
			}
			for n, from := range at[:5] {
				c := s.open(from)
				s.tells(s.next(c, 5-n), projections.Seq(n+2), sayings(n+1, 6))
				require.Equal(t, at[5], c.Position(), "what was read has the head's fingerprint")
				require.NoError(t, c.Close())
			}
			c := s.open(at[5])
			defer func() { require.NoError(t, c.Close()) }()
			s.append(saying(6))
			s.tells(s.next(c, 1), 7, sayings(6, 7))
		}},
		{"a position of another log is refused", func(t TB, p LogPlace) {
			s := scribeOn(t, p.Open())
			s.append(sayings(0, 3)...)
			for _, change := range []func(*projections.Position){
				func(p *projections.Position) { p.Created = p.Created.Add(time.Second) },
				func(p *projections.Position) { p.Stream += "2" },
			} {
				from := s.head()
				change(&from)
				_, err := s.log.Open(s.ctx, from)
				require.ErrorIs(t, err, projections.ErrRecreated)
			}
		}},
		{"a position that the log does not hold any more is refused", func(t TB, p LogPlace) {
			s := scribeOn(t, p.Open())
			s.append(sayings(0, 3)...)
			for _, change := range []func(*projections.Position){
				func(p *projections.Position) { p.Seq++ },
				func(p *projections.Position) { p.Seq += 1000 },
				func(p *projections.Position) { p.Time = p.Time.Add(time.Nanosecond) },
			} {
				from := s.head()
				change(&from)
				_, err := s.log.Open(s.ctx, from)
				require.ErrorIs(t, err, projections.ErrRewound)
			}
		}},
	}
}

func logOutlivesARestart(t TB, p LogPlace) {
	s := scribeOn(t, p.Open())
	s.append(sayings(0, 10)...)
	head := s.head()
	c := s.open(projections.Position{})
	defer func() { require.NoError(t, c.Close()) }()
	s.tells(s.next(c, 10), 1, sayings(0, 10))
	p.Restart()
	require.Equal(t, head, s.head())
	s.append(sayings(10, 12)...)
	s.tells(s.next(c, 2), 11, sayings(10, 12))
	require.EqualValues(t, 12, s.append(saying(11)), "identities are remembered")
	scribeOn(t, p.Open()).all(sayings(0, 12))
}

func logMadeAnew(t TB, p LogPlace) {
	s := scribeOn(t, p.Open())
	s.append(sayings(0, 3)...)
	head := s.head()
	p.Recreate()
	s = scribeOn(t, p.Open())
	for n := range 4 {
		_, err := s.log.Open(s.ctx, head)
		require.ErrorIs(t, err, projections.ErrRecreated, "with %d records", n)
		s.append(saying(n))
	}
}

func logFull(t TB, p LogPlace) {
	s := scribeOn(t, p.Small())
	n := 0
	for ; n < 10_000; n++ {
		seq, err := s.log.Append(s.ctx, saying(n))
		if err != nil {
			require.ErrorIs(t, err, projections.ErrFull)
			break
		}
		require.EqualValues(t, n+1, seq)
	}
	require.Positive(t, n)
	require.Less(t, n, 10_000, "it is never full")
	require.EqualValues(t, n, s.head().Seq)
	s.all(sayings(0, n))
}
