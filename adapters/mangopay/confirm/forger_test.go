package confirm_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/confirm"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// The sizes of an attack.
const (
	flood = 10_000
	real  = 50
)

// attack is a world in which a forger names users that do not exist, within ten minutes, while the provider tells of fifty
// that do.
type attack struct {
	*world
	madeUp    int
	confirmed map[string]time.Duration // after the claim came
	calls     map[string]int           // spent when it was confirmed
}

func newAttack(t *testing.T, madeUp int, share float64) *attack {
	w := newWorld(t, newProvider(7, faults{latency: 200 * time.Millisecond}))
	w.config.Share = share
	for i := range madeUp {
		after := time.Duration(i) * 10 * time.Minute / time.Duration(madeUp)
		w.claim(after, "USER_CATEGORY_UPDATED_TO_OWNER", fmt.Sprintf("made-up-%d", i), time.Now().Add(after).Unix(), events.Webhook)
	}
	return &attack{world: w, madeUp: madeUp, confirmed: map[string]time.Duration{}, calls: map[string]int{}}
}

// real tells of a user that exists.
func (a *attack) real(i int, after time.Duration) {
	id := fmt.Sprintf("user_m_%d", i)
	date := time.Now().Add(after).Unix()
	a.provider.objects["user/"+id] = &object{person: "NATURAL", values: map[string][]change{
		"status": {{0, "ACTIVE"}}, "category": {{0, "OWNER"}}, "kyc": {{0, "LIGHT"}, {date, "REGULAR"}},
	}}
	a.claim(after, "USER_KYC_REGULAR", id, date, events.Webhook)
}

// follow notes when each real user was confirmed.
func (a *attack) follow(ctx context.Context) {
	cursor, err := a.log.Open(ctx, projections.Position{})
	require.NoError(a.t, err)
	came := map[string]time.Time{}
	for {
		recs, err := cursor.Next(ctx)
		if err != nil {
			return
		}
		for _, r := range recs {
			id := r.Event.Ref.ID
			if _, known := came[id]; !known {
				came[id] = r.Time
			}
			if _, known := a.confirmed[id]; !known && r.Event.Type == events.Observed {
				a.confirmed[id], a.calls[id] = r.Time.Sub(came[id]), a.provider.spent()
			}
		}
	}
}

// end lets the attack go on to its end, and checks what may never happen.
func (a *attack) end(length time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	go a.follow(ctx)
	a.run(length)
	cancel()
	synctest.Wait()
	for window, allowed := range allowances(a.config.Share) {
		assert.LessOrEqual(a.t, a.provider.most(window), allowed, "calls in %s", window)
	}
	for i := range real {
		u, err := a.user(fmt.Sprintf("user_m_%d", i))
		require.NoError(a.t, err)
		assert.True(a.t, u.KYC.Backed)
		assert.Equal(a.t, views.Confirmed, views.MayReceiveFromOwner(u).Basis)
	}
	for i := range a.madeUp {
		u, err := a.user(fmt.Sprintf("made-up-%d", i))
		if err != nil || u.Category.Backed || views.MayReceiveFromOwner(u).Basis == views.Confirmed {
			a.t.Fatalf("made-up user %d must be seen, and be backed by nothing and unlock nothing: %v, %+v", i, err, u)
		}
	}
	n := a.latest.Counts()
	assert.EqualValues(a.t, a.madeUp, n.Verdicts[confirm.NotFound])
	assert.Zero(a.t, n.Held)
}

// report prints the figures of an attack, and the longest that one of some real users had to wait.
func (a *attack) report(what string, from, to int) (longest time.Duration) {
	n := a.latest.Counts()
	calls := 0
	for i := from; i < to; i++ {
		id := fmt.Sprintf("user_m_%d", i)
		longest, calls = max(longest, a.confirmed[id]), max(calls, a.calls[id])
	}
	a.t.Logf("%d made-up users: %d calls in all; at most %d in 15 minutes, %d in 30, %d in an hour, %d in a day; %d not found. "+
		"%d real ones %s: the last is confirmed %s after its claim, when %d calls were spent",
		a.madeUp, a.provider.spent(), a.provider.most(15*time.Minute), a.provider.most(30*time.Minute), a.provider.most(time.Hour),
		a.provider.most(24*time.Hour), n.Verdicts[confirm.NotFound], to-from, what, longest.Truncate(time.Second), calls)
	return longest
}

func TestTrap7_AForgerSpendsNoMoreThanItsShareAndStarvesNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAttack(t, flood, 0.5)
		for i := range real {
			switch {
			case i < real/2: // amid the flood; minutes later the provider's list of events names them
				a.real(i, time.Duration(i)*24*time.Second)
			default: // while thousands wait, and nobody vouches
				a.real(i, 15*time.Minute+time.Duration(i)*20*time.Second)
			}
		}
		go a.vouch(12*time.Minute, real/2)
		a.end(30 * time.Hour)
		assert.Less(t, a.report("named amid them and vouched for in minute 12", 0, real/2), 13*time.Minute)
		assert.Less(t, a.report("named after them", real/2, real), 2*time.Minute)
	})
}

// vouch tells the Confirmer after a time that the first so many real users exist.
func (a *attack) vouch(after time.Duration, first int) {
	wait(context.Background(), time.Now().Add(after))
	var refs []events.Ref
	for i := range first {
		refs = append(refs, events.Ref{Source: "mangopay", Kind: "user", ID: fmt.Sprintf("user_m_%d", i)})
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.latest.Vouch(refs...)
}

func TestTrap7_WithNobodyToVouchTheFloodIsWorkedOffInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAttack(t, flood/10, 0.5)
		for i := range real {
			a.real(i, time.Duration(i)*12*time.Second)
		}
		a.end(30 * time.Hour)
		assert.Less(t, a.report("named amid them, with nobody to vouch", 0, real), time.Hour)
	})
}
