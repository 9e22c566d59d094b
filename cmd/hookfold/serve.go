package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hookfold/hookfold/adapters/listen"
	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/adapters/readapi"
	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// serveCmd receives, keeps, folds and serves.
type serveCmd struct {
	Data       string         `help:"Folder of the embedded NATS server." default:"hookfold-data"`
	NATS       string         `name:"nats" help:"Keep the log on this NATS server instead of the embedded one." placeholder:"URL"`
	Store      string         `help:"Where the read models live: kv keeps them in NATS buckets beside the log, postgres in tables of your own database, memory in this process, with a copy in --data from which a restart goes on." enum:"kv,memory,postgres" default:"kv"`
	Postgres   string         `help:"Database of --store postgres: a URL or key=value words; better given by its variable, because it may hold a password." placeholder:"URL"`
	Snapshot   time.Duration  `name:"snapshot-every" help:"How often --store memory copies the read models to a file in --data; what is newer is folded again after a crash. 0: only when it stops." default:"1m"`
	Listen     string         `help:"Address of the ingress." default:"127.0.0.1:7701"`
	Admin      string         `help:"Address of the read API. Loopback, or with --admin-token." default:"127.0.0.1:7700"`
	Token      string         `help:"Secret last segment of the ingress path: /hooks/TOKEN instead of /hooks." placeholder:"TOKEN"`
	Allow      []netip.Prefix `help:"Addresses (CIDR) from which notifications may come; everybody's without it." placeholder:"CIDR"`
	Trusted    []netip.Prefix `name:"trusted-proxy" help:"Addresses (CIDR) of your own proxies, whose X-Forwarded-For is believed. Needs --allow." placeholder:"CIDR"`
	AcceptLoss bool           `help:"Start although the log no longer holds what it held before."`
	Source     string         `help:"Name of the provider, environment and client that send here." default:"mangopay"`
	Reserve    size           `help:"How much must be left of the disk, and of every other limit of the log, for /readyz to say ready, such as 512MiB. 0: 1GiB, but at most a tenth of the limit." default:"0" placeholder:"SIZE"`
	Replica    string         `help:"Name of this receiver, its own where several keep one log." placeholder:"NAME"`
	listenFlags
	Provider providerFlags `embed:""`
	Foreign  sourceFlags   `embed:"" prefix:"source-"`
	Told     factFlags     `embed:""`

	clock clock
}

// drain is how long a stop waits for requests under way: longer than every wait and timeout of a request.
const drain = 15 * time.Second

// Run serves until the context ends.
func (c *serveCmd) Run(e env) error {
	logger := slog.New(slog.NewTextHandler(e.err, nil))
	if err := c.protect(logger); err != nil {
		return err
	}
	if err := errors.Join(c.Foreign.check(c.NATS), c.Provider.check(), c.checkStore()); err != nil {
		return err
	}
	keep, err := c.open(e.ctx, logger)
	switch {
	case err != nil && e.ctx.Err() != nil:
		return nil // stopped before it had begun
	case err != nil:
		return exit(exitUnreachable, "%w", err)
	}
	defer keep.close()
	return c.serve(e.ctx, keep, logger)
}

// parts are what a server consists of.
type parts struct {
	*keeper
	logger   *slog.Logger
	proj     *projections.Projector
	door     http.Handler
	refused  func(status int) // hears of what the ingress's server refused by itself; nil: nobody
	feed     *webhook.Feed
	read     http.Handler
	begin    func(context.Context) error // waits until the read models are as far as the log was at the start
	storing  trouble                     // of the ingress: the last notification was not stored
	folding  trouble                     // of the projector: it has given up
	waiting  trouble                     // of the projector: it waits before another attempt
	fenced   time.Time                   // when another projector last took the read models over
	rival    standby                     // what is looked at while another projector folds
	standing atomic.Bool                 // that is so
	stopped  stoppage                    // of the projector, as the log tells it
	tables   *tables                     // nil where the read models are not in PostgreSQL
	source   *source                     // somebody else's stream; nil without one

	provider *provider // what asks the provider; nil without credentials
	ward     *ward     // what stands still
	gens     *projections.Generations
}

