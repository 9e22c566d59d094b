package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
	"github.com/hookfold/hookfold/adapters/mangopay/confirm"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// openStore opens the store that --store names, on the connection of the log. It ends with the connection.
func (c *serveCmd) openStore(ctx context.Context, keep *keeper, logger *slog.Logger) (projections.Store, error) {
	if c.Store == "memory" {
		return projections.NewMemoryStore(), nil
	}
	store, err := jetstream.OpenStore(ctx, keep.nc, jetstream.StoreConfig{Logger: logger})
	if err != nil {
		return nil, fmt.Errorf("the read models cannot be opened: %w", err)
	}
	if !c.AcceptLoss {
		return store, nil
	}
	// The log may hold less now than the read models have seen: they are folded anew from what there is. So are the marks of
	// what is confirmed and filled in, and the provider is asked for what was lost.
	forget := []string{confirm.MarksModel, backfill.StoreMarks{Source: c.Source}.Model()}
	for _, m := range views.All() {
		forget = append(forget, m.ID())
	}
	if err := store.Forget(ctx, forget...); err != nil {
		return nil, fmt.Errorf("the read models cannot be begun anew: %w", err)
	}
	return store, nil
}
