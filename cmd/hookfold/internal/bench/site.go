package bench

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/nats-io/nats.go"

	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
)

// site is a server of this process in a directory of its own.
type site struct {
	dir       string
	transport string
	server    *embedded.Server
}

// openSite starts a server that keeps its streams on the disk that the configuration names.
func openSite(ctx context.Context, c Config, sync embedded.Sync) (*site, error) {
	dir, err := os.MkdirTemp(c.Dir, "hookfold-bench-")
	if err != nil {
		return nil, fmt.Errorf("a directory for the streams cannot be made: %w", err)
	}
	server, err := embedded.Start(ctx, embedded.Config{Dir: dir, Sync: sync, Listen: "127.0.0.1:0"})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &site{dir: dir, transport: c.Transport, server: server}, nil
}

// connect opens a connection over the transport that is measured.
func (s *site) connect() (*nats.Conn, error) {
	if s.transport == Process {
		return s.server.Connect()
	}
	nc, err := nats.Connect(s.server.URL(), nats.Name("hookfold bench"))
	if err != nil {
		return nil, fmt.Errorf("connecting over loopback: %w", err)
	}
	return nc, nil
}

// close stops the server and removes what it kept.
func (s *site) close() error {
	return errors.Join(s.server.Close(), os.RemoveAll(s.dir))
}
