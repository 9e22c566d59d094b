package listen_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/listen"
)

// lines is a logger's output, safe to read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// hand is a clock that tests move.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hand) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// shown shakes hands and returns the certificate that the server showed.
func shown(t testing.TB, addr string) *x509.Certificate {
	t.Helper()
	return encrypted(t, addr).ConnectionState().PeerCertificates[0]
}

func TestS4_NothingOlderThanTLS12IsSpoken(t *testing.T) {
	t.Parallel()
	var heard lines
	clock := &hand{at: noon}
	addr := start(t, listen.Config{Handler: hello, Certificate: certificate(t, selfSigned(t)), Logger: heard.logger(), Now: clock.now})
	for version, good := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		c := tls.Client(dial(t, addr), &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version})
		err := c.Handshake()
		assert.Equal(t, good, err == nil, "%s: %v", tls.VersionName(version), err)
		_, err = io.Copy(io.Discard, io.LimitReader(c, 0))
		require.NoError(t, err)
		require.NoError(t, c.NetConn().Close())
	}
	assert.Contains(t, shownLog(t, &heard), "a TLS handshake failed")
	assert.Equal(t, 1, strings.Count(heard.String(), "\n"), "told once, however often: %s", &heard)
}

// shownLog waits until a log holds a line.
func shownLog(t testing.TB, l *lines) string {
	t.Helper()
	again, deadline := time.NewTicker(time.Millisecond), time.After(patience)
	defer again.Stop()
	for !strings.Contains(l.String(), "\n") {
		select {
		case <-again.C:
		case <-deadline:
			t.Fatal("nothing was logged")
		}
	}
	return l.String()
}

func TestTheHandlerSeesTLSAndNoHTTP2(t *testing.T) {
	t.Parallel()
	seen := make(chan *tls.ConnectionState, 1)
	authority := issue(t, "authority", nil)
	addr := start(t, listen.Config{Certificate: certificate(t, issue(t, "server", authority)), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.TLS
		hello(w, r)
	})})
	roots := x509.NewCertPool()
	roots.AddCert(authority.leaf)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	res, err := client.Get("https://" + addr)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, 1, res.ProtoMajor)
	assert.Equal(t, "max-age=31536000", res.Header.Get("Strict-Transport-Security"))
	state := <-seen
	require.NotNil(t, state)
	assert.True(t, state.HandshakeComplete)
	assert.EqualValues(t, tls.VersionTLS13, state.Version)
	assert.Empty(t, state.NegotiatedProtocol)
}

func TestPlainHTTPOnAPortOfTLSIsToldSo(t *testing.T) {
	t.Parallel()
	var heard lines
	told := make(chan int, 1)
	addr := start(t, listen.Config{Handler: hello, Certificate: certificate(t, selfSigned(t)), Logger: heard.logger(), Refused: func(s int) { told <- s }})
	got := answers(t, say(t, dial(t, addr), "GET /"+end), "GET")
	require.Len(t, got, 1)
	assert.Equal(t, 400, got[0].StatusCode)
	assert.Equal(t, 400, <-told)
	assert.Equal(t, "no-store", got[0].Header.Get("Cache-Control"))
	assert.Empty(t, got[0].Header.Get("Strict-Transport-Security"), "RFC 6797: not over plain HTTP")
	assert.Empty(t, heard.String())
}

func TestANewCertificateIsTakenWithoutARestart(t *testing.T) {
	t.Parallel()
	var heard lines
	clock, first, second := &hand{at: noon}, selfSigned(t), selfSigned(t)
	f := keep(t, first)
	c, err := listen.NewCertificate(listen.CertificateConfig{CertFile: f.cert, KeyFile: f.key, Every: time.Minute, Now: clock.now, Logger: heard.logger()})
	require.NoError(t, err)
	addr := start(t, listen.Config{Handler: hello, Certificate: c})
	assert.Equal(t, first.leaf.Raw, shown(t, addr).Raw)

	f.put(t, second.cert, second.key)
	clock.move(time.Minute - 1)
	assert.Equal(t, first.leaf.Raw, shown(t, addr).Raw, "the files are not looked at all the time")
	clock.move(1)
	assert.Equal(t, second.leaf.Raw, shown(t, addr).Raw)
	assert.Equal(t, second.leaf.NotAfter, c.Expires())
	assert.Contains(t, heard.String(), "a new TLS certificate is used")

	third := selfSigned(t)
	for name, put := range map[string]func(){
		"only the certificate is new": func() { f.put(t, third.cert, second.key) },
		"no certificate":              func() { f.put(t, []byte("rubbish"), second.key) },
		"half a key":                  func() { f.put(t, third.cert, third.key[:len(third.key)/2]) },
		"empty files":                 func() { f.put(t, nil, nil) },
		"other rubbish":               func() { f.put(t, second.key, second.cert) },
	} {
		before := strings.Count(heard.String(), "\n")
		put()
		for range 3 {
			clock.move(time.Minute)
			assert.Equal(t, second.leaf.Raw, shown(t, addr).Raw, name)
		}
		assert.Equal(t, before+1, strings.Count(heard.String(), "\n"), "%s is told once: %s", name, &heard)
	}
	assert.Contains(t, heard.String(), "the one before it stays")
	f.put(t, third.cert, third.key)
	clock.move(time.Minute)
	assert.Equal(t, third.leaf.Raw, shown(t, addr).Raw)
	clock.move(-time.Hour)
	f.put(t, first.cert, first.key)
	assert.Equal(t, first.leaf.Raw, shown(t, addr).Raw, "a clock that was set back stops nothing")
}

