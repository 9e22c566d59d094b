package readapi_test

import (
	"bufio"
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/readapi"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// board is a stream of facts whose places are numbers. What is before first is forgotten.
type board struct {
	mu    sync.Mutex
	facts []projections.Fact
	first int
	more  chan struct{}
}

func newBoard() *board { return &board{more: make(chan struct{})} }

func (b *board) tell(fs ...projections.Fact) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.facts = append(b.facts, fs...)
	close(b.more)
	b.more = make(chan struct{})
}

func (b *board) after(n int) ([]projections.Fact, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.facts[n:], b.more
}

func (b *board) Check(_ context.Context, place string) error {
	n, err := strconv.Atoi(place)
	switch {
	case err != nil:
		return projections.ErrPlace
	case n < b.first:
		return projections.ErrForgotten
	case n > 1000: // of a board that was taken down
		return projections.ErrRecreated
	}
	return nil
}

func (b *board) Newest(context.Context) (string, error) {
	fs, _ := b.after(0)
	return strconv.Itoa(len(fs)), nil
}

func (b *board) Watch(ctx context.Context, place string) iter.Seq2[projections.Change, error] {
	n, _ := strconv.Atoi(place) // "" is 0
	return func(yield func(projections.Change, error) bool) {
		for {
			fs, more := b.after(n)
			for _, f := range fs {
				if n++; f.Model == "broken" {
					yield(projections.Change{}, projections.ErrForgotten)
					return
				} else if !yield(projections.Change{Fact: f, Place: strconv.Itoa(n)}, nil) {
					return
				}
			}
			select {
			case <-more:
			case <-ctx.Done():
				return
			}
		}
	}
}

// moved is a fact.
func moved(kind, id, machine string, seq projections.Seq) projections.Fact {
	return projections.Fact{Transition: projections.Transition{
		Ref: events.Ref{Source: "mangopay", Kind: kind, ID: id}, Machine: machine, Seq: seq, To: "X",
	}, Model: "users", Event: "E", Time: time.Unix(1, 0)}
}

// listener is an open answer.
type listener struct {
	t   *testing.T
	res *http.Response
	in  *bufio.Scanner
}

// showing serves changes on a server whose bound for an answer is soon over: it is not for answers without an end.
func showing(t *testing.T, change func(*readapi.Config)) *house {
	t.Helper()
	c := readapi.Config{
		Store: projections.NewMemoryStore(), Models: views.All(), Source: "mangopay",
		Wait: func(context.Context, projections.Seq) error { return nil },
	}
	change(&c)
	h, err := readapi.New(c)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(h)
	server.Config.WriteTimeout = 50 * time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	return &house{url: server.URL}
}

func listen(t *testing.T, h *house, query, last string) *listener {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+"/v1/changes"+query, nil)
	require.NoError(t, err)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = res.Body.Close() })
	return &listener{t, res, bufio.NewScanner(res.Body)}
}

// next reads one block.
func (l *listener) next() string {
	l.t.Helper()
	var lines []string
	for l.in.Scan() && l.in.Text() != "" {
		lines = append(lines, l.in.Text())
	}
	return strings.Join(lines, "|")
}

// fact reads the next change, and gives its place and the resource and sequence.
func (l *listener) fact() string {
	l.t.Helper()
	place, data, ok := strings.Cut(l.next(), "|data: ")
	require.True(l.t, ok, place)
	e, err := events.Decode(nil, []byte(data))
	require.NoError(l.t, err)
	f, err := projections.DecodeFact(e)
	require.NoError(l.t, err)
	return fmt.Sprint(place, " ", f.Ref.ID, " ", f.Machine, " ", f.Seq)
}

func TestChanges_GoOnWhereAListenerWasAndLeaveOutWhatItDidNotAskFor(t *testing.T) {
	t.Parallel()
	b := newBoard()
	h := showing(t, func(c *readapi.Config) { c.Changes = b })
	b.tell(moved("user", "a", "kyc", 1), moved("user", "b", "kyc", 2))
	l := listen(t, h, "", "")
	assert.Equal(t, "text/event-stream", l.res.Header.Get("Content-Type"))
	assert.Equal(t, ": listening|id: 2", l.next(), "what was before is not told")
	b.tell(moved("user", "c", "kyc", 3))
	assert.Equal(t, "id: 3 c kyc 3", l.fact())
	again := listen(t, h, "?from=start", "1")
	assert.Equal(t, ": listening|id: 1", again.next())
	assert.Equal(t, "id: 2 b kyc 2", again.fact(), "Last-Event-ID comes from a listener that was cut off, and wins")
	b.tell(moved("hook", "a", "kyc", 4), moved("user", "a", "status", 5), moved("user", "a", "kyc", 6))
	some := listen(t, h, "?from=start&kind=user&id=a&machine=kyc&source=mangopay", "")
	assert.Equal(t, ": listening", some.next())
	assert.Equal(t, "id: 1 a kyc 1", some.fact())
	assert.Equal(t, "id: 6 a kyc 6", some.fact())
}

func TestChanges_AQuietStreamSaysThatItIsThereAndWhereToGoOn(t *testing.T) {
	t.Parallel()
	b := newBoard()
	h := showing(t, func(c *readapi.Config) { c.Changes, c.Heartbeat = b, time.Millisecond })
	l := listen(t, h, "?kind=user", "")
	assert.Equal(t, ": listening|id: 0", l.next())
	b.tell(moved("hook", "x", "hook", 1))
	for block := l.next(); block != ": still here|id: 1"; block = l.next() {
		require.Equal(t, ": still here|id: 0", block)
	}
}

func TestChanges_WhatCannotGoOnIsAnsweredBeforeItBegins(t *testing.T) {
	t.Parallel()
	b := newBoard()
	b.first = 2
	h := showing(t, func(c *readapi.Config) { c.Changes, c.Listeners = b, 1 })
	for target, status := range map[string]int{
		"?from=nonsense": 400, "?from=1": 410, "?color=red": 400, "?kind=a&kind=b": 400, "?from=%zz": 400,
	} {
		r := h.get(t, "/v1/changes"+target)
		assert.Equal(t, status, r.status, target)
		assert.NotEmpty(t, r.sentence(t), target)
	}
	anew := h.get(t, "/v1/changes?from=5000")
	assert.Equal(t, 410, anew.status)
	assert.Contains(t, anew.sentence(t), "read the documents, then begin without a place")
	l := listen(t, h, "", "")
	l.next()
	r := h.get(t, "/v1/changes")
	assert.Equal(t, http.StatusServiceUnavailable, r.status)
	assert.Contains(t, r.sentence(t), "too many listen already")
	broken := moved("user", "a", "kyc", 1)
	broken.Model = "broken"
	b.tell(broken)
	assert.Contains(t, l.next(), "event: error|data: ")
	assert.Empty(t, l.next())
}

func TestChanges_EndWithTheServer(t *testing.T) {
	t.Parallel()
	ends, end := context.WithCancel(t.Context())
	h := showing(t, func(c *readapi.Config) { c.Changes, c.Ends = newBoard(), ends })
	l := listen(t, h, "", "")
	l.next()
	end()
	assert.False(t, l.in.Scan())
	assert.NoError(t, l.in.Err())
	assert.Equal(t, http.StatusNotFound, showing(t, func(*readapi.Config) {}).get(t, "/v1/changes").status, "where there are none")
}
