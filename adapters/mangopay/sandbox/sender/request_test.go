package sender_test

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

// ask sends one notification to a Url by the default transport and returns the attempt.
func ask(t *testing.T, c sender.Config, to string) sender.Attempt {
	t.Helper()
	line := timeline.New(start)
	c.Timeline = line
	s, err := sender.New(c)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	_, err = s.Create(sender.NewHook{EventType: s4Type, URL: to})
	require.NoError(t, err)
	s.Emit(s4Type, s4Resource)
	line.Advance(0)
	require.Len(t, s.Attempts(), 1)
	return s.Attempts()[0]
}

// receiver is one on a real network, which remembers what it was asked.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	got []*http.Request
}

// serve starts a receiver that answers by h, which is told how many requests there were before.
func serve(t *testing.T, h func(w http.ResponseWriter, r *http.Request, before int)) *receiver {
	t.Helper()
	var s receiver
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		before := len(s.got)
		s.got = append(s.got, r)
		s.mu.Unlock()
		h(w, r, before)
	}))
	t.Cleanup(s.Close)
	return &s
}

// says is a receiver that always gives one status.
func says(t *testing.T, status int) *receiver {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(status) })
}

// requests are what the receiver was asked.
func (s *receiver) requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got
}

func TestS4_ANotificationIsAGETCallWithThreeQueryParameters(t *testing.T) {
	t.Parallel()
	srv := says(t, http.StatusOK)
	a := ask(t, sender.Config{}, srv.URL)
	assert.Empty(t, a.Failure)
	assert.Equal(t, http.StatusOK, a.Status)
	got := srv.requests()[0]
	assert.Equal(t, http.MethodGet, got.Method)
	assert.Equal(t, "/?"+s4Query, got.RequestURI)
	assert.Zero(t, got.ContentLength, "no body")
	assert.Equal(t, http.Header{"Connection": {"close"}}, got.Header, "our reading: not even a User-Agent")
}

func TestOurReading_TheOwnQueryOfAUrlStaysBeforeTheThreeParameters(t *testing.T) {
	t.Parallel()
	for own, asked := range map[string]string{
		"":                        "/?" + s4Query,
		"/":                       "/?" + s4Query,
		"?":                       "/?" + s4Query,
		"?_t=1743627006":          "/?_t=1743627006&" + s4Query,
		"/hooks/s3cr3t?a=%20&b&":  "/hooks/s3cr3t?a=%20&b&" + s4Query,
		"/ho%2Foks/?EventType=me": "/ho%2Foks/?EventType=me&" + s4Query,
		"/hooks#part":             "/hooks?" + s4Query,
	} {
		srv := says(t, http.StatusOK)
		assert.Empty(t, ask(t, sender.Config{}, srv.URL+own).Failure)
		assert.Equal(t, asked, srv.requests()[0].RequestURI, own)
	}
}

func TestParametersAreEscaped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Emit(s4Type, "a&b=c d+é#?")
	b.line.Advance(0)
	b.mu.Lock()
	defer b.mu.Unlock()
	assert.Equal(t, "a&b=c d+é#?", b.got[0].to.Query().Get("RessourceId"))
	assert.Equal(t, []string{"1743627006"}, b.got[0].to.Query()["Date"])
}

func TestS4_OnlyAStatusOf200IsASuccess(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 202, 204, 206, 300, 304, 400, 401, 403, 404, 410, 429, 500, 502, 503} {
		a := ask(t, sender.Config{}, says(t, status).URL)
		assert.Equal(t, status, a.Status)
		assert.Equal(t, status != 200, a.Failure == sender.BadStatus, "%d", status)
	}
}

func TestOurReading_ARedirectIsAFailureAndIsNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { http.Redirect(w, r, "/elsewhere", status) })
		a := ask(t, sender.Config{}, srv.URL)
		assert.Equal(t, sender.BadStatus, a.Failure)
		assert.Equal(t, status, a.Status)
		assert.Len(t, srv.requests(), 1)
	}
}

// slow is a receiver in memory that answers after a time of the bubble's clock.
type slow time.Duration

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(time.Duration(s)):
		return httptest.NewRecorder().Result(), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func TestS4_AnAnswerMustComeWithin2Seconds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		takes   time.Duration
		failure sender.Failure
		status  int
	}{{0, "", 200}, {1999 * time.Millisecond, "", 200}, {2001 * time.Millisecond, sender.TooLate, 0}, {time.Hour, sender.TooLate, 0}} {
		synctest.Test(t, func(t *testing.T) {
			a := ask(t, sender.Config{Transport: slow(c.takes)}, "https://www.example.com")
			assert.Equal(t, c.failure, a.Failure)
			assert.Equal(t, c.status, a.Status)
			assert.Equal(t, min(c.takes, 2*time.Second), a.Took)
			assert.Equal(t, start, a.At, "the line stands still meanwhile")
		})
	}
}

