package listen_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/adapters/listen"
)

const end = " HTTP/1.1\r\nHost: x\r\n\r\n"

// said are bytes and the statuses that they are answered with. They are all that net/http 1.26 answers by itself, as read in
// its server.go, and what stands near it.
var said = map[string]struct {
	bytes string
	want  []int
}{
	"a request":                        {"GET /" + end, []int{200}},
	"two requests in one go":           {"GET /" + end + "GET /" + end, []int{200, 200}},
	"HTTP/1.0":                         {"GET / HTTP/1.0\r\n\r\n", []int{200}},
	"HEAD":                             {"HEAD /" + end, []int{200}},
	"OPTIONS *":                        {"OPTIONS *" + end, []int{200}},
	"a method of tomorrow":             {"BREW /" + end, []int{200}},
	"an upgrade to h2c":                {"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", []int{200}},
	"the preface of HTTP/2":            {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", []int{200}},
	"a body that is never asked for":   {"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n", []int{200}},
	"417: an expectation":              {"GET / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n", []int{400}},
	"417: of a HEAD":                   {"HEAD / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n", []int{400}},
	"501: a transfer coding":           {"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", []int{400}},
	"501: two transfer codings":        {"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", []int{400}},
	"501: two lines of it":             {"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", []int{400}},
	"505: HTTP/2.0":                    {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", []int{400}},
	"505: HTTP/0.9":                    {"GET / HTTP/0.9\r\nHost: x\r\n\r\n", []int{400}},
	"505: HTTP/3.0":                    {"GET / HTTP/3.0\r\nHost: x\r\n\r\n", []int{400}},
	"400: a version of no digits":      {"GET / HTTP/x.y\r\nHost: x\r\n\r\n", []int{400}},
	"400: no version":                  {"GET /\r\n\r\n", []int{400}},
	"400: no host":                     {"GET / HTTP/1.1\r\n\r\n", []int{400}},
	"400: two hosts":                   {"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", []int{400}},
	"400: a host that is none":         {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", []int{400}},
	"400: a space before the colon":    {"GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", []int{400}},
	"400: a name of other letters":     {"GET / HTTP/1.1\r\nHost: x\r\nÄ: b\r\n\r\n", []int{400}},
	"400: a value with a NUL":          {"GET / HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n", []int{400}},
	"400: a line without a colon":      {"GET / HTTP/1.1\r\nHost: x\r\nrubbish\r\n\r\n", []int{400}},
	"400: a length that is none":       {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", []int{400}},
	"400: two lengths":                 {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", []int{400}},
	"400: a method that is none":       {"G{T /" + end, []int{400}},
	"400: an address that is none":     {"GET %zz" + end, []int{400}},
	"400: rubbish":                     {"rubbish\r\n\r\n", []int{400}},
	"400: a greeting of TLS":           {"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n", []int{400}},
	"400: after a good one":            {"GET /" + end + "rubbish\r\n\r\n", []int{200, 400}},
	"400: before a long body":          {"PUT / HTTP/1.1\r\nHost: x\r\nA : b\r\nContent-Length: 1048576\r\n\r\n" + strings.Repeat("x", 1<<20), []int{400}},
	"414: an endless line":             {"GET /?" + strings.Repeat("x", 1<<20) + end, []int{414}},
	"414: a line of one word":          {strings.Repeat("x", 1<<20), []int{414}},
	"414: after a good one":            {"GET /" + end + "GET /?" + strings.Repeat("x", 1<<20) + end, []int{200, 414}},
	"431: one long header":             {"GET / HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("x", 1<<20) + "\r\n\r\n", []int{431}},
	"431: many headers":                {"GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: b\r\n", 1<<15) + "\r\n", []int{431}},
	"nothing":                          {"", nil},
	"a line that stops":                {"GET / HT", []int{400}},
	"headers that stop":                {"GET / HTTP/1.1\r\nHost: x\r\n", []int{400}},
	"a long line that still fits":      {"GET /?" + strings.Repeat("x", 30<<10) + end, []int{200}},
	"a length and chunks":              {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", []int{200}},
	"a request inside of chunks":       {"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n12\r\nGET /b HTTP/1.1\r\n\r\n\r\n0\r\n\r\n", []int{200}},
	"a request in the body's place":    {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 21\r\n\r\nGET /b HTTP/1.1\r\na: b\r\n", []int{200}},
	"an answer instead of a request":   {"HTTP/1.1 431 x\r\n\r\n", []int{400}},
	"a request after an empty line":    {"\r\nGET /" + end, []int{400}},
	"a line feed without a return":     {"GET / HTTP/1.1\nHost: x\n\n", []int{200}},
	"a header that goes on, as it did": {"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", []int{200}},
}

// TestNothingLeavesThatTheHandlerDidNotSayBut400And414And431 sends every one over plain HTTP and over TLS.
func TestNothingLeavesThatTheHandlerDidNotSayBut400And414And431(t *testing.T) {
	t.Parallel()
	reads := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			w.Header().Set("Connection", "close") // as the ingress does
		}
		w.Header().Set("Cache-Control", "no-store")
		hello(w, r)
	})
	told := func(status int) { assert.Contains(t, []int{400, 414, 431}, status) }
	plain := start(t, listen.Config{Handler: reads, Refused: told})
	secure := start(t, listen.Config{Handler: reads, Certificate: certificate(t, selfSigned(t))})
	for name, c := range said {
		for kind, connect := range map[string]func() halfCloser{
			"plain": func() halfCloser { return dial(t, plain) },
			"TLS":   func() halfCloser { return encrypted(t, secure) },
		} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				method, _, _ := strings.Cut(c.bytes, " ")
				heard := say(t, connect(), c.bytes)
				if method == "HEAD" && c.want[0] != 200 {
					method = "GET" // a refusal has its sentence in any case, and ends the connection
				}
				var got []int
				for _, res := range answers(t, heard, method) {
					got = append(got, res.StatusCode)
					assert.Equal(t, "no-store", res.Header.Get("Cache-Control"))
					assert.Equal(t, kind == "TLS", res.Header.Get("Strict-Transport-Security") != "")
					if res.StatusCode != http.StatusOK {
						assert.True(t, res.Close)
						assert.Equal(t, "nosniff", res.Header.Get("X-Content-Type-Options"))
					}
				}
				assert.Equal(t, c.want, got, "%q", heard)
			})
		}
	}
}

func TestWhateverIsSaidNothingElseLeaves(t *testing.T) {
	t.Parallel()
	addr := start(t, listen.Config{Handler: hello})
	var requests []string
	for _, s := range said {
		if len(s.bytes) < 1<<10 {
			requests = append(requests, s.bytes)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		raw := []byte(strings.Join(rapid.SliceOfN(rapid.SampledFrom(requests), 1, 3).Draw(rt, "requests"), ""))
		for range rapid.IntRange(0, 4).Draw(rt, "changes") {
			if len(raw) > 0 {
				raw[rapid.IntRange(0, len(raw)-1).Draw(rt, "at")] = rapid.Byte().Draw(rt, "byte")
			}
		}
		for line := range strings.SplitSeq(string(say(t, dial(t, addr), string(raw))), "\r\n") {
			if _, status, is := strings.Cut(line, "HTTP/1."); is {
				if s := status[2:5]; s != "200" && s != "400" && s != "414" && s != "431" {
					rt.Fatalf("%q was answered with %s", raw, s)
				}
			}
		}
	})
}

func TestARefusalEchoesNothing(t *testing.T) {
	t.Parallel()
	addr := start(t, listen.Config{Handler: hello})
	for _, s := range []string{"GET / HTTP/1.1\r\nHost: x\r\nc4n4ry : b\r\n\r\n", "c4n4ry /" + end[:5], "GET /c4n4ry HTTP/7.0\r\n\r\n", "GET %c4n4ry" + end} {
		assert.NotContains(t, string(say(t, dial(t, addr), s)), "c4n4ry")
	}
}

func TestALongAnswerOfTheHandlerIsPassedOnWhateverItLooksLike(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("HTTP/1.1 501 Not Implemented\r\n\r\n", 10_000)
	addr := start(t, listen.Config{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, long) })})
	res, err := http.Get("http://" + addr)
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, long, string(body))
}
