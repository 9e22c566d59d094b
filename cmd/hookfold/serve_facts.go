package main

import (
	"context"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/metrics"
	"github.com/hookfold/hookfold/adapters/readapi"
	"github.com/hookfold/hookfold/projections"
)

// factFlags say whether and how long facts are kept.
type factFlags struct {
	Facts    bool          `help:"Keep every transition in the stream HOOKFOLD_FACTS, and serve them at /v1/changes. --facts=false keeps none." default:"true"`
	FactsAge time.Duration `help:"How long facts are kept, such as 2160h; for ever without it. A memory store tells again at a start what has left." placeholder:"DURATION"`
}

// open opens the stream of facts beside the log. nil: none are kept.
func (f factFlags) open(ctx context.Context, keep *keeper, anew bool) (*jetstream.Facts, error) {
	if !f.Facts {
		return nil, nil
	}
	facts, err := jetstream.OpenFacts(ctx, keep.nc, jetstream.FactsConfig{Log: keep.log, MaxAge: f.FactsAge, Anew: anew})
	if err != nil {
		return nil, fmt.Errorf("the facts cannot be kept (--facts=false goes on without them, --accept-loss begins them again): %w", err)
	}
	return facts, nil
}

// publisher and changes are facts as others take them: an interface that holds nothing where none are kept.
func publisher(f *jetstream.Facts) projections.Facts {
	if f == nil {
		return nil
	}
	return f
}

func changes(f *jetstream.Facts) readapi.Changes {
	if f == nil {
		return nil
	}
	return f
}

// factCounts is what the metrics ask about facts.
func factCounts(f *jetstream.Facts) func() metrics.Facts {
	if f == nil {
		return nil
	}
	return func() metrics.Facts {
		t := f.Tally()
		return metrics.Facts{Single: t.Single, Batched: t.Batched, Known: t.Known, Refused: t.Refused, Spent: t.Spent}
	}
}
