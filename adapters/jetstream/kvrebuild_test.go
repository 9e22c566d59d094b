package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// rowsOf lists everything that a store holds under a name: sequence, keys and stored bytes of every resource.
func rowsOf(t require.TestingT, s projections.Store, model string) map[events.Ref]string {
	out := map[events.Ref]string{}
	for q := (projections.Query{Model: model, Limit: 1000}); ; {
		page, err := s.List(context.Background(), q)
		require.NoError(t, err)
		for _, row := range page.Rows {
			b, err := row.State.MarshalBinary()
			require.NoError(t, err)
			out[row.Ref] = fmt.Sprintf("%d %q %q", row.Seq, row.Index, b)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return out
		}
	}
}

// sessionEvent makes events of few sessions, late ones and repeated ones among them.
func sessionEvent(rng *rand.Rand, i int) events.Event {
	types := []events.Type{"IDENTITY_VERIFICATION_PENDING", "IDENTITY_VERIFICATION_VALIDATED", "IDENTITY_VERIFICATION_FAILED", "IDENTITY_VERIFICATION_INCONCLUSIVE"}
	return events.Event{
		Type: types[rng.IntN(len(types))], Date: 1743600000 + int64(i) - rng.Int64N(30),
		Ref: events.Ref{Source: "mangopay", Kind: "idv_session", ID: fmt.Sprint("idnver_", rng.IntN(9))},
	}
}

// folding is a projector at work on a connection of its own, which goes on by itself after a swap.
func folding(t testing.TB, s *site, log projections.Log) (*projections.Projector, *projections.Generations) {
	t.Helper()
	store, err := jetstream.OpenStore(t.Context(), s.connect(), jetstream.StoreConfig{Logger: silent(t)})
	require.NoError(t, err)
	gens := projections.NewGenerations(store, views.All()...)
	p, err := projections.New(projections.Config{
		Log: log, Store: gens, Models: views.All(),
		Retry: func(_ context.Context, err error, _ int) bool { return errors.Is(err, projections.ErrFenced) },
	})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		assert.ErrorIs(t, <-ended, context.Canceled)
		_ = store.Close()
	})
	return p, gens
}

func TestLaw10_ARebuildInKVEqualsTheLiveModelAfterAnyHistory(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{})
	t.Cleanup(func() { _ = log.Close() })
	proj, gens := folding(t, s, log)
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 0))
	for turn := range 6 {
		var last projections.Seq
		for i := range 1 + rng.IntN(60) {
			seq, err := log.Append(t.Context(), sessionEvent(rng, 60*turn+i))
			require.NoError(t, err)
			last = max(last, seq)
		}
		require.NoError(t, proj.Wait(t.Context(), last))
		ask := gens.Rebuild
		if turn%3 == 2 {
			ask = gens.Rollback
		}
		report, err := ask(t.Context(), projections.RebuildConfig{Log: log, Model: "idv-sessions", Rows: 4})
		require.NoError(t, err, "seed %d, turn %d: %+v", seed, turn, report)
		require.True(t, report.Swapped)
		require.Equal(t, report.LiveDigest, report.RebuiltDigest)
		want, err := gens.Rebuild(t.Context(), projections.RebuildConfig{Log: log, Model: "idv-sessions", DryRun: true})
		require.NoError(t, err, "seed %d, turn %d: %+v", seed, turn, want)
		require.NotZero(t, want.LiveRows)
	}
}

func TestLaw10_ASwapInKVWhileNotificationsFlowLosesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{})
	t.Cleanup(func() { _ = log.Close() })
	proj, gens := folding(t, s, log)
	const n = 800
	first, err := log.Append(t.Context(), event(0))
	require.NoError(t, err)
	require.NoError(t, proj.Wait(t.Context(), first))
	flowed := make(chan projections.Seq)
	go func() {
		var last projections.Seq
		for i := 1; i < n; i++ {
			e := event(i)
			e.Ref.ID = fmt.Sprint("user_m_", i%61)
			seq, err := log.Append(t.Context(), e)
			assert.NoError(t, err)
			last = max(last, seq)
		}
		flowed <- last
	}()
	interrupted, stop := context.WithCancel(t.Context())
	_, err = gens.Rebuild(interrupted, projections.RebuildConfig{Log: log, Model: "users", Progress: func(projections.RebuildProgress) { stop() }})
	require.ErrorIs(t, err, context.Canceled, "stopped in the middle")
	for range 3 {
		report, err := gens.Rebuild(t.Context(), projections.RebuildConfig{Log: log, Model: "users"})
		require.NoError(t, err)
		require.True(t, report.Swapped)
	}
	_, err = gens.Rollback(t.Context(), projections.RebuildConfig{Log: log, Model: "users"})
	require.NoError(t, err)
	last := <-flowed
	require.NoError(t, proj.Wait(t.Context(), last))

	fresh := projections.NewMemoryStore()
	whole, err := projections.New(projections.Config{Log: log, Store: fresh, Models: views.All()})
	require.NoError(t, err)
	ctx, done := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- whole.Run(ctx) }()
	require.NoError(t, whole.Wait(ctx, last))
	done()
	require.ErrorIs(t, <-ended, context.Canceled)
	assert.Equal(t, rowsOf(t, fresh, views.Users.ID()), rowsOf(t, gens, views.Users.ID()))

	other := projections.NewGenerations(s.store(t, jetstream.StoreConfig{}), views.All()...)
	assert.Equal(t, rowsOf(t, gens, views.Users.ID()), rowsOf(t, other, views.Users.ID()), "another process reads the live side")
}
