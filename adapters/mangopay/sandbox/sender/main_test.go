package sender_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

// TestMain refuses goroutines that outlive the tests.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The example of S4.
const (
	s4Type     = "USER_ACCOUNT_ACTIVATED"
	s4Resource = "user_m_01JQVHDG0S0TJP5KFX029211BF"
	s4Date     = 1743627006
	s4Query    = "EventType=USER_ACCOUNT_ACTIVATED&RessourceId=user_m_01JQVHDG0S0TJP5KFX029211BF&Date=1743627006"
)

// start is the instant of that example.
var start = time.Unix(s4Date, 0).UTC() // 2025-04-02 20:50:06

// bench is a sender on a stepped line, whose requests go to a receiver in memory.
type bench struct {
	*sender.Sender
	line *timeline.Timeline
	hook sender.Hook // of s4Type, at https://www.example.com

	mu     sync.Mutex
	answer int         // the status that the receiver gives; 0: there is none
	got    []delivered // by the receiver
}

// delivered is a request that reached the receiver.
type delivered struct {
	at time.Duration // since start
	to *url.URL
}

// RoundTrip is the receiver.
func (b *bench) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, delivered{b.line.Now().Sub(start), r.URL})
	if b.answer == 0 {
		return nil, http.ErrServerClosed
	}
	w := httptest.NewRecorder()
	w.WriteHeader(b.answer)
	return w.Result(), nil
}

// newBench makes a bench whose receiver answers 200.
func newBench(t require.TestingT) *bench {
	b := &bench{line: timeline.New(start), answer: http.StatusOK}
	var err error
	b.Sender, err = sender.New(sender.Config{Timeline: b.line, Transport: b})
	require.NoError(t, err)
	b.hook, err = b.Create(sender.NewHook{EventType: s4Type, URL: "https://www.example.com"})
	require.NoError(t, err)
	return b
}

// answers sets what the receiver answers from now on; 0 is a receiver that cannot be reached.
func (b *bench) answers(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = status
}

// emit lets n events of the hook take place now, and be sent.
func (b *bench) emit(n int) {
	for range n {
		b.Emit(s4Type, s4Resource)
	}
	b.line.Advance(0)
}

// instants tells when requests reached the receiver, since start, and forgets them.
func (b *bench) instants() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]string, len(b.got))
	for i, d := range b.got {
		list[i] = d.at.String()
	}
	b.got = nil
	return list
}

// now is the hook as it stands.
func (b *bench) now(t require.TestingT) sender.Hook {
	h, err := b.Hook(b.hook.ID)
	require.NoError(t, err)
	return h
}

// set changes the hook.
func (b *bench) set(t require.TestingT, c sender.Change) {
	_, err := b.Update(b.hook.ID, c)
	require.NoError(t, err)
}
