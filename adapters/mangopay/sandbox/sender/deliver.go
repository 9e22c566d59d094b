package sender

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	// answerWithin is how long a receiver may take (S4), in real time at every speed of the Timeline.
	answerWithin = 2 * time.Second
	// mostBody is how much of an answer is read, so that a receiver that says a word is not cut off; it means nothing.
	mostBody = 4 << 10
)

// notification is an event on its way to a hook.
type notification struct {
	Event
	hook  *registered
	era   int // of the hook when the event took place
	n     int // rises with every event
	copy  bool
	first time.Time // when the first attempt was made
	tried int       // attempts made
}

// send lets the next attempt of a notification be made at an instant.
func (s *Sender) send(n *notification, at time.Time) {
	s.cfg.Timeline.At(at, func(time.Time) { s.cfg.Timeline.Go(func() { s.deliver(n) }) })
}

// deliver makes one attempt, unless the hook no longer sends: then the notification is lost.
func (s *Sender) deliver(n *notification) {
	s.slots <- struct{}{}
	defer func() { <-s.slots }()
	to, ok := s.leave(n)
	if !ok {
		return
	}
	a := Attempt{Event: n.Event, Failure: Unreachable}
	if !to.blocked {
		a = s.ask(to.url, n.Event)
	}
	s.settle(n, to.at, a)
}

// way is where and when an attempt is made.
type way struct {
	url     string
	at      time.Time
	blocked bool // by a fault
}

// leave looks where a notification goes now; false when it goes nowhere any more.
func (s *Sender) leave(n *notification) (way, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !n.hook.sends(n.era) {
		return way{}, false
	}
	w := way{url: n.hook.URL, at: s.cfg.Timeline.Now()}
	if n.tried++; n.tried == 1 {
		n.first = w.at
	}
	if w.blocked = s.faults.fails(n); w.blocked {
		s.counts.Failed++
	}
	return w, true
}

// settle counts the result of an attempt and plans the next. Of an era that is over, nothing counts any more.
func (s *Sender) settle(n *notification, at time.Time, a Attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n.hook.era == n.era {
		if n.hook.count(a.Failure == "") {
			s.warn(n.hook)
		}
		if a.Failure != "" {
			s.retry(n)
		}
	}
	a.HookID, a.Number, a.Copy, a.At, a.Failures = n.hook.ID, n.tried, n.copy, at, n.hook.Failures
	s.record(a)
	s.overtaken(n)
}

// retry plans the next attempt, counted from the first one.
func (s *Sender) retry(n *notification) {
	if wait, more := after(n.tried); more && n.hook.era == n.era {
		s.send(n, n.first.Add(wait))
	}
}

// warn writes to the owner of a hook.
func (s *Sender) warn(h *registered) {
	s.mails = append(s.mails, Mail{
		At: s.cfg.Timeline.Now(), To: h.Email, HookID: h.ID, EventType: h.EventType, Failures: h.Failures, Invalid: h.Validity == Invalid,
	})
}

// test makes the one attempt of a test.
func (s *Sender) test(h *registered, e Event) {
	s.slots <- struct{}{}
	defer func() { <-s.slots }()
	s.mu.Lock()
	url, at := h.URL, s.cfg.Timeline.Now()
	s.mu.Unlock()
	a := s.ask(url, e)
	s.mu.Lock()
	defer s.mu.Unlock()
	a.HookID, a.At, a.Failures = h.ID, at, h.Failures
	s.record(a)
}

// ask makes one request and judges the answer: exactly 200 within 2 seconds is a success (S4).
func (s *Sender) ask(hook string, e Event) Attempt {
	ctx, done := context.WithTimeout(context.Background(), answerWithin)
	defer done()
	began := time.Now()
	status, err := s.get(ctx, hook, e)
	a := Attempt{Event: e, Status: status, Took: time.Since(began)}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		a.Failure = TooLate
	case err != nil:
		a.Failure = Unreachable
	case status != http.StatusOK:
		a.Failure = BadStatus
	}
	return a
}

// get makes the request of a notification and returns the status of the answer.
func (s *Sender) get(ctx context.Context, hook string, e Event) (int, error) {
	address, err := target(hook, e)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("User-Agent", "") // S4 names no header, and the provider has been seen to send none
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, err
	}
	_, _ = io.CopyN(io.Discard, resp.Body, mostBody)
	_ = resp.Body.Close()
	return resp.StatusCode, nil
}
