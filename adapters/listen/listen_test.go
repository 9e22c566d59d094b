package listen_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
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

// patience bounds every wait of these tests; nothing waits for it to pass.
const patience = 30 * time.Second

// hello answers everything with 200.
var hello = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })

// start serves on a loopback socket until the test ends.
func start(t testing.TB, c listen.Config) string {
	t.Helper()
	s, err := listen.New(c)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		assert.NoError(t, <-ended)
	})
	return l.Addr().String()
}

// dial connects, for as long as the test is patient.
func dial(t testing.TB, addr string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	return c.(*net.TCPConn)
}

// halfCloser is a connection of which one side can be closed.
type halfCloser interface {
	net.Conn
	CloseWrite() error
}

// say sends bytes and nothing after them, and returns all that comes back.
func say(t testing.TB, c halfCloser, said string) []byte {
	t.Helper()
	go func() { // what is long may meet a closed connection
		_, _ = io.WriteString(c, said)
		_ = c.CloseWrite()
	}()
	heard, err := io.ReadAll(c)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		require.NoError(t, err)
	}
	return heard
}

// answers reads all responses out of bytes. What is left over is no response.
func answers(t testing.TB, heard []byte, method string) []*http.Response {
	t.Helper()
	var all []*http.Response
	for in := bufio.NewReader(bytes.NewReader(heard)); ; {
		if _, err := in.Peek(1); err != nil {
			return all
		}
		res, err := http.ReadResponse(in, &http.Request{Method: method})
		require.NoError(t, err, "%q", heard)
		_, err = io.Copy(io.Discard, res.Body)
		require.NoError(t, err, "%q", heard)
		all = append(all, res)
	}
}

// encrypted speaks TLS with a server whose certificate nobody looks at.
func encrypted(t testing.TB, addr string) *tls.Conn {
	t.Helper()
	c := tls.Client(dial(t, addr), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	require.NoError(t, c.Handshake())
	return c
}

func TestAllProblemsOfAConfigurationAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := listen.New(listen.Config{MaxConns: -1, MaxHeader: 1, IdleTimeout: -1})
	require.ErrorIs(t, err, listen.ErrConfig)
	for _, field := range []string{"Handler", "MaxConns", "MaxHeader", "timeout"} {
		assert.ErrorContains(t, err, field)
	}
	_, err = listen.NewCertificate(listen.CertificateConfig{CertFile: "x", Every: -1})
	require.ErrorIs(t, err, listen.ErrConfig)
	for _, field := range []string{"KeyFile", "Every"} {
		assert.ErrorContains(t, err, field)
	}
}

func TestShutdownWaitsForTheAnswerUnderWay(t *testing.T) {
	t.Parallel()
	inside, answer := make(chan struct{}), make(chan struct{})
	s, err := listen.New(listen.Config{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(inside)
		<-answer
		hello(w, r)
	})})
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served, down := make(chan error, 1), make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	c := dial(t, l.Addr().String())
	_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	<-inside
	go func() { down <- s.Shutdown(t.Context()) }()
	require.NoError(t, <-served, "it takes no more")
	select {
	case <-down:
		t.Fatal("down before the answer")
	default:
	}
	close(answer)
	heard, err := io.ReadAll(c)
	require.NoError(t, err)
	require.NoError(t, <-down)
	assert.True(t, strings.HasSuffix(string(heard), "hello"), "%q", heard)
}
