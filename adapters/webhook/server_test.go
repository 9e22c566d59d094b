package webhook_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// serve runs the handler on a loopback socket until the test ends, and returns its address and its server. The server has
// no bounds of its own, so that every answer is the handler's.
func serve(t *testing.T, h http.Handler) (string, *http.Server) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := &http.Server{Handler: h, MaxHeaderBytes: 2 << 20, DisableGeneralOptionsHandler: true}
	stopped := make(chan error, 1)
	go func() { stopped <- srv.Serve(ln) }()
	t.Cleanup(func() {
		_ = srv.Close()
		assert.ErrorIs(t, <-stopped, http.ErrServerClosed)
	})
	return ln.Addr().String(), srv
}

// raw sends bytes over a connection of its own and returns the response.
func raw(t *testing.T, addr, request string) *http.Response {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = c.Write([]byte(request))
	require.NoError(t, err)
	method, _, _ := strings.Cut(request, " ")
	resp, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	require.NoError(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func TestAnswersOverASocket(t *testing.T) {
	t.Parallel()
	addr, _ := serve(t, handler(t, webhook.Config{Log: &memory{}, Token: canary}))
	const end = " HTTP/1.1\r\nHost: x\r\n\r\n"
	path := "/hooks/" + canary
	for _, c := range []struct {
		name, request string
		status        int
	}{
		{"S4 verbatim", "GET " + path + "?" + s4 + end, 200},
		{"the slash percent-encoded", "GET /hooks%2F" + canary + "?" + s4 + end, 404},
		{"the slash percent-encoded, small", "GET /hooks%2f" + canary + "?" + s4 + end, 404},
		{"the token percent-encoded", "GET /hooks/%63" + canary[1:] + "?" + s4 + end, 200},
		{"a query of 1 MB", "GET " + path + "?EventType=A&x=" + strings.Repeat("x", 1<<20) + end, 414},
		{"a query of 1 MB to a stranger's path", "GET /?" + strings.Repeat("x", 1<<20) + end, 404},
		{"OPTIONS *", "OPTIONS *" + end, 404},
		{"an absolute target", "GET http://x" + path + "?" + s4 + end, 200},
		{"bytes that are not UTF-8", "GET " + path + "?EventType=A&RessourceId=\xff\xfe&Date=1" + end, 200},
		{"POST", "POST " + path + "?" + s4 + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n!", 405},
		{"HEAD", "HEAD " + path + "?" + s4 + end, 405},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			resp := raw(t, addr, c.request)
			assert.Equal(t, c.status, resp.StatusCode)
			assert.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
		})
	}
}

func TestS4_TheAnswerDoesNotWaitForABody(t *testing.T) {
	t.Parallel()
	h := handler(t, webhook.Config{Log: &memory{}})
	addr, _ := serve(t, h)
	resp := raw(t, addr, "GET /hooks?"+s4+" HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
	assert.Equal(t, http.StatusOK, resp.StatusCode)
}

func TestS4_OverTLSBrowsersAndProxiesAreToldToStay(t *testing.T) {
	t.Parallel()
	srv := httptest.NewTLSServer(handler(t, webhook.Config{Log: &memory{}}))
	t.Cleanup(srv.Close)
	resp, err := srv.Client().Get(srv.URL + "/hooks?" + s4)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.NotEmpty(t, resp.Header.Get("Strict-Transport-Security"))
}

func TestASenderThatHangsUpIsStillHeard(t *testing.T) {
	t.Parallel()
	asked, hungUp, kept := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	addr, _ := serve(t, handler(t, webhook.Config{Log: appendFunc(func(ctx context.Context, _ ...events.Event) (projections.Seq, error) {
		close(asked)
		<-hungUp
		kept <- ctx.Err()
		return 1, nil
	})}))
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	_, err = fmt.Fprintf(c, "GET /hooks?%s HTTP/1.1\r\nHost: x\r\n\r\n", s4)
	require.NoError(t, err)
	<-asked
	require.NoError(t, c.Close())
	close(hungUp)
	assert.NoError(t, <-kept)
}

func TestShutdownWaitsForTheAppendUnderWay(t *testing.T) {
	t.Parallel()
	asked, durable := make(chan struct{}), make(chan struct{})
	addr, srv := serve(t, handler(t, webhook.Config{Log: appendFunc(func(context.Context, ...events.Event) (projections.Seq, error) {
		close(asked)
		<-durable
		return 9, nil
	})}))
	closing := make(chan struct{})
	srv.RegisterOnShutdown(func() { close(closing) })
	answer := make(chan *http.Response, 1)
	go func() { answer <- raw(t, addr, "GET /hooks?"+s4+" HTTP/1.1\r\nHost: x\r\n\r\n") }() //nolint:testifylint // without an answer the test cannot go on anyway
	<-asked
	down := make(chan error, 1)
	go func() { down <- srv.Shutdown(context.Background()) }()
	<-closing
	close(durable)
	assert.Equal(t, "9", (<-answer).Header.Get("Hookfold-Seq"))
	assert.NoError(t, <-down)
}

func TestWhatTheServerRefusedIsCountedAndObserved(t *testing.T) {
	t.Parallel()
	var seen []string
	h := handler(t, webhook.Config{Log: &memory{}, Observe: func(r webhook.Result) { seen = append(seen, r.Outcome.String()) }})
	for _, status := range []int{400, 414, 431, 417} {
		h.Refused(status)
	}
	assert.Equal(t, webhook.Counts{Malformed: 2, TooLong: 1, HeadersTooLong: 1}, h.Counts())
	assert.Equal(t, []string{"malformed", "too_long", "headers_too_long", "malformed"}, seen)
}
