package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
)

// keeper is the log with what it stands on.
type keeper struct {
	log        *jetstream.Log
	nc         *nats.Conn
	durability string
	server     *embedded.Server // nil where another server keeps the log
	healthy    func() error
	close      func()
	witness    jetstream.Witness // of the embedded server's log; without a file where another server keeps it
}

// open opens the log on the embedded server, or on the one that was named.
func (c *serveCmd) open(ctx context.Context, logger *slog.Logger) (*keeper, error) {
	if c.NATS != "" {
		return external(ctx, c.NATS, logger)
	}
	server, err := embedded.Start(ctx, embedded.Config{Dir: c.Data, Logger: logger})
	if err != nil {
		return nil, err
	}
	nc, err := server.Connect(nats.Name("hookfold"))
	if err != nil {
		_ = server.Close() // the first error tells more
		return nil, err
	}
	k := &keeper{
		server: server, durability: server.Durability(), healthy: server.Healthy,
		close: func() { nc.Close(); _ = server.Close() },
	}
	if k, err = k.attach(ctx, nc); err != nil {
		return nil, err
	}
	k.witness = jetstream.Witness{File: filepath.Join(c.Data, "position.json"), Log: k.log}
	if c.AcceptLoss {
		return k, nil
	}
	if err := k.witness.Examine(ctx); err != nil {
		k.close()
		return nil, fmt.Errorf("%w (to go on with what is there, start once with --accept-loss)", err)
	}
	return k, nil
}

// errNATS hides the URL of a server, which may hold a password.
var errNATS = errors.New("the NATS server cannot be reached: check --nats and its credentials")

// external opens the log on a server of the platform's own.
func external(ctx context.Context, url string, logger *slog.Logger) (*keeper, error) {
	nc, err := nats.Connect(url, nats.Name("hookfold"), nats.MaxReconnects(-1), nats.ReconnectWait(200*time.Millisecond),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { logger.Warn("the NATS server is away; notifications are answered 503") }),
		nats.ReconnectHandler(func(*nats.Conn) { logger.Info("the NATS server is back") }))
	if err != nil {
		return nil, errNATS
	}
	k := &keeper{durability: "the server's own", close: nc.Close, healthy: func() error {
		if !nc.IsConnected() {
			return errNATS
		}
		return nil
	}}
	return k.attach(ctx, nc)
}

// attach opens the log, or closes everything.
func (k *keeper) attach(ctx context.Context, nc *nats.Conn) (*keeper, error) {
	log, err := jetstream.OpenLog(ctx, nc, jetstream.LogConfig{})
	if err != nil {
		k.close()
		return nil, fmt.Errorf("the log cannot be opened: %w", err)
	}
	k.log, k.nc = log, nc
	return k, nil
}
