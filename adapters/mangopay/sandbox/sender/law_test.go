package sender_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
)

// naive is S4 once more, as plainly as it can be said: one hook, one list of what is still to be sent.
type naive struct {
	now               time.Duration
	pending           []awaited
	disabled, invalid bool
	failures, mails   int
	sent              []time.Duration
	next              func(request int) bool // whether the receiver answers the request with 200
}

// awaited is one attempt to come. Of two at one instant, the one that was planned first comes first.
type awaited struct {
	at, first time.Duration
	tried     int
}

// waits are those of S4 before each attempt, counted from the first.
var waits = func() (list []time.Duration) {
	for _, text := range sixteen {
		wait, err := time.ParseDuration(text)
		if err != nil {
			panic(err)
		}
		list = append(list, wait)
	}
	return list
}()

func (n *naive) emit() {
	if !n.disabled && !n.invalid {
		n.pending = append(n.pending, awaited{at: n.now, first: n.now})
	}
}

func (n *naive) advance(d time.Duration) {
	for end := n.now + d; ; {
		i := -1
		for j, a := range n.pending {
			if a.at <= end && (i < 0 || a.at < n.pending[i].at) {
				i = j
			}
		}
		if i < 0 {
			n.now = end
			return
		}
		due := n.pending[i]
		n.pending = slices.Delete(n.pending, i, i+1)
		n.now = due.at
		n.attempt(due)
	}
}

func (n *naive) attempt(a awaited) {
	if n.disabled {
		return
	}
	n.sent = append(n.sent, n.now)
	if n.next(len(n.sent) - 1) {
		n.failures = 0
		return
	}
	if n.failures++; n.failures%10 == 0 {
		n.mails++
	}
	if n.failures == 100 {
		n.invalid, n.pending = true, nil
		return
	}
	if a.tried++; a.tried < len(waits) {
		a.at = a.first + waits[a.tried]
		n.pending = append(n.pending, a)
	}
}

// scripted is a receiver whose every answer is drawn.
type scripted struct {
	*bench
	next func(request int) bool
	n    int
}

func (s *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	s.answers(http.StatusBadGateway)
	if s.next(s.n) {
		s.answers(http.StatusOK)
	}
	s.n++
	return s.bench.RoundTrip(r)
}

// Whatever is answered, and whatever its owner does, a hook has the counter, the validity, the warnings and the requests that
// S4 says.
func TestS4_AnySequenceOfResultsKeepsTheCounter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		answers := rapid.SliceOfN(rapid.Bool(), 1, 40).Draw(t, "answers")
		mostly := rapid.IntRange(1, 200).Draw(t, "one of so many answers counts")
		next := func(request int) bool {
			return request%mostly == mostly-1 && answers[request/mostly%len(answers)]
		}
		b := newBench(t)
		line, model := b.line, &naive{next: next}
		s, err := sender.New(sender.Config{Timeline: line, Transport: &scripted{bench: b, next: next}})
		require.NoError(t, err)
		b.Sender = s
		b.hook, err = s.Create(sender.NewHook{EventType: s4Type, URL: "https://www.example.com"})
		require.NoError(t, err)
		for range rapid.IntRange(1, 40).Draw(t, "operations") {
			operate(t, b, model)
			model.compare(t, b)
		}
		b.line.Advance(4 * day)
		model.advance(4 * day)
		model.compare(t, b)
	})
}

// operate does one thing to the sender and to the model.
func operate(t *rapid.T, b *bench, model *naive) {
	switch rapid.SampledFrom([]string{"emit", "emit", "advance", "advance", "days", "url", "disable", "enable", "revive"}).Draw(t, "operation") {
	case "emit":
		for range rapid.IntRange(1, 30).Draw(t, "events") {
			b.Emit(s4Type, s4Resource)
			model.emit()
		}
	case "advance":
		d := time.Duration(rapid.IntRange(0, 70).Draw(t, "minutes")) * time.Minute
		b.line.Advance(d)
		model.advance(d)
	case "days":
		d := time.Duration(rapid.IntRange(0, 40).Draw(t, "hours")) * time.Hour
		b.line.Advance(d)
		model.advance(d)
	case "url":
		b.set(t, sender.Change{URL: new("https://new.example.com")})
	case "disable":
		b.set(t, sender.Change{Status: new(sender.Disabled)})
		model.disabled = true
	case "enable":
		b.set(t, sender.Change{Status: new(sender.Enabled)})
		model.disabled = false
	case "revive":
		b.set(t, sender.Change{Validity: new(sender.Valid)})
		if model.invalid {
			model.invalid, model.failures = false, 0
		}
	}
}

// compare finds a difference between the model and the sender.
func (n *naive) compare(t *rapid.T, b *bench) {
	h := b.now(t)
	require.Equal(t, n.failures, h.Failures)
	require.Equal(t, n.invalid, h.Validity == sender.Invalid)
	require.Len(t, b.Mails(), n.mails)
	var sent []time.Duration
	for _, a := range b.Attempts() {
		sent = append(sent, a.At.Sub(start))
	}
	require.Equal(t, n.sent, sent)
}
