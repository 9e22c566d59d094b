package confirm_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/confirm"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// unlit is an API on a clock that stands still, and knows nobody.
type unlit struct {
	confirm.API
	now func() time.Time
}

func (u unlit) User(context.Context, string) (mangopay.Answer[mangopay.User], error) {
	return mangopay.Answer[mangopay.User]{Value: mangopay.User{Status: "PENDING_USER_ACTION"}, At: u.now()}, nil
}

// A claim is contradicted by every reading. The clock stands still, so that no second reading comes by itself; when it is set
// forward by the window (fold rule 14), the next reading is believed and the claim is settled.
func TestAClockThatIsSetForwardIsNoticed(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	now.Store(1_743_627_006)
	clock := func() time.Time { return time.Unix(now.Load(), 0) }
	stepped, told := make(chan struct{}, 1), make(chan confirm.Result, 8)
	verdict := func() confirm.Verdict {
		select {
		case r := <-told:
			return r.Verdict
		case <-time.After(time.Minute):
			t.Fatal("nothing is read")
			return 0
		}
	}
	log := projections.NewMemoryLog("stepped", clock, 0)
	c, err := confirm.New(confirm.Config{
		API: unlit{now: clock}, Log: log, Marks: &confirm.StoreMarks{Store: projections.NewMemoryStore()},
		Now: clock, Stepped: stepped, Observe: func(r confirm.Result) { told <- r },
	})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- c.Run(ctx) }()
	_, err = log.Append(ctx, events.Event{
		Type: "USER_ACCOUNT_ACTIVATED", Ref: events.Ref{Source: "mangopay", Kind: "user", ID: "u"}, Date: now.Load(),
	})
	require.NoError(t, err)
	assert.Equal(t, confirm.NotYetVisible, verdict())
	now.Add(300)
	stepped <- struct{}{}
	assert.Equal(t, confirm.Superseded, verdict())
	stepped <- struct{}{}
	assert.Eventually(t, func() bool { return c.Counts().Open == 0 && c.Counts().Appended > 0 }, time.Minute, time.Millisecond,
		"the figures are counted")
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
}
