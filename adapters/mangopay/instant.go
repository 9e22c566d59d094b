package mangopay

import (
	"net/http"
	"time"
)

const (
	// futureBound is how far the provider's clock may be ahead of ours: the bound that fold rule 3 sets for claims.
	futureBound = time.Hour
	// clockDoubt is how wrong our own clock is taken to be where it has to stand in for the provider's.
	clockDoubt = time.Minute
)

// instant is the second at which a request had not started later, by the provider's clock (fold rule 13): the Date of the
// answer less the time that the answer took. Too early is harmless, because the object is read again; too late would let
// an old reading win over a newer notification. So an old Date, such as a cache's, is believed. One that is missing,
// unreadable or further ahead of our clock than an hour is not: then our clock at the start counts, less a minute of doubt.
func instant(h http.Header, started, ended time.Time) time.Time {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil || date.After(ended.Add(futureBound)) {
		return started.Add(-clockDoubt).UTC().Truncate(time.Second)
	}
	took := max(0, ended.Sub(started))
	return date.Add(-took).UTC().Truncate(time.Second)
}

// ahead is the provider's clock less ours; 0 without a Date that can be believed.
func ahead(h http.Header, ended time.Time) time.Duration {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil || date.After(ended.Add(futureBound)) {
		return 0
	}
	return date.Sub(ended)
}
