package backfill

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
)

// ErrUnsteady says that a list of several pages that cannot be split further never came to rest while it was read.
var ErrUnsteady = errors.New("the provider's list of events changed at every reading: run the backfill again later")

const (
	calm       = 10   // so many readings in a row without a new row end the reading of a list whose rows are not all accounted for
	mostSweeps = 100  // of one list
	mostPages  = 1000 // of one reading of it
	batch      = 256  // events of one append
)

// found is what the provider lists of one window.
type found struct {
	events []events.Event              // different ones that were asked for
	rows   map[mangopay.PastEvent]bool // different ones of any kind
	at     int64                       // Unix seconds when the first request for it started, by the provider's clock where that is known
}

// refs are the resources that are listed, as often as they are.
func (f *found) refs() []events.Ref {
	refs := make([]events.Ref, len(f.events))
	for i, e := range f.events {
		refs[i] = e.Ref
	}
	return refs
}

// window reads one window, or splits it where it does not stand on one page.
func (r *run) window(ctx context.Context, c *typeRun, w window) (*found, []window, error) {
	first, at, err := r.ask(ctx, c, w, 1)
	if err != nil {
		return nil, nil, err
	}
	f := &found{rows: map[mangopay.PastEvent]bool{}, at: at}
	pages := pagesOf(first)
	if pages > 1 && w.seconds() > 1 && w.holds(first.Events) {
		return nil, w.split(pages), nil
	}
	f.add(r, c, first.Events)
	if pages == 1 {
		return f, nil, nil
	}
	return f, nil, r.sweep(ctx, c, w, f)
}

// sweep reads all pages of a list that may shift under the reader, until every row is accounted for or nothing new comes.
func (r *run) sweep(ctx context.Context, c *typeRun, w window, f *found) error {
	still := 0
	for range mostSweeps {
		before := len(f.rows)
		rows, err := r.pages(ctx, c, w, f)
		if err != nil {
			return err
		}
		if still++; len(f.rows) > before {
			still = 0
		}
		if len(f.rows) >= rows || still >= calm {
			return nil
		}
	}
	return ErrUnsteady
}

// pages reads all pages once and tells how many rows the list has.
func (r *run) pages(ctx context.Context, c *typeRun, w window, f *found) (rows int, err error) {
	for page := 1; page <= mostPages; page++ {
		got, _, err := r.ask(ctx, c, w, page)
		if err != nil {
			return 0, err
		}
		rows += len(got.Events)
		f.add(r, c, got.Events)
		if len(got.Events) == 0 || got.Pages > 0 && page >= got.Pages {
			return rows, nil
		}
	}
	return 0, ErrUnsteady
}

// ask gets one page, at the pace of the quota.
func (r *run) ask(ctx context.Context, c *typeRun, w window, page int) (mangopay.EventPage, int64, error) {
	var a mangopay.Answer[mangopay.EventPage]
	err := r.attempt(ctx, func() (err error) {
		if err = r.cfg.Pace(ctx); err != nil {
			return err
		}
		c.Calls++
		began := r.cfg.Now()
		a, err = r.cfg.API.Events(ctx, w.question(c.Type, page))
		r.tell(c, "")
		if at := said(a, err); !at.IsZero() {
			err = cmp.Or(r.far(at.Sub(began)), err)
		} else {
			a.At = began
		}
		return err
	})
	return a.Value, a.At.Unix(), err
}

// said is when an answer was given, by the provider's clock, also where it refused; zero where that is not known.
func said(a mangopay.Answer[mangopay.EventPage], err error) time.Time {
	var refusal *mangopay.Error
	if errors.As(err, &refusal) {
		return refusal.At
	}
	return a.At
}

// far tells whether the provider's clock is further ahead of ours than what is asked for beyond the goal, which is known
// when the first answer comes.
func (r *run) far(ahead time.Duration) error {
	if r.asked || ahead-r.ahead <= r.cfg.Margin {
		r.asked = true
		return nil
	}
	return &aheadError{by: ahead}
}

// add takes rows in, each once. Those that cannot be events and those that were not asked for are counted only.
func (f *found) add(r *run, c *typeRun, rows []mangopay.PastEvent) {
	for _, row := range rows {
		if f.rows[row] {
			continue
		}
		f.rows[row] = true
		e, ok := r.event(row)
		switch {
		case !ok:
			c.Unreadable++
		case row.Type != c.Type || row.Date < c.From-slack:
			c.Others++
		default:
			f.events = append(f.events, e)
		}
	}
}

// event is a row as a claim, as a notification of it would be one; false for what no notification can say.
func (r *run) event(row mangopay.PastEvent) (events.Event, bool) {
	id := row.ResourceID
	if row.Type == "" || row.Type.Own() || id == "" || !utf8.ValidString(id) || utf8.RuneCountInString(id) > catalogue.MaxLength ||
		row.Date <= 0 || row.Date > catalogue.MaxDate {
		return events.Event{}, false
	}
	e := catalogue.Notification{Type: row.Type, ResourceID: id, Date: row.Date}.Event(r.cfg.Source)
	e.Delivery = events.Delivery{Origin: events.Backfill, Received: r.cfg.Now().UnixMilli()}
	return e, true
}

// keep appends what the log does not hold of one window, from old to new. What stands just before it was seen with the
// window before, if there was one.
func (r *run) keep(ctx context.Context, c *typeRun, w window, f *found) error {
	slices.SortFunc(f.events, older)
	for _, e := range f.events {
		if w.counts(e.Date) {
			c.Seen++
		}
	}
	for part := range slices.Chunk(f.events, batch) {
		if err := r.attempt(ctx, func() error { return r.append(ctx, c, part) }); err != nil {
			return err
		}
	}
	return nil
}

// append looks anew, before each try, what of the events the log holds by now.
func (r *run) append(ctx context.Context, c *typeRun, part []events.Event) error {
	if err := r.held.advance(ctx); err != nil {
		return err
	}
	missing := r.held.missing(part)
	if len(missing) == 0 {
		return nil
	}
	if _, err := r.cfg.Log.Append(ctx, missing...); err != nil {
		return err
	}
	c.Appended += len(missing)
	r.tell(c, "")
	return nil
}

// older sorts by date, type and id.
func older(a, b events.Event) int {
	return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Ref.ID, b.Ref.ID))
}
