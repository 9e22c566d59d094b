package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
	"github.com/hookfold/hookfold/adapters/mangopay/confirm"
	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/adapters/snapshot"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// checkStore refuses flags that do not go together.
func (c *serveCmd) checkStore() error {
	if (c.Store == "postgres") != (c.Postgres != "") {
		return exit(exitUsage, "--store postgres and --postgres belong together")
	}
	if c.Snapshot < 0 {
		return exit(exitUsage, "--snapshot-every cannot be negative")
	}
	return nil
}

// openStore opens the store that --store names, with sides of the read models in it, and tells how to close it. One in NATS
// stands on the connection of the log.
func (c *serveCmd) openStore(ctx context.Context, p *parts) (*projections.Generations, func(), error) {
	switch c.Store {
	case "memory":
		return c.openMemory(ctx, p.keeper, p.logger)
	case "postgres":
		return c.openPostgres(ctx, p)
	}
	buckets, err := jetstream.OpenStore(ctx, p.nc, jetstream.StoreConfig{Logger: p.logger})
	if err != nil {
		return nil, nil, fmt.Errorf("the read models cannot be opened: %w", err)
	}
	sides := projections.NewGenerations(buckets, views.All()...)
	return sides, func() {}, c.anew(ctx, sides)
}

// openPostgres opens the tables, or has them opened as soon as the database is there.
func (c *serveCmd) openPostgres(ctx context.Context, p *parts) (*projections.Generations, func(), error) {
	var err error
	p.tables, err = openTables(ctx, p.logger, func(ctx context.Context) (*postgres.Store, error) {
		store, err := postgres.Open(ctx, postgres.Config{URL: c.Postgres, Models: views.All(), Logger: p.logger})
		if err != nil {
			return nil, err
		}
		if err := c.anew(ctx, projections.NewGenerations(store, views.All()...)); err != nil {
			store.Close()
			return nil, err
		}
		return store, nil
	})
	if err != nil {
		return nil, nil, err
	}
	return projections.NewGenerations(p.tables, views.All()...), p.tables.close, nil
}

// openMemory opens a store in memory with its copy in --data. After an accepted loss the copy is left aside.
func (c *serveCmd) openMemory(ctx context.Context, keep *keeper, logger *slog.Logger) (*projections.Generations, func(), error) {
	every := c.Snapshot
	if every == 0 {
		every = -1
	}
	store, err := snapshot.Open(ctx, snapshot.Config{
		Dir: c.Data, Log: keep.log, Models: views.All(), Every: every, Fresh: c.AcceptLoss, Logger: logger,
	})
	if err != nil {
		return nil, nil, err
	}
	return projections.NewGenerations(store, views.All()...), func() {
		if err := store.Close(); err != nil {
			logger.Warn("the next start will take longer", "error", err)
		}
	}, nil
}

// anew forgets everything after an accepted loss: the log may hold less now than the read models have seen, so they are
// folded anew from what there is. So are the marks of what is confirmed and filled in, and the provider is asked for what
// was lost.
func (c *serveCmd) anew(ctx context.Context, store *projections.Generations) error {
	if !c.AcceptLoss {
		return nil
	}
	forget := []string{(&confirm.StoreMarks{Source: c.Source}).Model(), backfill.StoreMarks{Source: c.Source}.Model()}
	for _, m := range views.All() {
		forget = append(forget, m.ID())
	}
	if err := store.Forget(ctx, forget...); err != nil {
		return fmt.Errorf("the read models cannot be begun anew: %w", err)
	}
	return nil
}
