package webhook

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// Outcome is what became of one request.
type Outcome uint8

const (
	// Accepted is a notification that the log keeps: 200.
	Accepted Outcome = iota
	// Unreadable names an EventType, cannot be read further and is kept raw: 200.
	Unreadable
	// Ping is the provider's test: an empty RessourceId, nothing to keep: 200.
	Ping
	// NoEventType names no EventType, so it belongs to no hook: 400.
	NoEventType
	// Forbidden comes from an address that is not allowed, whatever it asks for: 403.
	Forbidden
	// Stranger asks for another path, or without the right token: 404.
	Stranger
	// WrongMethod is not a GET: 405.
	WrongMethod
	// TooLong has a query over the bound: 414.
	TooLong
	// Malformed is no request that a server can read; the server said so, see [Handler.Refused]: 400.
	Malformed
	// HeadersTooLong has headers over the server's bound: 431.
	HeadersTooLong
	// Failed was not stored in time: 503.
	Failed
	// Panicked met a defect of ours or of the log's: 503.
	Panicked

	outcomes // how many there are
)

// reply is the status and the body of an outcome. Bodies never echo input; there is none where a server answers.
type reply struct {
	name   string
	status int
	body   string
}

var replies = [outcomes]reply{
	Accepted:       {"accepted", http.StatusOK, "Kept."},
	Unreadable:     {"unreadable", http.StatusOK, "Kept, but it cannot be read as a notification."},
	Ping:           {"ping", http.StatusOK, "The hook works."},
	NoEventType:    {"no_event_type", http.StatusBadRequest, "The query names no EventType."},
	Forbidden:      {"forbidden", http.StatusForbidden, "Nothing is taken from this address."},
	Stranger:       {"stranger", http.StatusNotFound, "Nothing is here."},
	WrongMethod:    {"wrong_method", http.StatusMethodNotAllowed, "Notifications arrive by GET."},
	TooLong:        {"too_long", http.StatusRequestURITooLong, "The query is too long for a notification."},
	Malformed:      {"malformed", http.StatusBadRequest, ""},
	HeadersTooLong: {"headers_too_long", http.StatusRequestHeaderFieldsTooLarge, ""},
	Failed:         {"failed", http.StatusServiceUnavailable, "The notification could not be stored. Send it again."},
	Panicked:       {"panicked", http.StatusServiceUnavailable, "The notification could not be stored. Send it again."},
}

// String names the outcome in lower case, fit for a metric's label.
func (o Outcome) String() string {
	if o >= outcomes {
		return "unknown"
	}
	return replies[o].name
}

// Status is the HTTP status of the outcome.
func (o Outcome) Status() int {
	if o >= outcomes {
		return http.StatusServiceUnavailable
	}
	return replies[o].status
}

// Result tells what became of one request.
type Result struct {
	Outcome Outcome
	// Type is the EventType, bounded to 128 characters; "" when the request was refused before it was read (of one that is
	// TooLong, the end is read). It is as forgeable as the request: do not use it as a label where Known is false.
	Type events.Type
	// Known tells whether the catalogue has the type.
	Known bool
	// Seq is the log sequence of what was kept; 0 when nothing was.
	Seq projections.Seq
	// Received is when the request arrived, by Config.Now.
	Received time.Time
	// Took is how long it was until the answer was written.
	Took time.Duration
	// Gone tells that the sender hung up before the answer was written, so it knows of none. (A server that ends the context
	// of its requests looks the same: do not do it before they are answered.)
	Gone bool
	// Err is why the outcome is Failed.
	Err error
}

// Counts are the requests since the Handler was made. Every request is counted in exactly one field but Unknown.
type Counts struct {
	Accepted       uint64 // kept as notifications
	Unknown        uint64 // those of Accepted whose EventType no catalogue knows
	Unreadable     uint64 // kept raw
	Pings          uint64
	NoEventType    uint64 // 400
	Forbidden      uint64 // 403
	Strangers      uint64 // 404
	WrongMethod    uint64 // 405
	TooLong        uint64 // 414
	Malformed      uint64 // 400, by the server
	HeadersTooLong uint64 // 431, by the server
	Failed         uint64 // 503: not stored in time
	Panicked       uint64 // 503: a defect
}

// tally counts results.
type tally struct {
	by      [outcomes]atomic.Uint64
	unknown atomic.Uint64
}

func (t *tally) add(r Result) {
	t.by[r.Outcome].Add(1)
	if r.Outcome == Accepted && !r.Known {
		t.unknown.Add(1)
	}
}

// Counts returns the counters, each read by itself.
func (h *Handler) Counts() Counts {
	n := func(o Outcome) uint64 { return h.tally.by[o].Load() }
	return Counts{
		Accepted: n(Accepted), Unknown: h.tally.unknown.Load(), Unreadable: n(Unreadable), Pings: n(Ping),
		NoEventType: n(NoEventType), Forbidden: n(Forbidden), Strangers: n(Stranger), WrongMethod: n(WrongMethod),
		TooLong: n(TooLong), Malformed: n(Malformed), HeadersTooLong: n(HeadersTooLong), Failed: n(Failed), Panicked: n(Panicked),
	}
}
