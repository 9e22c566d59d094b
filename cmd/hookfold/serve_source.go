package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/events/mangopay"
)

// sourceFlags say which stream of somebody else's is imported into the log.
type sourceFlags struct {
	Stream     string `help:"Import this JetStream stream, which somebody else fills, into the log. It is only read." placeholder:"NAME"`
	Subject    string `help:"Subject of the notifications in that stream; it may have wildcards. Everything without it." placeholder:"SUBJECT"`
	Format     string `help:"How its messages are written: ${enum}." enum:"json,query,cloudevents" default:"json"`
	NATS       string `name:"nats" help:"NATS server of that stream; the one of --nats without it." placeholder:"URL"`
	AcceptLoss bool   `help:"Go on although messages left that stream before they were imported, and begin anew where it was made anew or lost its tail."`
}

// formats are the decoders of --source-format.
var formats = map[string]jetstream.Decoder{
	"json": mangopay.DecodeJSON, "query": mangopay.DecodeQuery, "cloudevents": mangopay.DecodeCloudEvent,
}

// check refuses flags that do not go together.
func (f sourceFlags) check(server string) error {
	switch {
	case f.Stream == "" && (f.Subject != "" || f.NATS != "" || f.AcceptLoss):
		return exit(exitUsage, "--source-subject, --source-nats and --source-accept-loss need --source-stream")
	case f.Stream == "":
		return nil
	case cmp.Or(f.NATS, server) == "":
		return exit(exitUsage, "--source-stream is on a NATS server: give its URL by --source-nats, or by --nats if the log is there too")
	}
	if err := f.config("").Validate(); err != nil {
		return exit(exitUsage, "--source-stream or --source-subject: %w", err)
	}
	return nil
}

// config is how the stream is read.
func (f sourceFlags) config(source string) jetstream.ForeignConfig {
	return jetstream.ForeignConfig{
		Stream: f.Stream, Subject: f.Subject, Source: source, Decode: formats[f.Format], AcceptLoss: f.AcceptLoss,
	}
}

// name tells imports apart: what was read in another format or as another source is read again.
func (f sourceFlags) name(source string) string {
	return f.Stream + " " + f.Subject + " " + f.Format + " " + source
}

// source imports somebody else's stream.
type source struct {
	config jetstream.ForeignConfig
	name   string
	url    string
	to     *jetstream.Log
	logger *slog.Logger

	nc      atomic.Pointer[nats.Conn]
	trouble trouble
	attempt int    // without progress, of the goroutine that imports
	warned  uint64 // undecodable messages of which the operator was told

	seq, events, undecodable, passed atomic.Uint64
}

// foreign makes the import, or nil where there is nothing to import.
func (c *serveCmd) foreign(to *jetstream.Log, logger *slog.Logger) *source {
	if c.Foreign.Stream == "" {
		return nil
	}
	return &source{
		config: c.Foreign.config(c.Source), name: c.Foreign.name(c.Source), url: cmp.Or(c.Foreign.NATS, c.NATS),
		to: to, logger: logger,
	}
}

// errSource hides the URL of a server, which may hold a password.
var errSource = errors.New("the NATS server of the source stream cannot be reached: check --source-nats (or --nats) and its credentials")

// run imports until the context ends. Whatever goes wrong there does not stop what else is served.
func (s *source) run(ctx context.Context) {
	if s == nil {
		return
	}
	for {
		err := s.once(ctx)
		if ctx.Err() != nil {
			return
		}
		s.attempt++
		wait := min(time.Duration(s.attempt)*500*time.Millisecond, 10*time.Second)
		s.trouble.set(err)
		s.logger.Warn("the source stream is not imported; trying again", "error", err, "attempt", s.attempt, "in", wait)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

// once imports until something fails.
func (s *source) once(ctx context.Context) error {
	nc, err := nats.Connect(s.url, nats.Name("hookfold import"), nats.MaxReconnects(-1), nats.ReconnectWait(200*time.Millisecond))
	if err != nil {
		return errSource
	}
	defer nc.Close()
	s.nc.Store(nc)
	defer s.nc.Store(nil)
	from, err := jetstream.OpenForeign(ctx, nc, s.config)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }() // it was only read
	return jetstream.Import(ctx, jetstream.ImportConfig{From: from, To: s.to, Name: s.name, Observe: s.observe})
}

// observe counts a step.
func (s *source) observe(step jetstream.Imported) {
	s.trouble.set(nil)
	if step.Anew != nil {
		s.logger.Warn("the import of the source stream begins anew", "because", step.Anew)
	}
	if step.Events+step.Undecodable+step.Passed > 0 {
		s.attempt = 0
	}
	s.seq.Store(uint64(step.Position.Seq))
	s.events.Add(uint64(step.Events))
	s.passed.Add(uint64(step.Passed))
	if n := s.undecodable.Add(uint64(step.Undecodable)); n > 2*s.warned {
		s.warned = n
		s.logger.Warn("messages of the source stream cannot be read and are kept raw: is --source-format right?",
			"undecodable", n, "source_seq", step.Position.Seq)
	}
}

// health tells why nothing is imported.
func (s *source) health() error {
	if nc := s.nc.Load(); nc != nil && !nc.IsConnected() {
		return errSource
	}
	return s.trouble.get()
}

// importStatus is what a status tells of the import.
type importStatus struct {
	SourceSeq   uint64 `json:"source_seq"`
	Events      uint64 `json:"events"`
	Undecodable uint64 `json:"undecodable"`
	Passed      uint64 `json:"passed"`
	Trouble     string `json:"trouble,omitempty"` // why nothing is imported at present
}

// add adds the counters, and what is wrong, to a status.
func (s *source) add(status map[string]any) map[string]any {
	if s == nil {
		return status
	}
	tells := importStatus{
		SourceSeq: s.seq.Load(), Events: s.events.Load(), Undecodable: s.undecodable.Load(), Passed: s.passed.Load(),
	}
	if err := s.health(); err != nil {
		tells.Trouble = err.Error()
	}
	status["import"] = tells
	return status
}