// serve wires the parts together and runs them.
func (c *serveCmd) serve(ctx context.Context, keep *keeper, logger *slog.Logger) error {
	goal, err := keep.log.Head(ctx)
	if err != nil {
		return exit(exitUnreachable, "%w", err)
	}
	p := &parts{keeper: keep, logger: logger, source: c.foreign(keep.log, logger)}
	counts, newest := &tally{logger: logger, folds: p.folds}, &highest{}
	store, closeStore, err := c.openStore(ctx, p)
	if err != nil {
		return exit(exitUnreachable, "%w", err)
	}
	defer closeStore()
	facts, err := c.Told.open(ctx, keep, c.AcceptLoss)
	if err != nil {
		return exit(exitUnreachable, "%w", err)
	}
	p.gens, p.rival = store, standby{log: keep.log, store: store, models: views.All()}
	p.feed, err = webhook.NewFeed(webhook.FeedConfig{Log: keep.log, Source: c.Source, Replica: c.Replica, Logger: logger, Now: c.clock.now})
	if err != nil {
		return exit(exitUsage, "%w", err)
	}
	p.begin = func(ctx context.Context) error { return p.applied(ctx, goal.Seq) }
	if p.provider, err = c.provider(p, store); err != nil {
		return err
	}
	measures, err := c.measure(p, store, facts)
	if err != nil {
		return err
	}
	p.proj, err = projections.New(projections.Config{
		Log: keep.log, Store: store, Models: views.All(), Observe: append(observers{measures, counts}, p.provider.observers()...), Retry: p.retry,
		Resumed: p.resumed, Facts: publisher(facts),
	})
	if err != nil {
		return err
	}
	door, err := webhook.New(webhook.Config{
		Log: measures.Log(keep.log), Source: c.Source, Token: c.Token, Allow: c.Allow, TrustedProxies: c.Trusted, Replica: c.Replica, Logger: logger,
		Now: c.clock.now,
		Observe: func(r webhook.Result) {
			newest.rise(r.Seq)
			p.received(r)
			p.feed.Observe(r)
			measures.Received(receipt(r))
		},
	})
	if err != nil {
		return exit(exitUsage, "%w", err)
	}
	p.door, p.refused = door, door.Refused
	p.ward = newWard(keep.log, store, c.Source, p.applied)
	read, err := readapi.New(readapi.Config{
		Store: store, Models: views.All(), Source: c.Source, Wait: p.applied, Latest: newest.get,
		Ready:   p.ready,
		Changes: changes(facts), Ends: ctx,
		Quarantine: &p.ward.Quarantine,
		Health:     p.health, Room: c.room(keep), Derived: derived(store, c.clock),
		Status: func() any {
			return p.provider.add(p.source.add(map[string]any{"ingress": door.Counts(), "hook_feed": p.feed.Counts(), "projector": counts.snapshot()}))
		},
	})
	if err != nil {
		return exit(exitUsage, "%w", err)
	}
	p.read, err = withActions(ctx, p, withMetrics(measures, read))
	if err != nil {
		return err
	}
	return c.run(ctx, p)
}

// received remembers whether notifications are being stored.
func (p *parts) received(r webhook.Result) {
	switch r.Outcome {
	case webhook.Accepted, webhook.Unreadable:
		p.storing.set(nil)
	case webhook.Failed:
		p.storing.set(r.Err)
	}
}

// health is the first thing that is wrong. A source that is away is not: the ingress is not to be taken out of service for it.
func (p *parts) health() error {
	return cmp.Or(p.healthy(), p.storing.get(), p.folding.get())
}

// ready waits until the read models are as far as the log was at the start, unless they wait themselves, or there are none.
func (p *parts) ready(ctx context.Context) error {
	if err := cmp.Or(p.tables.away(), p.waiting.get()); err != nil {
		return err // at once: whoever reads is not to wait for what nobody knows
	}
	return p.begin(ctx)
}

// fold projects until the context ends. When the projector gives up, the ingress goes on: what it keeps is not lost.
func (p *parts) fold(ctx context.Context) {
	if err := p.proj.Run(ctx); ctx.Err() == nil {
		p.logger.Error("the read models stand still; notifications are still kept", "error", err, "help", helpWith(err))
		p.folding.set(err)
	}
}

// helpWith says what an operator can do where the projector gave up.
func helpWith(err error) string {
	switch {
	case errors.Is(err, projections.ErrRewound), errors.Is(err, projections.ErrRecreated):
		return "if another server with a log of its own uses these read models, give this one others; if this log lost what they " +
			"have seen, start once with --accept-loss, which folds them anew"
	case errors.Is(err, postgres.ErrNewer), errors.Is(err, events.ErrNewer):
		return "run the newer program everywhere"
	}
	return "start it again; if that does not help, hookfold rebuild"
}

// watch writes down how far the log has come, at last when everything that was to be appended is.
func (p *parts) watch(ctx context.Context, fed <-chan struct{}) {
	if p.witness.File == "" {
		return
	}
	warn := func(err error) { p.logger.Warn("a loss of the log might go unnoticed", "error", err) }
	p.witness.Watch(ctx, warn)
	<-fed
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := p.witness.Note(last); err != nil {
		warn(err)
	}
}

// run listens, projects, and stops everything in order.
func (c *serveCmd) run(ctx context.Context, p *parts) error {
	ingress, admin, err := c.listeners(p)
	if err != nil {
		return err
	}
	p.logger.Info("serving", "ingress", ingress.url()+c.ingressPath(), "read_api", admin.url()+"/v1", "durability", p.durability)
	group, ctx := errgroup.WithContext(ctx)
	folding, stopFolding := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error { p.fold(folding); return nil })
	group.Go(func() error { p.followSides(ctx); return nil })
	fed, imported, asked := make(chan struct{}), make(chan struct{}), make(chan struct{})
	group.Go(func() error { defer close(fed); p.feed.Run(folding); return nil }) // to the end: it tells what the last answers left
	group.Go(func() error { p.watch(folding, fed); return nil })
	group.Go(func() error { defer close(imported); p.source.run(ctx); return nil })
	group.Go(func() error { defer close(asked); p.tables.await(ctx); p.provider.run(ctx); return nil })
	group.Go(func() error { p.tables.open(ctx); return nil })
	for _, l := range []*listener{ingress, admin} {
		group.Go(func() error { return l.server.Serve(l.Listener) })
	}
	group.Go(func() error {
		<-ctx.Done()
		p.logger.Info("stopping")
		defer stopFolding()
		err := stop(ingress.server, admin.server)
		<-imported
		<-asked
		return err
	})
	if err := group.Wait(); err != nil {
		return exit(exitUnreachable, "%w", err)
	}
	return nil
}

// stop answers what is under way and closes the servers, the ingress first.
func stop(servers ...*listen.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	var errs []error
	for _, s := range servers {
		if err := s.Shutdown(ctx); err != nil {
			errs = append(errs, fmt.Errorf("requests under way did not end in %v: %w", drain, err))
		}
	}
	return errors.Join(errs...)
}
