package hookcare_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/hookcare"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

func TestAPollTellsTheLogOnlyWhatIsNew(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	o := p.has(kyc, address)
	p.has(light, "https://other.example.com")
	p.has(closed, address)
	care := h.care(h.config(p.client(t)))
	poll := func() int {
		r, err := care.Poll(t.Context())
		require.NoError(t, err)
		h.settle()
		return r.Told
	}
	assert.Equal(t, 2, poll(), "nothing was known; a hook that points elsewhere says nothing of ours")
	h.later(time.Minute)
	assert.Zero(t, poll())

	o.Status = "DISABLED"
	assert.Equal(t, 1, poll())
	o.Status = "ENABLED"
	h.later(time.Minute)
	assert.Equal(t, 1, poll())
	h.later(time.Minute)
	assert.Zero(t, poll())

	h.fails(kyc, 12)
	h.later(time.Minute)
	assert.Equal(t, 1, poll(), "the counter is an estimate since")
	h.later(time.Minute)
	assert.Zero(t, poll(), "and nothing failed since")
	assert.Equal(t, 12, h.view(kyc).Value.Counter.Failures, "VALID says nothing of the counter")

	o.Validity = "INVALID"
	assert.Equal(t, 1, poll())
	h.later(time.Minute)
	assert.Zero(t, poll())
	h.succeeds(kyc) // a conflict: nothing should have been sent
	h.later(time.Minute)
	assert.Equal(t, 1, poll(), "a conflict asks for a reading")
	h.later(time.Minute)
	assert.Zero(t, poll())

	h.later(24 * time.Hour)
	assert.Equal(t, 2, poll(), "a heartbeat")
	assert.Equal(t, uint64(9), care.Counts().Readings)
}

func TestWhatAReadingLeavesOpenIsNoNews(t *testing.T) {
	t.Parallel()
	for _, validity := range []string{"", "UNKNOWN"} {
		h, p := newHouse(t), newProvider(t)
		p.has(kyc, address).Validity = validity
		care := h.care(h.config(p.client(t)))
		for i, want := range []int{1, 0} {
			r, err := care.Poll(t.Context())
			require.NoError(t, err)
			assert.Equal(t, want, r.Told, "%q, poll %d", validity, i)
			h.settle()
			h.later(time.Minute)
		}
	}
}

func TestAPollSaysOnceWhatIsNotAsItIsWanted(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	o := p.has(kyc, address)
	care := h.care(h.config(p.client(t)))
	for range 2 {
		r, err := care.Poll(t.Context())
		require.NoError(t, err)
		assert.Equal(t, map[events.Type]hookcare.Standing{kyc: hookcare.Right, light: hookcare.Missing}, r.Standing)
	}
	o.Validity = "INVALID"
	p.has(light, address)
	for range 2 {
		_, err := care.Poll(t.Context())
		require.NoError(t, err)
	}
	assert.Equal(t, 1, count(h.said.String(), "standing=missing"))
	assert.Equal(t, 1, count(h.said.String(), "standing=invalid"))
	assert.Equal(t, 1, count(h.said.String(), "wanted again"))
}

// gone is a provider that cannot be reached.
type gone struct{ hookcare.API }

func (gone) Hooks(context.Context) (a mangopay.Answer[[]mangopay.Hook], err error) {
	return a, mangopay.ErrUnavailable
}

func TestWhereTheProviderIsAwayStatusTellsWhatWeCounted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.succeeds(kyc)
	h.later(time.Hour)
	h.fails(kyc, 1)
	h.later(time.Minute)
	h.fails(kyc, 59)
	care := h.care(h.config(gone{}))
	s, err := care.Status(t.Context())
	require.ErrorIs(t, err, mangopay.ErrUnavailable)
	assert.False(t, s.Asked)
	require.Len(t, s.Hooks, 2)
	now := h.Now().Unix()
	assert.Equal(t, hookcare.HookStatus{
		Type: kyc, Wanted: true, Validity: "VALID", Failures: 60, Limit: 100, Estimate: true, Level: 50, PerHour: 59 * 60,
		InvalidAt: s.Hooks[0].InvalidAt, LastSuccess: now - 3660, LastFailure: now,
		NextRetries: []int64{now + 540, now + 600, now + 1140, now + 1200, now + 1740}, Why: s.Hooks[0].Why,
	}, s.Hooks[0])
	assert.InDelta(t, now+40, s.Hooks[0].InvalidAt, 2)
	_, err = care.Poll(t.Context())
	require.Error(t, err)
	assert.Equal(t, hookcare.Counts{Polls: 1, Failed: 1}, care.Counts())
}

func TestStatusTellsHowEveryHookStands(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	p.has(kyc, address).Validity = "INVALID"
	p.has(closed, address)
	s, err := h.care(h.config(p.client(t))).Status(t.Context())
	require.NoError(t, err)
	assert.True(t, s.Asked)
	assert.Equal(t, "hooks.example.com/hooks/…", s.Address)
	var stands []hookcare.Standing
	for _, one := range s.Hooks {
		stands = append(stands, one.Standing)
		assert.Equal(t, one.Standing != hookcare.Right, one.Advice != "", one.Type)
		assert.Equal(t, one.Wanted, one.Type != closed)
	}
	assert.Equal(t, []hookcare.Standing{hookcare.Invalid, hookcare.Missing, hookcare.Right}, stands)
	assert.Equal(t, hookcare.Exhausted, s.Hooks[0].Level)
}

func TestRunPollsWarnsAndEnds(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	api := p.client(t)
	p.has(kyc, address)
	p.has(light, address)
	h := newHouse(t)
	polled := make(chan struct{}, 100)
	c := h.config(watched{api, polled})
	c.Every, c.Watch = time.Millisecond, time.Millisecond
	began := make(chan struct{})
	c.Begin = func(context.Context) error { close(began); return nil }
	care := h.care(c)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); care.Run(ctx) }()
	<-began
	for range 3 {
		<-polled
	}
	h.fails(kyc, 30)
	for care.Counts().Told == 0 {
		<-polled
	}
	cancel()
	<-ended
	h.mu.Lock()
	defer h.mu.Unlock()
	assert.Len(t, h.alerts, 1)
}

// watched tells of every list that was read.
type watched struct {
	hookcare.API
	polled chan struct{}
}

func (w watched) Hooks(ctx context.Context) (mangopay.Answer[[]mangopay.Hook], error) {
	a, err := w.API.Hooks(ctx)
	select {
	case w.polled <- struct{}{}:
	default:
	}
	return a, err
}

func TestACommitWakesTheAlarm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
		log, store := projections.NewMemoryLog("log", func() time.Time { return at }, 0), projections.NewMemoryStore()
		var alerts []hookcare.Alert
		care, err := hookcare.New(hookcare.Config{
			API: gone{}, Log: log, Store: store, Ingress: ingress, Every: time.Hour, Watch: time.Hour,
			Alerted: func(a hookcare.Alert) { alerts = append(alerts, a) },
		})
		require.NoError(t, err)
		proj, err := projections.New(projections.Config{Log: log, Store: store, Models: models, Observe: observer{care}})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		go care.Run(ctx)
		go func() { _ = proj.Run(ctx) }()
		synctest.Wait()
		_, err = log.Append(ctx, failure(kyc, at, 1, 30))
		require.NoError(t, err)
		synctest.Wait()
		assert.Len(t, alerts, 1, "no tick was needed")
		cancel()
		synctest.Wait()
	})
}
