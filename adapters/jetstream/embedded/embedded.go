// Package embedded runs a NATS server inside of the process that uses it, with JetStream in one directory. It is the
// only package that links the server.
//
// The server listens to nobody unless it is told to; [Server.Connect] connects without a network. The directory belongs
// to one process at a time: a lock of the operating system, which a killed process leaves behind for nobody, holds it.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Sync says when an acknowledged event is on the disk.
type Sync int

const (
	// Always writes through to the disk before the acknowledgement: no power cut loses what was acknowledged.
	Always Sync = iota
	// Interval writes through once a second: a power cut may lose what was acknowledged in the last second. A killed
	// process loses nothing either way.
	Interval
)

// String names the durability as operators see it.
func (s Sync) String() string {
	switch s {
	case Always:
		return "always"
	case Interval:
		return "interval"
	}
	return "Sync(" + strconv.Itoa(int(s)) + ")"
}

// syncInterval is what Interval means. The server's own default is two minutes.
const syncInterval = time.Second

// Config says how the server runs. Only Dir has no default.
type Config struct {
	// Dir keeps everything. It is made if it is missing.
	Dir string
	// Sync says when an acknowledged event is on the disk. Zero: Always.
	Sync Sync
	// MaxBytes is how much all streams together may hold on disk. 0: three quarters of what is free at the start.
	MaxBytes int64
	// Listen is the address, host:port, at which other clients of this machine find the server; port 0 takes a free
	// one. There is no authentication, so the host must be a loopback address. "": nobody but this process.
	Listen string
	// Logger takes the server's messages: its notices as debug messages, warnings and errors as such. nil: none.
	Logger *slog.Logger
}

// validate reports every problem at once.
func (c Config) validate() error {
	var problems []error
	if c.Dir == "" {
		problems = append(problems, errors.New("embedded: Dir is empty: name a directory for the log"))
	}
	if c.Sync != Always && c.Sync != Interval {
		problems = append(problems, fmt.Errorf("embedded: Sync is %s: give Always or Interval", c.Sync))
	}
	if c.MaxBytes < 0 {
		problems = append(problems, fmt.Errorf("embedded: MaxBytes is %d: give a size in bytes, or 0", c.MaxBytes))
	}
	if c.Listen != "" {
		if _, _, err := c.address(); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// address reads Listen.
func (c Config) address() (host string, port int, err error) {
	host, text, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return "", 0, fmt.Errorf("embedded: Listen is %q: give host:port: %w", c.Listen, err)
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("embedded: Listen is %q: give a port from 0 to 65535", c.Listen)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", 0, fmt.Errorf("embedded: Listen is %q: give a loopback host; "+
			"for other machines run a NATS server with authentication", c.Listen)
	}
	return host, int(n), nil
}

// options are the server's.
func (c Config) options() *server.Options {
	o := &server.Options{
		ServerName:        "hookfold",
		NoSigs:            true, // the host program owns the signals
		DontListen:        c.Listen == "",
		JetStream:         true,
		StoreDir:          c.Dir,
		JetStreamMaxStore: c.MaxBytes,
		SyncAlways:        c.Sync == Always,
		SyncInterval:      syncInterval,
	}
	if c.Listen != "" {
		o.Host, o.Port, _ = c.address() // validated
		if o.Port == 0 {
			o.Port = server.RANDOM_PORT
		}
	}
	return o
}

// Server is a running server.
type Server struct {
	config Config
	server *server.Server
	lock   *os.File
	close  sync.Once
}

// Start runs a server in a directory and returns when it takes connections and has read its streams back. Errors: every
// problem of the configuration at once; [ErrInUse]; what the server says.
func Start(ctx context.Context, c Config) (*Server, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("embedded: directory %q: %w", c.Dir, err)
	}
	c.Dir = dir
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	ns, err := run(ctx, c)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("embedded: the server does not start: %w", err), lock.Close())
	}
	return &Server{config: c, server: ns, lock: lock}, nil
}

// run starts the server and waits until it is ready.
func run(ctx context.Context, c Config) (*server.Server, error) {
	ns, err := server.NewServer(c.options())
	if err != nil {
		return nil, err
	}
	log := newLogger(c.Logger)
	ns.SetLoggerV2(log, false, false, false)
	ns.Start() // reads all streams back before it returns
	for !ns.ReadyForConnections(100 * time.Millisecond) {
		err := log.fatal()
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			stop(ns)
			return nil, err
		}
	}
	return ns, nil
}

// stop ends the server and waits for it.
func stop(ns *server.Server) {
	ns.Shutdown()
	ns.WaitForShutdown()
}

// Connect connects to the server without a network. The connection comes back by itself as long as the server runs,
// and fails at once, without buffering, while it does not. Options given here come after these. Close the connection
// before the server.
func (s *Server) Connect(opts ...nats.Option) (*nats.Conn, error) {
	all := append([]nats.Option{
		nats.Name("hookfold"), nats.InProcessServer(s), nats.MaxReconnects(-1),
		nats.ReconnectWait(100 * time.Millisecond), nats.ReconnectBufSize(-1),
	}, opts...)
	nc, err := nats.Connect("", all...)
	if err != nil {
		return nil, fmt.Errorf("embedded: connecting to the server of this process: %w", err)
	}
	return nc, nil
}

// InProcessConn opens one raw connection. It makes a Server a nats.InProcessConnProvider.
func (s *Server) InProcessConn() (net.Conn, error) { return s.server.InProcessConn() }

// URL is where other clients find the server; "" where it listens to nobody.
func (s *Server) URL() string {
	if s.config.Listen == "" {
		return ""
	}
	return s.server.ClientURL()
}

// Durability names what an acknowledgement means: "always" or "interval", as [Sync] explains.
func (s *Server) Durability() string { return s.config.Sync.String() }

// Healthy returns nil while the server takes events. After a failed write to the disk a stream takes no more until the
// server is started again; that is told here.
func (s *Server) Healthy() error {
	if !s.server.Running() {
		return errors.New("embedded: the server was stopped: start it again")
	}
	if h := s.server.Healthz(&server.HealthzOptions{}); h.Status != "ok" {
		return fmt.Errorf("embedded: the server is %s: %s: look at the disk and start it again", h.Status, h.Error)
	}
	return nil
}

// Close stops the server, waits until everything is written and frees the directory. It may be called twice.
func (s *Server) Close() error {
	var err error
	s.close.Do(func() {
		stop(s.server)
		err = s.lock.Close() // the lock goes with the file
	})
	return err
}
