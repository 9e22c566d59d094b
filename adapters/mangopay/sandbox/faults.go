package sandbox

import (
	"cmp"
	"encoding/binary"
	"net/http"
	"strconv"
	"time"
)

// faults are what goes wrong at the API on purpose. The zero value is a provider without faults.
type faults struct {
	// Client is the client whose requests meet them. "": all.
	Client string `json:"client"`
	// Stale lets reads show what was so many seconds ago; what did not exist then is shown as it was created.
	Stale int64 `json:"stale"`
	// StaleFor ends Stale after so many seconds; 0: it lasts.
	StaleFor int64 `json:"stale_for"`
	// Index keeps an event out of the list of events for so many seconds.
	Index int64 `json:"index"`
	// Errors is how many of the next requests are answered with a status of Status.
	Errors int `json:"errors"`
	// Share is how large a part of all requests is, from 0 to 1.
	Share float64 `json:"share"`
	// Status is what Errors and Share answer with: 429, or 500 to 599. 0: 503.
	Status int `json:"status"`
	// RetryAfter is sent with it, in seconds; 0: no such header. The provider documents none.
	RetryAfter int `json:"retry_after"`
	// NoVerification deactivates the feature of identity verification: creating a session is refused with the body of
	// RFC 7231.
	NoVerification bool `json:"no_verification"`

	since time.Time // when they were set
}

// problem says what is wrong with a wish for faults; "" is nothing.
func (f faults) problem() string {
	switch {
	case f.Stale < 0 || f.StaleFor < 0 || f.Index < 0 || f.Errors < 0 || f.RetryAfter < 0:
		return "a number is negative"
	case !(f.Share >= 0 && f.Share <= 1):
		return "share must lie between 0 and 1"
	case f.Status != 0 && f.Status != http.StatusTooManyRequests && (f.Status < 500 || f.Status > 599):
		return "status must be 429 or from 500 to 599"
	}
	return ""
}

// meeting are the faults that a client meets.
func (f *faults) meeting(client string) *faults {
	if f.Client == "" || f.Client == client {
		return f
	}
	return &faults{}
}

// asOf is what a read at an instant shows.
func (f *faults) asOf(now time.Time) time.Time {
	if f.StaleFor > 0 && now.Sub(f.since) >= time.Duration(f.StaleFor)*time.Second {
		return now
	}
	return now.Add(-time.Duration(f.Stale) * time.Second)
}

// hit tells whether a request meets a fault. It has then changed nothing.
func (f *faults) hit(i *ids, now time.Time) error {
	switch {
	case f.Errors > 0:
		f.Errors--
	case f.Share > 0 && share(i) < f.Share:
	default:
		return nil
	}
	no := tooMany()
	if f.Status != http.StatusTooManyRequests {
		no = refused(cmp.Or(f.Status, http.StatusServiceUnavailable), "internal_server_error", "Internal error")
	}
	if f.RetryAfter > 0 {
		no.header = http.Header{"Retry-After": {strconv.Itoa(f.RetryAfter)}}
	}
	return no
}

// share is a random number from 0 to 1, without 1.
func share(i *ids) float64 {
	return float64(binary.BigEndian.Uint64(i.bytes(8))>>11) / (1 << 53)
}