func TestS4_ProductionModeRefusesWhatSendersRefuse(t *testing.T) {
	t.Parallel()
	authority := issue(t, "authority", nil)
	good := issue(t, "server", authority)
	early := func(c *x509.Certificate) { c.NotBefore, c.NotAfter = noon.Add(time.Hour), noon.Add(2*time.Hour) }
	late := func(c *x509.Certificate) { c.NotBefore, c.NotAfter = noon.Add(-2*time.Hour), noon.Add(-time.Second) }
	for name, c := range map[string]struct {
		files  files
		reason string
	}{
		"a certificate of an authority": {keep(t, good), ""},
		"one that signed itself":        {keep(t, issue(t, "server", nil)), "it signed itself"},
		"one that expired":              {keep(t, issue(t, "server", authority, late)), "renew it"},
		"one that is not valid yet":     {keep(t, issue(t, "server", authority, early)), "look at the clock"},
		"one that another key is for":   {keep(t, &issued{cert: good.cert, key: authority.key}), "its own key"},
		"no certificate":                {keep(t, &issued{cert: good.key, key: good.key}), "as PEM"},
		"no file":                       {files{"nowhere.pem", "nowhere.pem"}, "nowhere.pem"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := listen.NewCertificate(listen.CertificateConfig{CertFile: c.files.cert, KeyFile: c.files.key, Production: true, Now: func() time.Time { return noon }})
			if c.reason == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, listen.ErrCertificate)
			require.ErrorContains(t, err, c.reason)
			for _, i := range []*issued{good, authority} {
				block, _ := pem.Decode(i.key)
				assert.NotContains(t, err.Error(), string(block.Bytes))
				assert.NotContains(t, err.Error(), string(i.key[40:80]))
			}
		})
	}
}

func TestS4_ProductionModeRefusesItAlsoWhenItComesLater(t *testing.T) {
	t.Parallel()
	var heard lines
	clock, authority := &hand{at: noon}, issue(t, "authority", nil)
	good := issue(t, "server", authority)
	f := keep(t, good)
	c, err := listen.NewCertificate(listen.CertificateConfig{CertFile: f.cert, KeyFile: f.key, Production: true, Now: clock.now, Logger: heard.logger()})
	require.NoError(t, err)
	addr := start(t, listen.Config{Handler: hello, Certificate: c})
	bad := selfSigned(t)
	f.put(t, bad.cert, bad.key)
	clock.move(time.Minute)
	assert.Equal(t, good.leaf.Raw, shown(t, addr).Raw)
	assert.Contains(t, heard.String(), "it signed itself")
}

func TestNothingThatAStrangerSaysInAHandshakeIsLogged(t *testing.T) {
	t.Parallel()
	var heard lines
	clock := &hand{at: noon}
	addr := start(t, listen.Config{Handler: hello, Certificate: certificate(t, selfSigned(t)), Logger: heard.logger(), Now: clock.now})
	for _, c := range []*tls.Config{
		{InsecureSkipVerify: true, NextProtos: []string{canary}},
		{InsecureSkipVerify: true, ServerName: canary},
		{ServerName: canary}, // refuses the certificate, and says so
		{InsecureSkipVerify: true, ServerName: canary, MaxVersion: tls.VersionTLS11},
	} {
		over := tls.Client(dial(t, addr), c)
		_ = over.Handshake() // half of them fail
		require.NoError(t, over.NetConn().(halfCloser).CloseWrite())
		gone(t, over.NetConn())
		clock.move(time.Minute)
	}
	assert.Contains(t, heard.String(), "bad certificate", "an operator must see that senders refuse the certificate")
	assert.NotContains(t, heard.String(), canary)
}
