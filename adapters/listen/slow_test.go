package listen_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/listen"
)

// soon is a timeout that a test can wait for.
const soon = 50 * time.Millisecond

// drip sends a byte now and then until the connection is gone.
func drip(c net.Conn, what string) {
	beat := time.NewTicker(time.Millisecond)
	defer beat.Stop()
	for i := 0; ; i++ {
		<-beat.C
		if _, err := io.WriteString(c, what[i%len(what):i%len(what)+1]); err != nil {
			return
		}
	}
}

// gone waits for the other side to end a connection, and returns what it said before.
func gone(t testing.TB, c net.Conn) string {
	t.Helper()
	heard, err := io.ReadAll(c)
	var late net.Error
	require.False(t, errors.As(err, &late) && late.Timeout(), "the connection is still there: %v", err)
	return string(heard)
}

func TestWhoeverIsSlowIsCutOff(t *testing.T) {
	t.Parallel()
	quick := func(c listen.Config) string {
		c.Handler, c.ReadTimeout, c.WriteTimeout = hello, soon, patience
		return start(t, c)
	}
	plain, secure := quick(listen.Config{}), quick(listen.Config{Certificate: certificate(t, selfSigned(t))})
	for name, c := range map[string]struct{ addr, before, drip string }{
		"silence":                 {plain, "", ""},
		"a line in drops":         {plain, "GET /", "x"},
		"headers in drops":        {plain, "GET / HTTP/1.1\r\nHost: x\r\n", "a: b\r\n"},
		"silence before TLS":      {secure, "", ""},
		"a greeting that stops":   {secure, "\x16\x03\x01\x00\xa5\x01\x00", ""},
		"a greeting in drops":     {secure, "\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03", "x"},
		"half a line and silence": {plain, "GET /hooks?Ev", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, c.addr)
			_, err := io.WriteString(conn, c.before)
			require.NoError(t, err)
			if c.drip != "" {
				go drip(conn, c.drip)
			}
			assert.Regexp(t, `^$|^HTTP/1.1 400 `, gone(t, conn), "a line that stops may be told so")
		})
	}
}

func TestABodyInDropsDelaysNoAnswer(t *testing.T) {
	t.Parallel()
	addr := start(t, listen.Config{ReadTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		hello(w, r)
	})})
	c := dial(t, addr)
	_, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
	require.NoError(t, err)
	go drip(c, "x")
	assert.Contains(t, gone(t, c), "hello")
}

func TestAConnectionIsNotKeptForEver(t *testing.T) {
	t.Parallel()
	addr := start(t, listen.Config{Handler: hello, IdleTimeout: soon})
	c := dial(t, addr)
	_, err := io.WriteString(c, "GET /"+end)
	require.NoError(t, err)
	assert.Contains(t, gone(t, c), "hello")
}

func TestWhoeverDoesNotReadIsCutOff(t *testing.T) {
	t.Parallel()
	stopped := make(chan error, 1)
	addr := start(t, listen.Config{WriteTimeout: soon, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := io.WriteString(w, strings.Repeat("x", 1<<20)); err != nil {
				stopped <- err
				return
			}
		}
	})})
	c := dial(t, addr)
	_, err := io.WriteString(c, "GET /"+end)
	require.NoError(t, err)
	select {
	case err := <-stopped:
		require.Error(t, err)
	case <-time.After(patience):
		t.Fatal("it writes for ever")
	}
}

func TestAFloodOfSilentConnectionsLocksNobodyOut(t *testing.T) {
	t.Parallel()
	addr := start(t, listen.Config{Handler: hello, MaxConns: 8, ReadTimeout: patience, IdleTimeout: patience})
	silent := make([]net.Conn, 100)
	for i := range silent {
		silent[i] = dial(t, addr)
		_, err := io.WriteString(silent[i], "GET / HTTP/1.1\r\nHo")
		require.NoError(t, err)
	}
	assert.Contains(t, string(say(t, dial(t, addr), "GET /"+end)), "hello")
	for _, c := range silent[:92] {
		assert.Empty(t, gone(t, c), "whoever came first goes first")
	}
	_, err := io.WriteString(silent[99], "st: x\r\nConnection: close\r\n\r\n")
	require.NoError(t, err)
	assert.Contains(t, gone(t, silent[99]), "hello", "the last ones stay")
}

func TestARequestUnderWayIsNotGivenUpForANewcomer(t *testing.T) {
	t.Parallel()
	inside, answer := make(chan struct{}), make(chan struct{})
	addr := start(t, listen.Config{MaxConns: 2, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			inside <- struct{}{}
			<-answer
		}
		hello(w, r)
	})})
	slow := []net.Conn{dial(t, addr), dial(t, addr)}
	for _, c := range slow {
		_, err := io.WriteString(c, "GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		require.NoError(t, err)
		<-inside
	}
	next := make(chan string, 1)
	late := dial(t, addr)
	go func() { next <- string(say(t, late, "GET /"+end)) }() //nolint:testifylint // without an answer the test cannot go on anyway
	select {
	case heard := <-next:
		t.Fatalf("there is no place for a third: %q", heard)
	default:
	}
	answer <- struct{}{}
	assert.Contains(t, <-next, "hello", "the first that was answered gave its place")
	answer <- struct{}{}
	heard := 0
	for _, c := range slow {
		if strings.Contains(gone(t, c), "hello") {
			heard++
		}
	}
	assert.Equal(t, 2, heard)
}

func TestEveryPlaceIsGivenBack(t *testing.T) {
	t.Parallel()
	secure := start(t, listen.Config{Handler: hello, MaxConns: 1, Certificate: certificate(t, selfSigned(t))})
	for range 20 {
		assert.Contains(t, string(say(t, encrypted(t, secure), "GET /"+end)), "hello")
	}
	plain := start(t, listen.Config{Handler: hello, MaxConns: 1})
	for range 20 {
		assert.Contains(t, string(say(t, dial(t, plain), "GET /"+end)), "hello")
		assert.Contains(t, string(say(t, dial(t, plain), "rubbish\r\n\r\n")), "400")
		require.NoError(t, dial(t, plain).Close())
	}
}

func TestWhoeverIsRefusedWhileWritingIsHeardToTheEndWithinBounds(t *testing.T) {
	t.Parallel()
	addr := start(t, listen.Config{Handler: hello, ReadTimeout: patience})
	for more, whole := range map[int]bool{1 << 20: true, 32 << 20: false} {
		c := dial(t, addr)
		_, err := io.WriteString(c, "PUT / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n")
		require.NoError(t, err)
		assert.Contains(t, gone(t, c), "400 Bad Request")
		_, err = c.Write(make([]byte, more))
		assert.Equal(t, whole, err == nil, "%d bytes: %v", more, err)
	}
}
