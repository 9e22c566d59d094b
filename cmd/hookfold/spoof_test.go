package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/listen"
	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// secret is the token of every door here.
const secret = "c4n4ry-7b1f0e52"

// counted is a log that counts.
type counted struct{ n atomic.Int64 }

func (c *counted) Append(_ context.Context, es ...events.Event) (projections.Seq, error) {
	return projections.Seq(c.n.Add(int64(len(es)))), nil
}

// The doors that are tried, all from 127.0.0.1.
const (
	anyone  = iota // everybody may send
	direct         // 127.0.0.1 may
	closed         // 192.0.2.180 and .181 may: not we
	proxied        // 192.0.2.180 and .181, and 2001:db8::/32; we are a trusted proxy, and so is 10.0.0.0/8
)

// door opens one of them on a socket.
func door(t *testing.T, which int, log webhook.Appender, logger *slog.Logger) string {
	t.Helper()
	c := webhook.Config{Log: log, Token: secret, Logger: logger}
	senders := []netip.Prefix{netip.MustParsePrefix("192.0.2.180/31"), netip.MustParsePrefix("2001:db8::/32")}
	switch which {
	case direct:
		c.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	case closed:
		c.Allow = senders
	case proxied:
		c.Allow, c.TrustedProxies = senders, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	}
	h, err := webhook.New(c)
	require.NoError(t, err)
	l, err := open("127.0.0.1:0", listen.Config{Handler: h, Logger: logger, Refused: h.Refused})
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- l.server.Serve(l.Listener) }()
	t.Cleanup(func() {
		_ = l.server.Close()
		assert.NoError(t, <-ended)
	})
	return l.Addr().String()
}

// path is where notifications go, good the target of one.
const (
	path = "/hooks/" + secret
	good = path + "?" + s4Query
)

