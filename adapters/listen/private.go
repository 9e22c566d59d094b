package listen

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Private guards a handler that is not for everybody.
//
// With a token, a request must bring it as "Authorization: Bearer TOKEN" (RFC 6750); all others are answered with 401. With
// "" it is meant for a listener on loopback, where no password is needed: there a request must name a loopback address or
// localhost as its Host, or is answered with 403, because a web page elsewhere can make a browser come here under a
// name of its own (DNS rebinding).
//
// GET and HEAD of /healthz and /readyz pass in any case, for probes; without the token, or under a strange name, the answer
// has the handler's status and none of its words.
func Private(h http.Handler, token string) http.Handler {
	p := &private{next: h, open: token == "", digest: sha256.Sum256([]byte(token))}
	if p.open {
		p.admits, p.status, p.sentence = local, http.StatusForbidden, "ask for localhost or a loopback address"
	} else {
		p.admits, p.status, p.sentence = p.bears, http.StatusUnauthorized, "give the token: Authorization: Bearer TOKEN"
	}
	return p
}

// private is the guard. It holds the token's digest only, so that neither its length nor its content shows in the time
// of a comparison.
type private struct {
	next     http.Handler
	open     bool // no token is needed
	digest   [sha256.Size]byte
	admits   func(*http.Request) bool
	status   int
	sentence string
}

func (p *private) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	switch {
	case p.admits(r):
		p.next.ServeHTTP(w, r)
	case (path == "/healthz" || path == "/readyz") && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		probe(w, r, p.next)
	default:
		p.refuse(w)
	}
}

// refuse says what is missing.
func (p *private) refuse(w http.ResponseWriter) {
	if !p.open {
		w.Header().Set("WWW-Authenticate", `Bearer realm="hookfold"`)
	}
	reply(w, p.status, `{"error":"`+p.sentence+`"}`)
}

// reply writes one line of JSON.
func reply(w http.ResponseWriter, status int, line string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(line + "\n")) // the client may be gone
}

// bears tells whether a request brings the token, once.
func (p *private) bears(r *http.Request) bool {
	given := r.Header.Values("Authorization")
	if len(given) != 1 {
		return false
	}
	scheme, token, _ := strings.Cut(given[0], " ")
	digest := sha256.Sum256([]byte(strings.TrimLeft(token, " ")))
	return subtle.ConstantTimeCompare(digest[:], p.digest[:]) == 1 && strings.EqualFold(scheme, "Bearer")
}

// local tells whether a request asks for this machine by a name that only this machine has.
func local(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	return err == nil && ip.Unmap().IsLoopback()
}

// probe lets a handler answer and passes on only whether it did well.
func probe(w http.ResponseWriter, r *http.Request, h http.Handler) {
	mute := &mute{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(mute, r)
	line := `{"status":"ok"}`
	if mute.status != http.StatusOK {
		line = `{"status":"not ok"}`
	}
	reply(w, mute.status, line)
}

// mute is an http.ResponseWriter that keeps the status only.
type mute struct {
	header http.Header
	status int
	spoken bool
}

func (m *mute) Header() http.Header { return m.header }

func (m *mute) Write(p []byte) (int, error) {
	m.spoken = true
	return len(p), nil
}

func (m *mute) WriteHeader(status int) {
	if !m.spoken {
		m.status, m.spoken = status, true
	}
}
