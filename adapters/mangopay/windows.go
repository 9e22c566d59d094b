package mangopay

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// windowLengths are the windows in which the provider counts calls, in the order of its headers.
var windowLengths = [...]time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 24 * time.Hour}

// Window is how many calls the provider has counted in one of its sliding windows, and how many it still allows.
type Window struct {
	Length    time.Duration // 15 min, 30 min, 1 h or 24 h
	Made      int           // x-ratelimit
	Remaining int           // x-ratelimit-remaining
	Reset     time.Time     // x-ratelimit-reset, by the provider's clock
}

// quota keeps the windows and holds requests back while one is exhausted. It is safe for concurrent use.
type quota struct {
	mu      sync.Mutex
	windows []Window
	ahead   time.Duration // the provider's clock less ours
	seen    time.Time     // when the request started whose answer told the windows
	sent    int           // requests without an answer, which the provider may not have counted yet
	held    time.Time     // by our clock: a 429 asked for quiet until then
}

// take counts a request that is about to be sent, or tells how long to wait instead.
func (q *quota) take(now time.Time) (retry time.Duration, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	retry = max(q.held.Sub(now), q.exhausted(now))
	for _, w := range q.windows {
		if 0 < w.Remaining && w.Remaining <= q.sent && now.Add(q.ahead).Before(w.Reset) {
			retry = max(retry, time.Second) // what is on its way may fill the window
		}
	}
	if retry > 0 {
		return retry, false
	}
	q.sent++
	return 0, true
}

// exhausted is how long the windows ask for quiet. A window is never full for longer than it is.
func (q *quota) exhausted(now time.Time) (retry time.Duration) {
	for _, w := range q.windows {
		if w.Remaining <= 0 {
			retry = max(retry, min(w.Reset.Sub(now.Add(q.ahead)), w.Length))
		}
	}
	return retry
}

// done counts a request that take counted as no longer on its way.
func (q *quota) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent--
}

// learn reads the windows of an answer. Of two answers that cross, that of the later request counts.
func (q *quota) learn(h http.Header, started time.Time, ahead time.Duration) {
	windows, ok := parseWindows(h)
	if !ok {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !started.Before(q.seen) {
		q.windows, q.seen, q.ahead = windows, started, ahead
	}
}

// hold keeps everything back until a time by our clock.
func (q *quota) hold(until time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if until.After(q.held) {
		q.held = until
	}
}

// snapshot returns the windows; nil before the first answer that told them.
func (q *quota) snapshot() []Window {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]Window(nil), q.windows...)
}

// reset is how long an exhausted window lasts; 0 when none is exhausted.
func (q *quota) reset(now time.Time) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.exhausted(now)
}

// parseWindows reads the three headers, each of which holds one number for each window. Anything else tells nothing.
func parseWindows(h http.Header) ([]Window, bool) {
	made, okMade := four(h, "X-Ratelimit")
	remaining, okRemaining := four(h, "X-Ratelimit-Remaining")
	reset, okReset := four(h, "X-Ratelimit-Reset")
	if !okMade || !okRemaining || !okReset {
		return nil, false
	}
	windows := make([]Window, len(windowLengths))
	for i, length := range windowLengths {
		windows[i] = Window{Length: length, Made: int(made[i]), Remaining: int(remaining[i]), Reset: time.Unix(reset[i], 0).UTC()}
	}
	return windows, true
}

// four reads a header of four numbers, in one line or in several.
func four(h http.Header, name string) (values [len(windowLengths)]int64, ok bool) {
	parts := strings.Split(strings.Join(h.Values(name), ","), ",")
	if len(parts) != len(values) {
		return values, false
	}
	for i, part := range parts {
		n, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
		if err != nil || n < -1<<40 || n > 1<<40 {
			return values, false
		}
		values[i] = n
	}
	return values, true
}
