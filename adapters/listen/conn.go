package listen

import (
	"bytes"
	"container/list"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// hsts tells browsers and proxies to come by TLS only, for a year.
const hsts = "max-age=31536000"

// conn is a connection on which only a handler speaks. What net/http writes before or without a handler is replaced by
// an answer that keeps to the list.
type conn struct {
	net.Conn // what is read and written: raw, or TLS over it
	raw      net.Conn
	room     *room

	place *list.Element // among those that wait; of the room
	gone  bool          // does not count any more; of the room

	answering atomic.Bool // a handler has begun
	lined     atomic.Bool // the request's line has ended
	refused   atomic.Bool // the last word was said
}

// Read notes whether the request's line has ended: what is too long before that is the line.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if bytes.IndexByte(p[:n], '\n') >= 0 {
		c.lined.Store(true)
	}
	return n, err
}

// Write passes a handler's answer on, and replaces every other.
func (c *conn) Write(p []byte) (int, error) {
	if c.answering.Load() {
		return c.Conn.Write(p)
	}
	if !c.refused.Swap(true) {
		c.refuse(c.status(p))
	}
	return len(p), nil
}

// Close gives the place back.
func (c *conn) Close() error {
	defer c.room.leave(c)
	return c.Conn.Close()
}

// CloseWrite says that nothing more is written.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// status reads what net/http would have said as one of three statuses.
func (c *conn) status(said []byte) int {
	switch {
	case !bytes.HasPrefix(said, []byte("HTTP/1.1 431 ")):
		return http.StatusBadRequest
	case c.lined.Load():
		return http.StatusRequestHeaderFieldsTooLarge
	default:
		return http.StatusRequestURITooLong
	}
}

// lingerMost is how much is still read after a refusal, in bytes.
const lingerMost = 2 << 20

// refuse writes the one answer, and hears the rest without keeping it: a client that is still writing may otherwise find
// its connection reset instead of the answer (RFC 9112, 9.6).
func (c *conn) refuse(status int) {
	c.room.told(status)
	_, overTLS := c.Conn.(*tls.Conn)
	if _, err := io.WriteString(c.Conn, refusal(status, overTLS)); err != nil {
		return
	}
	_ = c.CloseWrite() // the answer has its length in it
	_ = c.Conn.SetReadDeadline(time.Now().Add(c.room.patience))
	_, _ = io.CopyN(io.Discard, c.Conn, lingerMost)
}

// sentences are what refusals say.
var sentences = map[int]string{
	http.StatusBadRequest:                  "This cannot be read as a request.\n",
	http.StatusRequestURITooLong:           "The address is too long.\n",
	http.StatusRequestHeaderFieldsTooLarge: "The headers are too long.\n",
}

// refusal is an answer that no handler made. It echoes nothing.
func refusal(status int, overTLS bool) string {
	more := ""
	if overTLS {
		more = "Strict-Transport-Security: " + hsts + "\r\n"
	}
	body := sentences[status]
	return fmt.Sprintf("HTTP/1.1 %d %s\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: %d\r\n"+
		"Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n%s\r\n%s",
		status, http.StatusText(status), len(body), more, body)
}
