package snapshot_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/snapshot"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// roundRobin is a log of decoded claims about so many users, each of whom is spoken of in every round. Reading it costs
// next to nothing, so that a refold from it is quicker than one from any server.
type roundRobin struct{ users, rounds int }

var errRead = errors.New("all is read")

func (l roundRobin) Append(context.Context, ...events.Event) (projections.Seq, error) {
	return 0, projections.ErrReadOnly
}

func (l roundRobin) Head(context.Context) (projections.Position, error) {
	return projections.Position{}, nil
}

func (l roundRobin) Open(_ context.Context, from projections.Position) (projections.Cursor, error) {
	return &robin{roundRobin: l, at: int(from.Seq)}, nil
}

// robin is its cursor.
type robin struct {
	roundRobin
	at   int
	room [5000]projections.Record
}

// said are the types of the claims, one a round.
var said = []events.Type{"USER_KYC_REGULAR", "USER_KYC_LIGHT", "USER_INFLOWS_BLOCKED", "USER_INFLOWS_UNBLOCKED", "USER_ACCOUNT_ACTIVATED"}

func (c *robin) Next(context.Context) ([]projections.Record, error) {
	n := min(len(c.room), c.users*c.rounds-c.at)
	if n == 0 {
		return nil, errRead
	}
	for i := range n {
		round, user := (c.at+i)/c.users, (c.at+i)%c.users
		c.room[i] = projections.Record{Seq: projections.Seq(c.at + i + 1), Time: time.Unix(1_800_000_000, 0), Event: events.Event{
			Type: said[round%len(said)], Date: 1_743_627_006 + int64(round)*3600 + int64(user%997),
			Ref: events.Ref{Source: "mangopay", Kind: "user", ID: fmt.Sprintf("user_m_01JQVHDG0S0TJP5KF%07d", user)},
		}}
	}
	c.at += n
	return c.room[:n], nil
}

func (c *robin) Position() projections.Position {
	return projections.Position{Stream: "LOG", Seq: projections.Seq(c.at), Time: time.Unix(1_800_000_000, 0)}
}

func (c *robin) Close() error { return nil }

// BenchmarkSnapshot tells what a copy costs, and how a resume from it compares with folding the log again.
func BenchmarkSnapshot(b *testing.B) {
	for _, users := range []int{100_000, 1_000_000} {
		for _, rounds := range []int{1, 5} {
			b.Run(fmt.Sprintf("users=%d/each=%d", users, rounds), func(b *testing.B) { measure(b, roundRobin{users, rounds}) })
		}
	}
}

// measure folds, copies and resumes, one after the other.
func measure(b *testing.B, log roundRobin) {
	var told snapshot.Saved
	c := snapshot.Config{Dir: b.TempDir(), Log: log, Models: []projections.AnyModel{views.Users}, Every: -1, Observe: func(s snapshot.Saved) { told = s }}
	var fold, save, pause, resume time.Duration
	for b.Loop() {
		c.Fresh = true
		s, err := snapshot.Open(b.Context(), c)
		require.NoError(b, err)
		proj, err := projections.New(projections.Config{Log: log, Store: s, Models: c.Models})
		require.NoError(b, err)
		fold += timed(func() { require.ErrorIs(b, proj.Run(b.Context()), errRead) })
		require.NoError(b, s.Save(b.Context()))
		save, pause = save+told.Took, pause+told.Paused
		s, proj = nil, nil
		c.Fresh = false
		runtime.GC()
		resume += timed(func() { s, err = snapshot.Open(b.Context(), c) })
		require.NoError(b, err)
		require.NoError(b, s.Refused())
		require.Equal(b, log.users, s.Cut()[0].Len())
	}
	b.ReportMetric(float64(told.Bytes)/float64(log.users), "B/resource")
	b.ReportMetric(save.Seconds()*1000/float64(b.N), "save-ms")
	b.ReportMetric(pause.Seconds()*1000/float64(b.N), "pause-ms")
	b.ReportMetric(resume.Seconds()*1000/float64(b.N), "resume-ms")
	b.ReportMetric(fold.Seconds()*1000/float64(b.N), "refold-ms")
	b.ReportMetric(fold.Seconds()/resume.Seconds(), "refold/resume")
	b.ReportMetric(0, "ns/op")
}

func timed(do func()) time.Duration {
	began := time.Now()
	do()
	return time.Since(began)
}
