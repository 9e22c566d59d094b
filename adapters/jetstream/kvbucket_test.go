package jetstream_test

import (
	"context"
	"strings"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// oneCommit commits a row, by which the bucket of its model is made.
func oneCommit(t testing.TB, s projections.Store, model string) error {
	t.Helper()
	to := projections.Checkpoint{Epoch: 1, Position: projections.Position{Seq: 1}}
	return s.Commit(t.Context(), projections.Commit{Model: model, To: to, Rows: []projections.Row{
		{Ref: events.Ref{Source: "s", Kind: "k", ID: "a"}, Seq: 1, State: projections.Bytes("1"), Index: map[string]string{"user": "u"}},
	}})
}

func TestSection7_BucketIsPersistedAsynchronouslyAndTheLogIsNot(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Always})
	fill(t, s.open(jetstream.LogConfig{}), row(0, 1))
	require.NoError(t, oneCommit(t, s.store(t, jetstream.StoreConfig{MaxBytes: 1 << 20}), "idv-sessions_v1"))
	js, err := natsjs.New(s.nc)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "KV_hookfold_rm_idv-2Dsessions_v1")
	require.NoError(t, err)
	have := stream.CachedInfo().Config
	require.Equal(t, natsjs.AsyncPersistMode, have.PersistMode)
	require.Equal(t, []string{"$KV.hookfold_rm_idv-2Dsessions_v1.>"}, have.Subjects)
	require.Equal(t, natsjs.FileStorage, have.Storage)
	require.Equal(t, natsjs.DiscardNew, have.Discard)
	require.EqualValues(t, 1, have.MaxMsgsPerSubject)
	require.EqualValues(t, 1<<20, have.MaxBytes)
	require.True(t, have.DenyDelete && have.AllowRollup && have.AllowDirect)
	require.Equal(t, "1", have.Metadata["hookfold.rows"])
	log, err := js.Stream(t.Context(), "HOOKFOLD")
	require.NoError(t, err)
	require.Equal(t, natsjs.DefaultPersistMode, log.CachedInfo().Config.PersistMode)
	kv, err := js.KeyValue(t.Context(), "hookfold_rm_idv-2Dsessions_v1") // KV clients open it as their own
	require.NoError(t, err)
	entry, err := kv.Get(t.Context(), "r.s.k.a")
	require.NoError(t, err)
	require.NotEmpty(t, entry.Value())
}

func TestBucketOfSomebodyElseIsRefusedWithEveryDifference(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*natsjs.StreamConfig)
		want   string
	}{
		"a plain KV bucket": {func(c *natsjs.StreamConfig) { c.PersistMode = natsjs.DefaultPersistMode }, "persist_mode"},
		"history":           {func(c *natsjs.StreamConfig) { c.MaxMsgsPerSubject = 5 }, "max_msgs_per_subject"},
		"age":               {func(c *natsjs.StreamConfig) { c.MaxAge = time.Hour }, "max_age"},
		"memory": {func(c *natsjs.StreamConfig) {
			c.Storage, c.PersistMode = natsjs.MemoryStorage, natsjs.DefaultPersistMode
		}, "storage persist_mode"},
		"drops":        {func(c *natsjs.StreamConfig) { c.Discard = natsjs.DiscardOld }, "discard"},
		"no purge":     {func(c *natsjs.StreamConfig) { c.AllowRollup, c.DenyPurge = false, true }, "deny_purge"},
		"no direct":    {func(c *natsjs.StreamConfig) { c.AllowDirect = false }, "allow_direct"},
		"small values": {func(c *natsjs.StreamConfig) { c.MaxMsgSize = 1000 }, "max_msg_size"},
		"few":          {func(c *natsjs.StreamConfig) { c.MaxMsgs = 10 }, "max_msgs"},
		"ttl":          {func(c *natsjs.StreamConfig) { c.AllowMsgTTL = true }, "allow_msg_ttl"},
		"no ack":       {func(c *natsjs.StreamConfig) { c.NoAck = true }, "no_ack"},
		"more":         {func(c *natsjs.StreamConfig) { c.Subjects = append(c.Subjects, "more") }, "subjects"},
		"newer":        {func(c *natsjs.StreamConfig) { c.Metadata = map[string]string{"hookfold.rows": "2"} }, "metadata hookfold.rows"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, embedded.Config{Sync: embedded.Interval})
			js, err := natsjs.New(s.nc)
			require.NoError(t, err)
			c := natsjs.StreamConfig{
				Name: "KV_hookfold_rm_m", Subjects: []string{"$KV.hookfold_rm_m.>"}, MaxMsgsPerSubject: 1, Discard: natsjs.DiscardNew,
				DenyDelete: true, AllowRollup: true, AllowDirect: true, PersistMode: natsjs.AsyncPersistMode,
			}
			test.change(&c)
			_, err = js.CreateStream(t.Context(), c)
			require.NoError(t, err)
			err = oneCommit(t, s.store(t, jetstream.StoreConfig{}), "m")
			var wrong *jetstream.BucketError
			require.ErrorAs(t, err, &wrong)
			var properties []string
			for _, d := range wrong.Differences {
				properties = append(properties, d.Property)
				require.Contains(t, err.Error(), d.Property+" is "+d.Have+" and must be "+d.Want)
			}
			require.Equal(t, test.want, strings.Join(properties, " "))
		})
	}
}

func TestStoreConfigurationIsRefusedWithEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := jetstream.OpenStore(t.Context(), nil, jetstream.StoreConfig{Prefix: "x.>", MaxBytes: -1, Replicas: 9, Timeout: -1})
	require.Error(t, err)
	require.Equal(t, 4, strings.Count(err.Error(), "jetstream: "), err.Error())
	_, err = jetstream.OpenStore(t.Context(), nil, jetstream.StoreConfig{})
	require.ErrorContains(t, err, "connect to a server first")
}

func TestAModelsBucketIsItsOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	store := s.store(t, jetstream.StoreConfig{Prefix: "shop.eu"})
	for _, model := range []string{"a-b_v1", "a_b_v1", "a.b_v1", "a-2Db_v1", "é_v1"} {
		require.NoError(t, oneCommit(t, store, model))
	}
	js, err := natsjs.New(s.nc)
	require.NoError(t, err)
	var names []string
	for name := range js.StreamNames(t.Context()).Name() {
		names = append(names, name)
	}
	require.ElementsMatch(t, []string{
		"KV_shop_eu_rm_a-2Db_v1", "KV_shop_eu_rm_a_b_v1", "KV_shop_eu_rm_a-2Eb_v1", "KV_shop_eu_rm_a-2D2Db_v1", "KV_shop_eu_rm_-C3-A9_v1",
	}, names)
}

func TestReadingMakesNoBucketAndForgettingRemovesIt(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	store := s.store(t, jetstream.StoreConfig{})
	empty := func() {
		t.Helper()
		rows, err := store.Load(t.Context(), "m", []events.Ref{{Source: "s", Kind: "k", ID: "a"}})
		require.NoError(t, err)
		require.Empty(t, rows)
		page, err := store.List(t.Context(), projections.Query{Model: "m"})
		require.NoError(t, err)
		require.Empty(t, page)
		c, err := store.Checkpoint(t.Context(), "m", 0)
		require.NoError(t, err)
		require.Zero(t, c)
	}
	empty()
	js, err := natsjs.New(s.nc)
	require.NoError(t, err)
	_, err = js.Stream(t.Context(), "KV_hookfold_rm_m")
	require.ErrorIs(t, err, natsjs.ErrStreamNotFound)
	require.NoError(t, store.Forget(t.Context(), "m"), "nothing to forget")
	require.NoError(t, oneCommit(t, store, "m"))
	require.NoError(t, store.Forget(t.Context(), "m"))
	empty()
	require.NoError(t, oneCommit(t, store, "m"))
}

func TestABucketThatWasDeletedIsBegunAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	store := s.store(t, jetstream.StoreConfig{})
	require.NoError(t, oneCommit(t, store, "m"))
	js, err := natsjs.New(s.nc)
	require.NoError(t, err)
	require.NoError(t, js.DeleteStream(context.Background(), "KV_hookfold_rm_m"))
	require.Error(t, oneCommit(t, store, "m"), "it is noticed once")
	require.NoError(t, oneCommit(t, store, "m"))
}

func TestACursorOfAnotherListIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	store := s.store(t, jetstream.StoreConfig{})
	cursors := map[string]projections.Query{}
	for _, model := range []string{"m", "n"} {
		to := projections.Checkpoint{Epoch: 1, Position: projections.Position{Seq: 1}}
		c := projections.Commit{Model: model, To: to}
		for _, id := range []string{"a", "b", "c", "d"} {
			c.Rows = append(c.Rows, projections.Row{
				Ref: events.Ref{Source: "s", Kind: "k", ID: id}, Seq: 1, State: projections.Bytes("1"), Index: map[string]string{"user": "u", "city": "u"},
			})
		}
		require.NoError(t, store.Commit(t.Context(), c))
		for _, index := range []string{"", "user", "city"} {
			q := projections.Query{Model: model, Limit: 2, Index: index}
			if index != "" {
				q.Value = "u"
			}
			page, err := store.List(t.Context(), q)
			require.NoError(t, err)
			require.NotEmpty(t, page.Next)
			cursors[page.Next] = q
		}
	}
	require.Len(t, cursors, 6)
	for cursor, own := range cursors {
		for _, q := range cursors {
			q.Cursor = cursor
			_, err := store.List(t.Context(), q)
			own.Cursor = cursor
			if q == own {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, projections.ErrCursor)
			}
		}
	}
	require.NoError(t, store.Forget(t.Context(), "m"))
	require.NoError(t, oneCommit(t, store, "m"))
	for cursor, q := range cursors {
		if q.Cursor = cursor; q.Model == "m" {
			_, err := store.List(t.Context(), q)
			require.ErrorIs(t, err, projections.ErrCursor, "the bucket was made anew")
		}
	}
}

func TestAClosedStoreIsAway(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	store := s.store(t, jetstream.StoreConfig{})
	require.NoError(t, oneCommit(t, store, "m"))
	require.NoError(t, store.Close())
	require.ErrorIs(t, oneCommit(t, store, "m"), projections.ErrAway)
	_, err := store.Load(t.Context(), "m", []events.Ref{{}})
	require.ErrorIs(t, err, projections.ErrAway)
	_, err = store.List(t.Context(), projections.Query{Model: "m"})
	require.ErrorIs(t, err, projections.ErrAway)
	_, err = store.Checkpoint(t.Context(), "m", 0)
	require.ErrorIs(t, err, projections.ErrAway)
	require.True(t, s.nc.IsConnected())
}