func TestS4_The2SecondsAreRealTimeAtAnySpeed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := timeline.New(start)
		s, err := sender.New(sender.Config{Timeline: line, Transport: slow(1999 * time.Millisecond)})
		require.NoError(t, err)
		_, err = s.Create(sender.NewHook{EventType: s4Type, URL: "https://www.example.com"})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- line.Run(ctx, 3600) }() // an hour a second
		s.Emit(s4Type, s4Resource)
		<-time.After(3 * time.Second)
		stop()
		require.NoError(t, <-ended)
		require.Len(t, s.Attempts(), 1)
		assert.Empty(t, s.Attempts()[0].Failure)
	})
}

func TestOurReading_ARetryWhoseInstantHasPassedBeforeTheAnswerIsSentAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := timeline.New(start)
		s, err := sender.New(sender.Config{Timeline: line, Transport: slow(time.Hour)})
		require.NoError(t, err)
		_, err = s.Create(sender.NewHook{EventType: s4Type, URL: "https://www.example.com"})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- line.Run(ctx, 3600) }() // 2 seconds of waiting are 2 hours
		s.Emit(s4Type, s4Resource)
		<-time.After(100 * time.Second)
		stop()
		require.NoError(t, <-ended)
		list := s.Attempts()
		require.Len(t, list, 16)
		for i, hours := range []float64{0, 2, 4, 6, 8, 10, 12, 14, 17, 25, 33, 41, 49, 57, 65, 73} {
			assert.InDelta(t, hours, list[i].At.Sub(start).Hours(), 0.01, "attempt %d", i+1)
		}
	})
}

func TestABodyThatNeverEndsDoesNotTurnAnAnswerIntoAFailure(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		chunk := make([]byte, 1<<10)
		for r.Context().Err() == nil {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	assert.Empty(t, ask(t, sender.Config{}, srv.URL).Failure)
}

func TestS4_AReceiverThatCannotBeReachedHasFailed(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	a := ask(t, sender.Config{}, closed.URL)
	assert.Equal(t, sender.Unreachable, a.Failure)
	assert.Zero(t, a.Status)

	hangsUp := serve(t, func(http.ResponseWriter, *http.Request, int) { panic(http.ErrAbortHandler) })
	assert.Equal(t, sender.Unreachable, ask(t, sender.Config{}, hangsUp.URL).Failure)
}

// net/http repeats a GET on its own when a kept connection breaks; an attempt must be one request.
func TestAnAttemptIsOneRequest(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(_ http.ResponseWriter, _ *http.Request, before int) {
		if before > 0 {
			panic(http.ErrAbortHandler)
		}
	})
	line := timeline.New(start)
	s, err := sender.New(sender.Config{Timeline: line})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	_, err = s.Create(sender.NewHook{EventType: s4Type, URL: srv.URL})
	require.NoError(t, err)
	for n := range 4 {
		s.Emit(s4Type, s4Resource)
		line.Advance(0)
		assert.Len(t, srv.requests(), n+1)
	}
	assert.Equal(t, 3, s.Hooks()[0].Failures)
}

// secure is a receiver with TLS and a certificate for which nobody vouches.
func secure(t *testing.T, version uint16) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	srv.TLS = &tls.Config{MinVersion: version, MaxVersion: version}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestS4_SelfSignedCertificatesAreRejectedUnlessTheyAreAllowed(t *testing.T) {
	t.Parallel()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		to := secure(t, version)
		assert.Equal(t, sender.Unreachable, ask(t, sender.Config{}, to).Failure)
		assert.Empty(t, ask(t, sender.Config{SelfSigned: true}, to).Failure)
	}
}

func TestS4_TLSVersions10And11AreRejected(t *testing.T) {
	t.Parallel()
	for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
		assert.Equal(t, sender.Unreachable, ask(t, sender.Config{SelfSigned: true}, secure(t, version)).Failure)
	}
}

// crowd counts who is there at one time.
type crowd struct {
	arrive, leave chan struct{}
}

func (c crowd) RoundTrip(*http.Request) (*http.Response, error) {
	c.arrive <- struct{}{}
	<-c.leave
	return httptest.NewRecorder().Result(), nil
}

func TestRequestsOfARunningLineAreSideBySideAndBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := timeline.New(start)
		c := crowd{make(chan struct{}, 100), make(chan struct{})}
		s, err := sender.New(sender.Config{Timeline: line, Transport: c, Connections: 3})
		require.NoError(t, err)
		_, err = s.Create(sender.NewHook{EventType: s4Type, URL: "https://www.example.com"})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- line.Run(ctx, 1) }()
		for range 10 {
			s.Emit(s4Type, s4Resource)
		}
		for n := range 10 {
			synctest.Wait()
			assert.Len(t, c.arrive, min(n+3, 10))
			c.leave <- struct{}{}
		}
		stop()
		require.NoError(t, <-ended)
		assert.Len(t, s.Attempts(), 10)
	})
}
