package sender

import "time"

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
	if !s.enter() {
		return
	}
	defer s.exit()
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

// enter waits for its turn to make a request; false once the Sender is closed.
func (s *Sender) enter() bool {
	select {
	case s.slots <- struct{}{}:
		return true
	case <-s.open.Done():
		return false
	}
}

// exit gives the turn to the next.
func (s *Sender) exit() { <-s.slots }

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
	if !n.hook.sends(n.era) || s.open.Err() != nil {
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
	if s.open.Err() != nil {
		return
	}
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
	if !s.enter() {
		return
	}
	defer s.exit()
	s.mu.Lock()
	url, at := h.URL, s.cfg.Timeline.Now()
	s.mu.Unlock()
	a := s.ask(url, e)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open.Err() != nil {
		return
	}
	a.HookID, a.At, a.Failures = h.ID, at, h.Failures
	s.record(a)
}
