package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"time"
)

// secured is a connection over TLS. net/http asks it for its state before it reads.
type secured struct {
	*conn
	within time.Duration
	failed func(error)
}

// ConnectionState shakes hands first, within a bound of time.
func (s *secured) ConnectionState() tls.ConnectionState {
	over := s.Conn.(*tls.Conn) // that is what makes it secured
	ctx, done := context.WithTimeout(context.Background(), s.within)
	defer done()
	if err := over.HandshakeContext(ctx); err != nil {
		s.refused.Store(true) // there is nothing to write on
		s.misled(err)
	}
	return over.ConnectionState()
}

// misled answers whoever speaks plain HTTP here in its own language. That is no failure of ours, and neither is a
// connection that ends.
func (s *secured) misled(err error) {
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &plain) && plain.Conn != nil && letters(plain.RecordHeader[:]):
		s.room.told(http.StatusBadRequest)
		_ = s.raw.SetWriteDeadline(time.Now().Add(s.within))
		_, _ = io.WriteString(s.raw, refusal(http.StatusBadRequest, false)) // it may be gone
	case !errors.Is(err, io.EOF):
		s.failed(err)
	}
}

// letters tells whether the first bytes are those of a request in plain HTTP, not of a TLS record.
func letters(first []byte) bool {
	for _, b := range first[:3] { // GET, the shortest method
		if b < 'A' || b > 'Z' {
			return false
		}
	}
	return true
}
