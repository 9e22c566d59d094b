package views_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/fsm"
	machines "github.com/hookfold/hookfold/fsm/user"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// roundRobin is a Log of decoded claims about so many users, each of which is spoken of in every round. It hands out
// batches of 5,000 as the cursor of a stream does, in one slice, and tells the time that it took itself.
type roundRobin struct {
	users, rounds int
	webhook       bool // each claim is a delivery, hence a success of its hook
	ids           []string
	took          time.Duration
}

const batch = 5000

var errRead = errors.New("all is read")

// said are the types of the claims, one a round.
var said = []events.Type{
	mangopay.UserKYCRegular, mangopay.UserKYCLight, mangopay.UserInflowsBlocked, mangopay.UserInflowsUnblocked,
	mangopay.UserKYCRegular,
}

func newRoundRobin(users, rounds int, webhook bool) *roundRobin {
	l := &roundRobin{users: users, rounds: rounds, webhook: webhook, ids: make([]string, users)}
	for i := range l.ids {
		l.ids[i] = fmt.Sprintf("user_m_01JQVHDG0S0TJP5KF%07d", i)
	}
	return l
}

func (l *roundRobin) Append(context.Context, ...events.Event) (projections.Seq, error) {
	return 0, projections.ErrReadOnly
}

func (l *roundRobin) Head(context.Context) (projections.Position, error) {
	return projections.Position{}, nil
}

func (l *roundRobin) Open(context.Context, projections.Position) (projections.Cursor, error) {
	return &robin{roundRobin: l, room: make([]projections.Record, batch)}, nil
}

// robin is its cursor.
type robin struct {
	*roundRobin
	at   int
	room []projections.Record
}

func (c *robin) Next(context.Context) ([]projections.Record, error) {
	began := time.Now()
	defer func() { c.took += time.Since(began) }()
	n := min(batch, c.users*c.rounds-c.at)
	if n == 0 {
		return nil, errRead
	}
	for i := range n {
		c.room[i] = c.record(c.at + i)
	}
	c.at += n
	return c.room[:n], nil
}

// record is the n-th. An id is a text of its own where a resource will hold it.
func (c *robin) record(n int) projections.Record {
	round, id := n/c.users, c.ids[n%c.users]
	if round == 0 {
		id = strings.Clone(id)
	}
	e := events.Event{
		Type: said[round%len(said)], Ref: events.Ref{Source: mangopay.Source, Kind: mangopay.KindUser, ID: id},
		Date: t0 + int64(round)*3600,
	}
	if c.webhook {
		e.Delivery = events.Delivery{Origin: events.Webhook, Received: t0*1000 + int64(n), Replica: "a", Attempt: uint64(n + 1)}
	}
	return projections.Record{Seq: projections.Seq(n + 1), Time: time.Unix(t0+int64(n), 0).UTC(), Event: e}
}

func (c *robin) Position() projections.Position {
	return projections.Position{Seq: projections.Seq(c.at), Time: time.Unix(t0+int64(c.at)-1, 0)}
}

func (c *robin) Close() error { return nil }

// deaf is an observer that does nothing.
type deaf struct{}

func (deaf) Folded(string, projections.Record, projections.Effect) {}
func (deaf) Ignored(projections.Record)                            {}
func (deaf) Committed(projections.Commit)                          {}
func (deaf) Parked(string, events.Ref, projections.Parked)         {}

// foldAll runs a projector over the log and returns the store that it filled.
func foldAll(b *testing.B, l *roundRobin, models ...projections.AnyModel) *projections.MemoryStore {
	b.Helper()
	store := projections.NewMemoryStore()
	p, err := projections.New(projections.Config{Log: l, Store: store, Models: models, Observe: deaf{}})
	require.NoError(b, err)
	require.ErrorIs(b, p.Run(context.Background()), errRead)
	return store
}

// BenchmarkProjector folds decoded events into memory on the whole way: Projector, MemoryStore and an observer. The time of
// the log, which makes the records, is left out.
//
//	go test ./projections/views -run '^$' -bench Projector -benchmem
func BenchmarkProjector(b *testing.B) {
	for _, c := range []struct {
		name    string
		users   int
		webhook bool
		models  []projections.AnyModel
	}{
		{"bare claims/users=1000", 1000, false, []projections.AnyModel{views.Users}},
		{"bare claims/users=100000", 100_000, false, []projections.AnyModel{views.Users}},
		{"webhooks, all models/users=100000", 100_000, true, views.All()},
	} {
		b.Run(c.name, func(b *testing.B) {
			n, took := 0, time.Duration(0)
			b.ReportAllocs()
			for b.Loop() {
				l := newRoundRobin(c.users, 500_000/c.users, c.webhook)
				began := time.Now()
				runtime.KeepAlive(foldAll(b, l, c.models...))
				took += time.Since(began) - l.took
				n += l.users * l.rounds
			}
			b.ReportMetric(float64(took.Nanoseconds())/float64(n), "ns/event")
			b.ReportMetric(float64(n)/took.Seconds(), "events/s")
		})
	}
}

// BenchmarkBareTable is what BenchmarkProjector is measured by: the same claims stepped by one machine in a Go map, without
// history, order, copies, horizon, documents or anything else.
func BenchmarkBareTable(b *testing.B) {
	columns := map[events.Type]fsm.Column{}
	for _, t := range said {
		columns[t], _ = machines.KYCMachine.Column(string(t)) // of what it does not know, the first: a step all the same
	}
	n, took := 0, time.Duration(0)
	for b.Loop() {
		l := newRoundRobin(100_000, 5, false)
		began := time.Now()
		states := map[events.Ref]machines.KYC{}
		c, _ := l.Open(context.Background(), projections.Position{})
		for recs, err := c.Next(context.Background()); err == nil; recs, err = c.Next(context.Background()) {
			for i := range recs {
				e := &recs[i].Event
				states[e.Ref] = machines.KYCMachine.Step(states[e.Ref], columns[e.Type], struct{}{}).To
			}
			n += len(recs)
		}
		took += time.Since(began) - l.took
	}
	b.ReportMetric(float64(took.Nanoseconds())/float64(n), "ns/event")
	b.ReportMetric(float64(n)/took.Seconds(), "events/s")
}

// BenchmarkGrowth tells what an event costs and what a user takes while users grow.
func BenchmarkGrowth(b *testing.B) {
	for _, users := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) {
			for b.Loop() {
				l := newRoundRobin(users, 5, false)
				before := heap()
				began := time.Now()
				store := foldAll(b, l, views.Users)
				took := time.Since(began) - l.took
				b.ReportMetric(float64(took.Nanoseconds())/float64(5*users), "ns/event")
				b.ReportMetric(float64(heap()-before)/float64(users), "B/user")
				runtime.KeepAlive(store)
				runtime.KeepAlive(l)
			}
		})
	}
}

func heap() uint64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}
