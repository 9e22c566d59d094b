package main

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The load of TestKilledFiveTimesUnderLoad.
const (
	kills     = 5
	senders   = 16
	perSender = 60  // notifications that one sender has for one round, at most
	enough    = 300 // answers of 200 after which the process is killed
)

// said is one notification of the load: no two have the same user and date.
type said struct {
	user string
	date int64
}

// query is the notification; the event type follows from its date.
func (s said) query() string {
	level := [...]string{"USER_KYC_LIGHT", "USER_KYC_REGULAR", "USER_KYC_RENEWAL_REQUIRED", "USER_KYC_RENEWED"}[s.date%4]
	return fmt.Sprintf("EventType=%s&RessourceId=%s&Date=%d", level, s.user, s.date)
}

// load is what senders sent, and what was answered with 200.
type load struct {
	mu       sync.Mutex
	sent     map[said]bool
	answered map[said]bool
}

// round sends from all senders at once until the process is killed under them, after enough answers.
func (l *load) round(t *testing.T, p *process, n int) {
	var answers atomic.Int64
	reached := make(chan struct{})
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders}}
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	for sender := range senders {
		all.Go(func() {
			for i := range perSender {
				s := said{fmt.Sprintf("u-%d-%d", sender, i%4), 1743627006 + int64(n*perSender+i)}
				for range 1 + i%3/2 { // every third one is repeated
					if !l.send(t, client, p, s) {
						return
					}
					if answers.Add(1) == enough {
						close(reached)
					}
				}
			}
		})
	}
	<-reached // there are more notifications than that
	p.kill(t)
	all.Wait()
}

// send sends one notification and notes a 200. It tells whether the process still answers.
func (l *load) send(t *testing.T, client *http.Client, p *process, s said) bool {
	l.mu.Lock()
	l.sent[s] = true
	l.mu.Unlock()
	res, err := client.Get(p.ingress + "?" + s.query())
	if err != nil {
		return false // killed
	}
	_, err = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close() // only read
	if !assert.Equal(t, http.StatusOK, res.StatusCode) || err != nil {
		return false
	}
	l.mu.Lock()
	l.answered[s] = true
	l.mu.Unlock()
	return true
}

// TestKilledFiveTimesUnderLoad holds law 5: no notification that was answered with 200 is lost, whatever crashes.
func TestKilledFiveTimesUnderLoad(t *testing.T) {
	dir := t.TempDir()
	l := &load{sent: map[said]bool{}, answered: map[said]bool{}}
	for n := range kills {
		l.round(t, serveIn(t, dir), n)
	}
	p := serveIn(t, dir)
	shown, lines := map[said]int{}, map[string]int{}
	for s := range l.sent {
		if lines[s.user] > 0 {
			continue
		}
		history := p.user(t, s.user).History
		lines[s.user] = len(history)
		for _, line := range history {
			assert.Contains(t, said{s.user, line.Date}.query(), line.Event)
			shown[said{s.user, line.Date}]++
		}
	}
	for s, n := range shown {
		assert.Equal(t, 1, n, "doubled: %v", s)
		assert.True(t, l.sent[s], "never sent: %v", s)
	}
	for s := range l.answered {
		require.Equal(t, 1, shown[s], "answered with 200, and lost: %v", s)
	}
	require.GreaterOrEqual(t, len(l.answered), kills*enough/2)
	t.Logf("%d notifications answered with 200 over %d kills, %d shown, %d sent", len(l.answered), kills, len(shown), len(l.sent))
	p.stop(t)
}
