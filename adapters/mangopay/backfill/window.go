package backfill

import (
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/events"
)

// Reach is how far back the provider's list of events goes.
const Reach = 45 * 24 * time.Hour

const (
	perPage = 100 // the most that the provider gives on one page
	// slack is by how many seconds a question goes beyond its window on both sides, so that it holds whether or not the
	// provider takes the bounds as part of it.
	slack = 1
	// mostParts is into how many parts a window is split at once.
	mostParts = 32
	// tread keeps off the end of the reach, which moves on while a run goes on.
	tread = 10 * time.Minute
)

// window is a span of time, in Unix seconds; both ends belong to it. Its tail is what is asked for beyond its end.
type window struct {
	from, to int64
	tail     int64
}

// seconds is how long a window is.
func (w window) seconds() int64 { return w.to - w.from + 1 }

// question asks for a page of a window.
func (w window) question(t events.Type, page int) mangopay.EventQuery {
	return mangopay.EventQuery{Type: t, After: w.from - slack, Before: w.to + slack + w.tail, Page: page, PerPage: perPage}
}

// holds tells whether the provider kept to a window: all rows are inside of what was asked.
func (w window) holds(rows []mangopay.PastEvent) bool {
	for _, row := range rows {
		if row.Date < w.from-slack || row.Date > w.to+slack+w.tail {
			return false
		}
	}
	return true
}

// counts tells whether a date is the window's own, and not only asked for because bounds are not known.
func (w window) counts(date int64) bool { return date >= w.from && (date <= w.to || w.tail > 0) }

// split cuts a window into parts that together are the window, in order: about two for each of its pages, none shorter
// than a second. A window of one second is not split.
func (w window) split(pages int) []window {
	n := min(int64(2*max(pages, 2)), mostParts, w.seconds())
	if n < 2 {
		return []window{w}
	}
	parts := make([]window, n)
	from := w.from
	for i := range n {
		to := w.from + w.seconds()*(i+1)/n - 1
		parts[i] = window{from: from, to: to}
		from = to + 1
	}
	parts[n-1].tail = w.tail
	return parts
}

// pagesOf is on how many pages a window stands, by its first one: 1 is all there is, 0 cannot be told.
func pagesOf(first mangopay.EventPage) int {
	switch {
	case first.Pages > 0:
		return first.Pages
	case len(first.Events) == 0:
		return 1
	case len(first.Events) >= perPage:
		return 2
	}
	return 0
}
