package backfill_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
)

// start is a moment on which all tests stand.
var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

const kyc, closed = catalogue.UserKYCRegular, catalogue.UserAccountClosed

// provider is a list of past events with the bad manners that are known or not excluded. Its clock goes on by a second at
// every request.
type provider struct {
	inclusive bool             // the bounds belong to the window
	order     func(n int) int  // where the row stands that is the n-th by date; nil: by date
	headless  bool             // without x-number-of-pages
	bounds    func(int64) bool // tells whether a date is kept in; nil: by the question
	late      int64            // seconds until an event is listed
	before    func(call int)   // runs before each answer, as other things that happen meanwhile
	fails     func(call int) error

	mu    sync.Mutex
	now   time.Time
	rows  []mangopay.PastEvent
	calls int
	asked []mangopay.EventQuery
}

// happens adds an event.
func (p *provider) happens(t events.Type, id string, at int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows = append(p.rows, mangopay.PastEvent{Type: t, ResourceID: id, Date: at})
}

// Now is the time at the provider.
func (p *provider) Now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *provider) Events(_ context.Context, q mangopay.EventQuery) (a mangopay.Answer[mangopay.EventPage], err error) {
	p.mu.Lock()
	call := p.calls
	p.calls++
	p.now = p.now.Add(time.Second)
	a.At = p.now
	p.asked = append(p.asked, q)
	p.mu.Unlock()
	if p.before != nil {
		p.before(call)
	}
	if p.fails != nil {
		if err := p.fails(call); err != nil {
			return a, err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if q.PerPage > 100 || q.Page < 1 {
		return a, errors.New("the provider has no such page")
	}
	rows := p.window(q)
	for i := 0; i < len(rows); i += q.PerPage {
		if a.Value.Pages++; a.Value.Pages == q.Page {
			a.Value.Events = rows[i:min(i+q.PerPage, len(rows))]
		}
	}
	if p.headless {
		a.Value.Pages = 0
	}
	return a, nil
}

// window are the rows of a question, in the order of the moment.
func (p *provider) window(q mangopay.EventQuery) []mangopay.PastEvent {
	var rows []mangopay.PastEvent
	for _, r := range p.rows {
		in := r.Date > q.After && r.Date < q.Before || p.inclusive && (r.Date == q.After || r.Date == q.Before)
		if p.bounds != nil {
			in = p.bounds(r.Date)
		}
		if in && r.Type == q.Type && r.Date+p.late <= p.now.Unix() {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b mangopay.PastEvent) int { return cmp.Compare(a.Date, b.Date) })
	if p.order != nil {
		for i := range rows {
			j := p.order(i)
			rows[i], rows[j%len(rows)] = rows[j%len(rows)], rows[i]
		}
	}
	return rows
}

// memory is a log in memory.
func memory() *projections.MemoryLog {
	return projections.NewMemoryLog("log", func() time.Time { return start }, 0)
}

// counted is a log that counts what is offered to it.
type counted struct {
	projections.Log
	offered []events.Event
	fails   error
}

func (l *counted) Append(ctx context.Context, es ...events.Event) (projections.Seq, error) {
	if l.fails != nil {
		return 0, l.fails
	}
	l.offered = append(l.offered, es...)
	return l.Log.Append(ctx, es...)
}

// stored are the events of a log.
func stored(ctx context.Context, log projections.Log) []events.Event {
	head, err := log.Head(ctx)
	if err != nil || head.Seq == 0 {
		return nil
	}
	cursor, err := log.Open(ctx, projections.Position{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = cursor.Close() }()
	var es []events.Event
	for cursor.Position().Seq < head.Seq {
		records, err := cursor.Next(ctx)
		if err != nil {
			panic(err)
		}
		for _, r := range records {
			es = append(es, r.Event)
		}
	}
	return es
}

// never does not try again.
func never(context.Context, error, int) bool { return false }

// names renders events.
func names(es []events.Event) []string {
	var list []string
	for _, e := range es {
		list = append(list, fmt.Sprintf("%s %s %d", e.Type, e.Ref.ID, e.Date))
	}
	return list
}

// config is a backfill of one type, from a provider into a log.
func config(p *provider, log projections.Log) backfill.Config {
	return backfill.Config{API: p, Log: log, Types: []events.Type{kyc}, Now: p.Now, Retry: never}
}

// wait lets time pass at the provider.
func (p *provider) wait(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = p.now.Add(d)
}
