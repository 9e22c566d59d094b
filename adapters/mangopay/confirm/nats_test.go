package confirm_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/adapters/mangopay/confirm"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// Real parts: an embedded server, its log, its read models, and marks in a bucket beside them.
func TestOverNATSAUserIsConfirmedOnceAndTheMarksOutliveTheConfirmer(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	server, err := embedded.Start(ctx, embedded.Config{Dir: t.TempDir()})
	require.NoError(t, err)
	defer server.Close()
	nc, err := server.Connect()
	require.NoError(t, err)
	defer nc.Close()
	log, err := jetstream.OpenLog(ctx, nc, jetstream.LogConfig{})
	require.NoError(t, err)
	defer log.Close()
	store, err := jetstream.OpenStore(ctx, nc, jetstream.StoreConfig{})
	require.NoError(t, err)
	defer store.Close()
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
	require.NoError(t, err)
	var crew sync.WaitGroup
	defer crew.Wait()
	defer stop()
	crew.Go(func() { _ = proj.Run(ctx) })

	p := newProvider(1, faults{})
	p.objects["user/u"] = since(map[string]string{"status": "ACTIVE", "category": "OWNER", "kyc": "REGULAR"})
	_, err = log.Append(ctx, events.Event{
		Type: "USER_KYC_REGULAR", Ref: events.Ref{Source: "mangopay", Kind: "user", ID: "u"}, Date: time.Now().Add(-time.Hour).Unix(),
	})
	require.NoError(t, err)
	for range 2 { // the second one finds it answered
		told := make(chan struct{}, 9)
		c, err := confirm.New(confirm.Config{
			API: p, Log: log, Marks: &confirm.StoreMarks{Store: store}, Observe: func(confirm.Result) { told <- struct{}{} },
		})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(ctx)
		crew.Go(func() { assert.ErrorIs(t, c.Run(ctx), context.Canceled) })
		if p.spent() == 0 {
			<-told
		}
		require.Eventually(t, func() bool { return c.Counts().Warm }, 20*time.Second, 10*time.Millisecond)
		stop()
	}
	require.NoError(t, proj.Wait(ctx, 2))
	u, err := projections.Read(store, views.Users, "mangopay").Get(ctx, "u")
	require.NoError(t, err)
	assert.True(t, views.MayReceiveFromOwner(u.Value).Allowed)
	assert.Equal(t, 1, p.spent())
}
