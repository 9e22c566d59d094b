package listen

import (
	"sync"
	"time"
)

// quietFor is how long what was told once is only counted: strangers must not be able to fill a log.
const quietFor = 10 * time.Second

// seldom lets the first of a kind through, then one in quietFor.
type seldom struct {
	now  func() time.Time
	mu   sync.Mutex
	last time.Time
	more int
}

// let tells whether to speak, and of how many nothing was said since the last time.
func (s *seldom) let() (more int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.now()
	if since := at.Sub(s.last); !s.last.IsZero() && 0 <= since && since < quietFor {
		s.more++
		return 0, false
	}
	more, s.more, s.last = s.more, 0, at
	return more, true
}
