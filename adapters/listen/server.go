package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
)

// Server serves one handler. Make it with [New].
type Server struct {
	cfg  Config
	http http.Server
	fuss seldom // handshakes that failed
}

// New makes a Server. Its error wraps ErrConfig and names every problem at once.
func New(c Config) (*Server, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	s := &Server{cfg: c, fuss: seldom{now: c.Now}}
	s.http = http.Server{
		Handler:           http.HandlerFunc(s.handle),
		ReadHeaderTimeout: c.ReadTimeout,
		ReadTimeout:       c.ReadTimeout,
		WriteTimeout:      c.WriteTimeout,
		IdleTimeout:       c.IdleTimeout,
		MaxHeaderBytes:    c.MaxHeader,
		Protocols:         new(http.Protocols),
		ErrorLog:          slog.NewLogLogger(c.Logger.Handler(), slog.LevelError),
		ConnContext:       remember,
		ConnState:         rested,
		// "OPTIONS *" is for the handler like everything else.
		DisableGeneralOptionsHandler: true,
	}
	s.http.Protocols.SetHTTP1(true)
	return s, nil
}

// Serve answers what comes to a listener until Shutdown or Close, and closes it. That end is no error.
func (s *Server) Serve(l net.Listener) error {
	if err := s.http.Serve(s.room(l)); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown takes no more connections, and waits for the answers under way as long as ctx lasts.
func (s *Server) Shutdown(ctx context.Context) error { return s.http.Shutdown(ctx) }

// Close ends everything at once.
func (s *Server) Close() error { return s.http.Close() }

// room bounds a listener.
func (s *Server) room(l net.Listener) *room {
	r := newRoom(l, s.cfg)
	if s.cfg.Certificate != nil {
		// Without NextProtos no protocol is negotiated, so that it is HTTP/1.1, and no error repeats what a client proposed.
		config := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: s.cfg.Certificate.present}
		r.dress = func(c *conn) net.Conn {
			c.Conn = tls.Server(c.raw, config)
			return &secured{conn: c, within: s.cfg.ReadTimeout, failed: s.failed}
		}
	}
	return r
}

// handle lets the handler of the configuration speak.
func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	if c, ok := r.Context().Value(remembered{}).(*conn); ok {
		c.room.begin(c)
	}
	if r.TLS != nil {
		w.Header().Set("Strict-Transport-Security", hsts)
	}
	s.cfg.Handler.ServeHTTP(w, r)
}

// failed tells of a handshake that failed: it may be that senders do not trust the certificate. The reasons of crypto/tls
// repeat nothing that a stranger wrote but numbers.
func (s *Server) failed(err error) {
	if more, ok := s.fuss.let(); ok {
		s.cfg.Logger.Warn("a TLS handshake failed", "error", err, "more_since_last", more)
	}
}

// remembered is the key of a request's connection.
type remembered struct{}

// remember puts the connection into the context of its requests.
func remember(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, remembered{}, own(c))
}

// rested hears that an answer is complete and its connection waits for another request.
func rested(c net.Conn, state http.ConnState) {
	if state == http.StateIdle {
		mine := own(c)
		mine.room.rest(mine)
	}
}

// own finds our part of a connection.
func own(c net.Conn) *conn {
	if s, is := c.(*secured); is {
		return s.conn
	}
	return c.(*conn) // a room accepts nothing else
}