// ask is a request with more header lines.
func ask(method, target string, headers ...string) string {
	lines := append([]string{method + " " + target + " HTTP/1.1", "Host: hooks.example"}, headers...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

func get(target string, headers ...string) string { return ask("GET", target, headers...) }

// from is a notification that came through a proxy with these lines of X-Forwarded-For.
func from(lines ...string) string {
	headers := make([]string, len(lines))
	for i, l := range lines {
		headers[i] = "X-Forwarded-For: " + l
	}
	return get(good, headers...)
}

// spoof is bytes that are sent to a door, and what they are answered with.
type spoof struct {
	name  string
	door  int
	bytes string
	want  []int
}

// answered lists statuses.
func answered(statuses ...int) []int { return statuses }

// addresses are attempts to come from elsewhere.
var addresses = []spoof{
	{"a listed peer", direct, get(good), answered(200)},
	{"a listed peer that says it is another", direct, from("203.0.113.9"), answered(200)},
	{"a stranger", closed, get(good), answered(403)},
	{"a stranger that says it is listed", closed, from("192.0.2.181"), answered(403)},
	{"a stranger that says so twice", closed, from("192.0.2.181", "192.0.2.181"), answered(403)},
	{"a stranger that says it is we", closed, from("127.0.0.1"), answered(403)},
	{"a stranger by the host's name", closed, "GET " + good + " HTTP/1.1\r\nHost: 192.0.2.181\r\n\r\n", answered(403)},
	{"a stranger by an absolute target", closed, get("http://192.0.2.181" + good), answered(403)},
	{"a stranger with the PROXY protocol", closed, "PROXY TCP4 192.0.2.181 192.0.2.1 1 2\r\n" + get(good), answered(400)},
	{"a stranger with a wrong token", closed, get("/hooks/wrong?" + s4Query), answered(403)},
	{"a stranger elsewhere", closed, get("/"), answered(403)},
	{"a stranger by POST", closed, ask("POST", good, "Content-Length: 0"), answered(403)},

	{"our proxy by itself", proxied, get(good), answered(403)},
	{"through our proxy", proxied, from("192.0.2.181"), answered(200)},
	{"a stranger through our proxy", proxied, from("203.0.113.9"), answered(403)},
	{"one beside the listed", proxied, from("192.0.2.182"), answered(403)},
	{"spaces and tabs around", proxied, from(" \t 192.0.2.181 \t "), answered(200)},
	{"no space after the comma", proxied, from("203.0.113.9,192.0.2.181"), answered(200)},
	{"with a port", proxied, from("192.0.2.181:4711"), answered(200)},
	{"with an empty port", proxied, from("192.0.2.181:"), answered(403)},
	{"IPv6", proxied, from("2001:db8::1"), answered(200)},
	{"IPv6 in brackets", proxied, from("[2001:db8::1]"), answered(200)},
	{"IPv6 in brackets with a port", proxied, from("[2001:db8::1]:4711"), answered(200)},
	{"IPv6 written out", proxied, from("2001:0DB8:0:0:0:0:0:1"), answered(200)},
	{"IPv6 with a zone, which tells nothing elsewhere", proxied, from("2001:db8::1%eth0"), answered(200)},
	{"another IPv6", proxied, from("2001:db9::1"), answered(403)},
	{"IPv4 in IPv6 dress", proxied, from("::ffff:192.0.2.181"), answered(200)},
	{"IPv4 in IPv6 dress, in hex", proxied, from("::ffff:c000:2b5"), answered(200)},
	{"IPv4 in the dress of 6to4", proxied, from("2002:c000:2b5::1"), answered(403)},
	{"two lines, the last is listed", proxied, from("203.0.113.9", "192.0.2.181"), answered(200)},
	{"two lines, the last is a stranger", proxied, from("192.0.2.181", "203.0.113.9"), answered(403)},
	{"two lines, the last is empty", proxied, from("192.0.2.181", ""), answered(403)},
	{"a stranger's words to the left", proxied, from("203.0.113.9, 192.0.2.181"), answered(200)},
	{"a listed address to the left of a stranger", proxied, from("192.0.2.181, 203.0.113.9"), answered(403)},
	{"rubbish to the left", proxied, from("%00;--, 192.0.2.181"), answered(200)},
	{"rubbish to the right", proxied, from("192.0.2.181, unknown"), answered(403)},
	{"nothing to the left", proxied, from(", 192.0.2.181"), answered(200)},
	{"nothing to the right", proxied, from("192.0.2.181,"), answered(403)},
	{"nothing between", proxied, from("192.0.2.181,, 10.0.0.2"), answered(403)},
	{"nothing but commas", proxied, from(",,,"), answered(403)},
	{"nothing", proxied, from(""), answered(403)},
	{"a chain of our proxies", proxied, from("192.0.2.181, 10.0.0.2, 10.0.0.3:80"), answered(200)},
	{"a chain over lines", proxied, from("192.0.2.181", "10.0.0.2, 10.0.0.3", "10.0.0.4"), answered(200)},
	{"a stranger in the chain", proxied, from("192.0.2.181, 203.0.113.9, 10.0.0.2"), answered(403)},
	{"a listed address before a stranger in the chain", proxied, from("192.0.2.181", "203.0.113.9", "10.0.0.2"), answered(403)},
	{"nobody but our proxies", proxied, from("10.0.0.9, 10.0.0.2"), answered(403)},
	{"our proxy in IPv6 dress", proxied, from("192.0.2.181, ::ffff:10.0.0.2"), answered(200)},
	{"a name", proxied, from("localhost"), answered(403)},
	{"a number", proxied, from("3221226165"), answered(403)},
	{"octal", proxied, from("0300.0.02.0265"), answered(403)},
	{"zeros in front", proxied, from("192.000.002.181"), answered(403)},
	{"hex", proxied, from("0xC0.0x0.0x2.0xB5"), answered(403)},
	{"three parts", proxied, from("192.0.693"), answered(403)},
	{"a range", proxied, from("192.0.2.181/32"), answered(403)},
	{"quotes", proxied, from(`"192.0.2.181"`), answered(403)},
	{"brackets around IPv4", proxied, from("[192.0.2.181]"), answered(403)},
	{"spaces instead of commas", proxied, from("203.0.113.9 192.0.2.181"), answered(403)},
	{"semicolons instead of commas", proxied, from("203.0.113.9;192.0.2.181"), answered(403)},
	{"full-width digits", proxied, from("１92.0.2.181"), answered(403)},
	{"a NUL", proxied, from("192.0.2.181\x00"), answered(400)},
	{"a long list, the last is listed", proxied, from(strings.Repeat("203.0.113.9,", 2500) + "192.0.2.181"), answered(200)},
	{"a long list, the last is a stranger", proxied, from(strings.Repeat("192.0.2.181,", 2500) + "203.0.113.9"), answered(403)},
	{"a long chain of our proxies", proxied, from("192.0.2.181" + strings.Repeat(",10.0.0.2", 3000)), answered(200)},
	{"an endless list", proxied, from(strings.Repeat("192.0.2.181,", 100_000)), answered(431)},
	{"the header in odd letters", proxied, get(good, "x-fOrWaRdEd-fOr: 192.0.2.181"), answered(200)},
	{"the header with underscores", proxied, get(good, "X_Forwarded_For: 192.0.2.181"), answered(403)},
	{"the header with one underscore", proxied, get(good, "X-Forwarded_For: 192.0.2.181"), answered(403)},
	{"the header with a space after", proxied, get(good, "X-Forwarded-For : 192.0.2.181"), answered(400)},
	{"the header on a line that goes on", proxied, get(good, "X-Forwarded-For: 192.0.2.181,", " 203.0.113.9"), answered(403)},
	{"the header smuggled into another's value", proxied, get(good, "X-Forwarded-For: 203.0.113.9", "A: b%0d%0aX-Forwarded-For: 192.0.2.181"), answered(403)},
	{"the header smuggled with a return", proxied, get(good, "X-Forwarded-For: 203.0.113.9", "A: b\rX-Forwarded-For: 192.0.2.181"), answered(400)},
	{"the header announced for one hop", proxied, get(good, "Connection: X-Forwarded-For", "X-Forwarded-For: 203.0.113.9"), answered(403)},
	{"the header after the body", proxied, get(good, "Transfer-Encoding: chunked", "Trailer: X-Forwarded-For", "", "0", "X-Forwarded-For: 192.0.2.181"), answered(403)},
	{"X-Real-IP", proxied, get(good, "X-Real-IP: 192.0.2.181"), answered(403)},
	{"Forwarded", proxied, get(good, "Forwarded: for=192.0.2.181;proto=https"), answered(403)},
	{"True-Client-IP", proxied, get(good, "True-Client-IP: 192.0.2.181"), answered(403)},
	{"CF-Connecting-IP", proxied, get(good, "CF-Connecting-IP: 192.0.2.181"), answered(403)},
	{"X-Client-IP", proxied, get(good, "X-Client-IP: 192.0.2.181", "Client-IP: 192.0.2.181"), answered(403)},
	{"X-Cluster-Client-IP", proxied, get(good, "X-Cluster-Client-IP: 192.0.2.181"), answered(403)},
	{"X-Forwarded", proxied, get(good, "X-Forwarded: 192.0.2.181", "X-Forwarded-Host: 192.0.2.181"), answered(403)},
	{"all of them against the one", proxied, get(good, "X-Real-IP: 192.0.2.181", "Forwarded: for=192.0.2.181", "X-Forwarded-For: 203.0.113.9"), answered(403)},
}

// paths are attempts to pass by the token.
var paths = []spoof{
	{"the right path", anyone, get(good), answered(200)},
	{"an absolute target", anyone, get("http://hooks.example" + good), answered(200)},
	{"an absolute target of another host", anyone, get("http://elsewhere.example" + good), answered(200)},
	{"a host of another name", anyone, "GET " + good + " HTTP/1.1\r\nHost: localhost:7700\r\n\r\n", answered(200)},
	{"the token percent-encoded", anyone, get("/hooks/%63" + secret[1:] + "?" + s4Query), answered(200)},
	{"no token", anyone, get("/hooks?" + s4Query), answered(404)},
	{"an empty token", anyone, get("/hooks/?" + s4Query), answered(404)},
	{"two slashes before", anyone, get("/" + good), answered(404)},
	{"two slashes between", anyone, get("/hooks//" + secret + "?" + s4Query), answered(404)},
	{"a slash after", anyone, get(path + "/?" + s4Query), answered(404)},
	{"a step up", anyone, get("/hooks/../hooks/" + secret + "?" + s4Query), answered(404)},
	{"a step up, encoded", anyone, get("/hooks/%2e%2e/hooks/" + secret + "?" + s4Query), answered(404)},
	{"no step", anyone, get("/hooks/./" + secret + "?" + s4Query), answered(404)},
	{"no step, encoded", anyone, get("/hooks/%2E/" + secret + "?" + s4Query), answered(404)},
	{"parameters of the path", anyone, get(path + ";a=b?" + s4Query), answered(404)},
	{"parameters before", anyone, get("/hooks;a=b/" + secret + "?" + s4Query), answered(404)},
	{"an encoded slash", anyone, get("/hooks%2F" + secret + "?" + s4Query), answered(404)},
	{"an encoded slash, in small letters", anyone, get("/hooks%2f" + secret + "?" + s4Query), answered(404)},
	{"a backslash", anyone, get(`/hooks\` + secret + "?" + s4Query), answered(404)},
	{"an overlong slash", anyone, get("/hooks%c0%af" + secret + "?" + s4Query), answered(404)},
	{"encoded twice", anyone, get("/hooks/%2563" + secret[1:] + "?" + s4Query), answered(404)},
	{"an encoding that is none", anyone, get("/hooks/%zz" + secret[1:] + "?" + s4Query), answered(400)},
	{"an encoded question mark", anyone, get(path + "%3F" + s4Query), answered(404)},
	{"a fragment", anyone, get(path + "#?" + s4Query), answered(404)},
	{"the path in capitals", anyone, get("/HOOKS/" + secret + "?" + s4Query), answered(404)},
	{"the token in capitals", anyone, get("/hooks/" + strings.ToUpper(secret) + "?" + s4Query), answered(404)},
	{"the token's beginning", anyone, get(path[:len(path)-1] + "?" + s4Query), answered(404)},
	{"the token's end", anyone, get("/hooks/" + secret[1:] + "?" + s4Query), answered(404)},
	{"more than the token", anyone, get(path + "0?" + s4Query), answered(404)},
	{"the token and a NUL", anyone, get(path + "%00?" + s4Query), answered(404)},
	{"the token and a bare NUL", anyone, get(path + "\x00?" + s4Query), answered(400)},
	{"the token and a space", anyone, get(path + "%20?" + s4Query), answered(404)},
	{"the token and a line", anyone, get(path + "%0a?" + s4Query), answered(404)},
	{"a letter that looks alike", anyone, get("/hooks/%D1%81" + secret[1:] + "?" + s4Query), answered(404)},
	{"the token twice", anyone, get(path + "/" + secret + "?" + s4Query), answered(404)},
	{"the token in the query", anyone, get("/hooks?token=" + secret + "&" + s4Query), answered(404)},
	{"the token as a header", anyone, get("/hooks?"+s4Query, "Authorization: Bearer "+secret, "X-Token: "+secret), answered(404)},
	{"the token as a cookie", anyone, get("/hooks?"+s4Query, "Cookie: token="+secret), answered(404)},
	{"the token as a user", anyone, get("http://" + secret + "@hooks.example/hooks?" + s4Query), answered(404)},
	{"the token as a host", anyone, get("http://" + secret + "/hooks?" + s4Query), answered(404)},
	{"the path as a header", anyone, get("/?"+s4Query, "X-Original-URL: "+path, "X-Rewrite-URL: "+path, "X-Forwarded-Prefix: "+path), answered(404)},
	{"a target without a slash", anyone, get("hooks/" + secret), answered(400)},
	{"a star", anyone, ask("OPTIONS", "*"), answered(404)},
	{"CONNECT to a host", anyone, ask("CONNECT", "hooks.example:443"), answered(404)},
	{"CONNECT to the path", anyone, ask("CONNECT", good), answered(405)},
	{"HEAD", anyone, ask("HEAD", good), answered(405)},
	{"POST", anyone, ask("POST", good, "Content-Length: 0"), answered(405)},
	{"TRACE echoes nothing", anyone, ask("TRACE", good), answered(405)},
	{"get in small letters", anyone, ask("get", good), answered(405)},
	{"POST that means GET", anyone, ask("POST", good+"&_method=GET", "X-HTTP-Method-Override: GET", "X-HTTP-Method: GET", "X-Method-Override: GET", "Content-Length: 0"), answered(405)},
	{"GET that means DELETE", anyone, get(good, "X-HTTP-Method-Override: DELETE"), answered(200)},
	{"another method on another path", anyone, ask("POST", "/hooks", "Content-Length: 0"), answered(404)},
}

// smuggled are attempts to hide one request in another.
var smuggled = []spoof{
	{"two in one go", anyone, get(good) + get(good), answered(200, 200)},
	{"the same length twice", anyone, get(good, "Content-Length: 0", "Content-Length: 0"), answered(200)},
	{"two lengths", anyone, get(good, "Content-Length: 0", "Content-Length: 44") + get(good), answered(400)},
	{"a list of lengths", anyone, get(good, "Content-Length: 0, 44") + get(good), answered(400)},
	{"a length with a sign", anyone, get(good, "Content-Length: +0") + get(good), answered(400)},
	{"a length in hex", anyone, get(good, "Content-Length: 0x0") + get(good), answered(400)},
	{"a length with a space before the colon", anyone, get(good, "Content-Length : 0") + get(good), answered(400)},
	{"a request as a body", anyone, get(good, "Content-Length: 1000") + get(good), answered(200)},
	{"a request after a body", anyone, get(good, "Content-Length: 1") + "x" + get(good), answered(200)},
	{"a length and chunks", anyone, get(good, "Content-Length: 4", "Transfer-Encoding: chunked") + "0\r\n\r\n" + get(good), answered(200)},
	{"chunks and a length", anyone, get(good, "Transfer-Encoding: chunked", "Content-Length: 4") + "5c\r\n" + get(good) + "\r\n0\r\n\r\n", answered(200)},
	{"chunks that end early", anyone, get(good, "Transfer-Encoding: chunked") + "0\r\n\r\n" + get(good), answered(200)},
	{"chunks with a space before the colon", anyone, get(good, "Transfer-Encoding : chunked") + "0\r\n\r\n", answered(400)},
	{"chunks of another name", anyone, get(good, "Transfer-Encoding: xchunked") + "0\r\n\r\n" + get(good), answered(400)},
	{"chunks and identity", anyone, get(good, "Transfer-Encoding: chunked, identity") + "0\r\n\r\n" + get(good), answered(400)},
	{"chunks on a line that goes on", anyone, get(good, "Transfer-Encoding:", " chunked") + "0\r\n\r\n" + get(good), answered(200)},
	{"chunks behind a tab", anyone, get(good, "Transfer-Encoding: \tchunked") + "0\r\n\r\n" + get(good), answered(200)},
	{"chunks of HTTP/1.0", anyone, "GET " + good + " HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + get(good), answered(200)},
	{"an expectation", anyone, get(good, "Expect: 100-continue", "Content-Length: 10") + get(good), answered(200)},
	{"another expectation", anyone, get(good, "Expect: 200-ok") + get(good), answered(400)},
	{"an upgrade", anyone, get(good, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"), answered(200)},
	{"an upgrade to HTTP/2", anyone, get(good, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"), answered(200)},
	{"the preface of HTTP/2", anyone, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + get(good), answered(404)},
	{"a line before", anyone, "\r\n" + get(good), answered(400)},
	{"a target of two words", anyone, "GET " + path + " ?" + s4Query + " HTTP/1.1\r\nHost: x\r\n\r\n", answered(400)},
	{"two hosts", anyone, get(good, "Host: elsewhere.example"), answered(400)},
	{"no host", anyone, "GET " + good + " HTTP/1.1\r\n\r\n", answered(400)},
	{"an endless target", anyone, get(good + strings.Repeat("&x=y", 1<<18)), answered(414)},
	{"an endless path", closed, get("/" + strings.Repeat("x", 1<<20)), answered(414)},
	{"a long query", anyone, get(good + "&x=" + strings.Repeat("y", 9<<10)), answered(414)},
	{"a long query elsewhere", anyone, get("/hooks?x=" + strings.Repeat("y", 9<<10)), answered(404)},
}

// TestS4_SpoofingOpensNothing sends every case over a socket of its own. What is answered with 200 is kept, and nothing
// else is; no answer and no line of the log repeats the token.
func TestS4_SpoofingOpensNothing(t *testing.T) {
	t.Parallel()
	cases := append(append(append([]spoof(nil), addresses...), paths...), smuggled...)
	require.GreaterOrEqual(t, len(cases), 40)
	names, codes := map[string]bool{}, map[int]int{}
	for _, c := range cases {
		require.False(t, names[c.name], "twice: %s", c.name)
		names[c.name] = true
		for _, s := range c.want {
			codes[s]++
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			log, said := &counted{}, &bytes.Buffer{}
			heard := converse(t, door(t, c.door, log, slog.New(slog.NewTextHandler(said, nil))), c.bytes)
			got, kept := []int(nil), 0
			method, _, _ := strings.Cut(c.bytes, " ")
			for in := bufio.NewReader(bytes.NewReader(heard)); ; {
				if _, err := in.Peek(1); err != nil {
					break
				}
				res, err := http.ReadResponse(in, &http.Request{Method: strings.Replace(method, "CONNECT", "GET", 1)})
				require.NoError(t, err, "%q", heard)
				_, err = io.Copy(io.Discard, res.Body)
				require.NoError(t, err, "%q", heard)
				assert.Equal(t, "no-store", res.Header.Get("Cache-Control"))
				got = append(got, res.StatusCode)
				if res.StatusCode == http.StatusOK {
					kept++
				}
			}
			assert.Equal(t, c.want, got, "%q", heard)
			assert.EqualValues(t, kept, log.n.Load(), "kept exactly what was answered with 200")
			assert.NotContains(t, string(heard), secret)
			assert.NotContains(t, said.String(), secret)
		})
	}
	t.Logf("%d spoofing cases: %d addresses, %d paths, %d smuggled; answers by status: %v", len(cases), len(addresses), len(paths), len(smuggled), codes)
}

// converse sends bytes over a connection of its own and returns all that is answered.
func converse(t *testing.T, addr, said string) []byte {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	go func() { // what is long may meet a closed connection
		_, _ = io.WriteString(c, said)
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	heard, err := io.ReadAll(c)
	require.NoError(t, err)
	return heard
}
