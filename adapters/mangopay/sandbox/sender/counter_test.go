package sender_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
)

func TestS4_AnEmailAfter10ConsecutiveFailuresAndAfterEvery10MoreUntilThe100th(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(http.StatusInternalServerError)
	b.set(t, sender.Change{Email: new("ops@example.com")})
	for n := 1; n <= 120; n++ {
		b.emit(1)
		assert.Len(t, b.Mails(), min(n, 100)/10, "%d failures", n)
		b.line.Advance(time.Second)
	}
	var counts []int
	for _, m := range b.Mails() {
		counts = append(counts, m.Failures)
		assert.Equal(t, m.Failures == 100, m.Invalid)
		assert.Equal(t, b.hook.ID, m.HookID)
		assert.Equal(t, "ops@example.com", m.To)
		assert.Equal(t, start.Add(time.Duration(m.Failures-1)*time.Second), m.At)
	}
	assert.Equal(t, []int{10, 20, 30, 40, 50, 60, 70, 80, 90, 100}, counts)
	assert.EqualValues(t, s4Type, b.Mails()[0].EventType)
}

func TestS4_FailuresOfNewNotificationsAndOfRetriesBothCount(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(http.StatusInternalServerError)
	b.emit(4) // 4 new ones
	b.line.Advance(10 * time.Minute)
	assert.Equal(t, 8, b.now(t).Failures, "and 4 retries")
	b.emit(1)
	assert.Equal(t, 9, b.now(t).Failures)
	assert.Empty(t, b.Mails())
	b.line.Advance(10 * time.Minute) // the fifth retry of them is the 10th failure
	assert.Len(t, b.Mails(), 1)
}

func TestS4_TheCounterIsOfOneEventType(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	other, err := b.Create(sender.NewHook{EventType: "USER_KYC_REGULAR", URL: "https://www.example.com/other"})
	require.NoError(t, err)
	b.answers(http.StatusInternalServerError)
	b.emit(60)
	for range 60 {
		b.Emit("USER_KYC_REGULAR", s4Resource)
	}
	b.line.Advance(0)
	got, err := b.Hook(other.ID)
	require.NoError(t, err)
	assert.Equal(t, 60, got.Failures)
	assert.Equal(t, 60, b.now(t).Failures)
	assert.Equal(t, sender.Valid, got.Validity)
}

func TestS4_AtThe100thConsecutiveFailureTheHookIsInvalidAndNothingMoreIsSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(http.StatusInternalServerError)
	b.emit(99)
	assert.Equal(t, sender.Valid, b.now(t).Validity)
	b.emit(1)
	assert.Equal(t, sender.Invalid, b.now(t).Validity)
	assert.Equal(t, sender.Enabled, b.now(t).Status, "S4 leaves the Status alone")
	require.Len(t, b.instants(), 100)
	b.answers(http.StatusOK)
	b.emit(5)
	b.line.Advance(30 * day)
	assert.Empty(t, b.instants(), "neither new ones nor retries")
	assert.Len(t, b.Events(), 105)
	assert.Equal(t, 100, b.now(t).Failures)
}

func TestS4_99FailuresAndThen1SuccessDoNotInvalidateAndAnyRetriesContinue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(http.StatusInternalServerError)
	b.emit(99)
	b.instants()
	b.answers(http.StatusOK)
	b.emit(1)
	require.Len(t, b.instants(), 1)
	assert.Equal(t, sender.Valid, b.now(t).Validity)
	assert.Zero(t, b.now(t).Failures)
	b.answers(http.StatusInternalServerError)
	b.line.Advance(10*time.Minute - 1)
	assert.Empty(t, b.instants())
	b.line.Advance(1)
	assert.Len(t, b.instants(), 99, "the retries of all that had failed")
	assert.Equal(t, 99, b.now(t).Failures, "counted from zero")
	assert.Len(t, b.Mails(), 18, "the warnings begin anew")
}

func TestS4_1SuccessfulRetryResetsTheCounter(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(http.StatusInternalServerError)
	b.emit(50)
	b.answers(http.StatusOK)
	b.line.Advance(10 * time.Minute)
	assert.Zero(t, b.now(t).Failures)
	b.instants()
	b.line.Advance(30 * day)
	assert.Empty(t, b.instants())
}

func TestS4_ChangingTheUrlDoesNotResetTheCounterAndRetriesGoToTheNewOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(http.StatusInternalServerError)
	b.emit(99)
	b.set(t, sender.Change{URL: new("https://new.example.com/hooks")})
	assert.Equal(t, 99, b.now(t).Failures)
	b.line.Advance(10 * time.Minute)
	assert.Equal(t, sender.Invalid, b.now(t).Validity, "the next failure, at the new Url, is the 100th")
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Len(t, b.got, 100)
	assert.Equal(t, "https://new.example.com/hooks?"+s4Query, b.got[99].to.String())
	assert.Equal(t, "https://www.example.com?"+s4Query, b.got[98].to.String())
}

func TestS4_AnInvalidHookStaysInvalidUntilItIsResetToValid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(http.StatusInternalServerError)
	b.emit(100)
	b.line.Advance(10 * day)
	b.set(t, sender.Change{URL: new("https://new.example.com"), Tag: new("new"), Email: new("ops@example.com")})
	b.set(t, sender.Change{Status: new(sender.Disabled)})
	b.set(t, sender.Change{Status: new(sender.Enabled)})
	assert.Equal(t, sender.Invalid, b.now(t).Validity)
	b.emit(1) // lost
	b.instants()

	b.set(t, sender.Change{Validity: new(sender.Valid)})
	assert.Equal(t, sender.Valid, b.now(t).Validity)
	assert.Zero(t, b.now(t).Failures, "our reading: it begins anew")
	b.line.Advance(30 * day)
	assert.Empty(t, b.instants(), "for future notifications only")
	b.emit(1)
	assert.Equal(t, []string{"960h0m0s"}, b.instants())
	assert.Equal(t, 1, b.now(t).Failures)
}

func TestOurReading_WhatWasPendingWhenAHookBecameInvalidIsLostEvenIfItIsRevivedAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(http.StatusInternalServerError)
	b.emit(100)
	b.set(t, sender.Change{Validity: new(sender.Valid)})
	b.instants()
	b.line.Advance(30 * day)
	assert.Empty(t, b.instants())
}

func TestOurReading_ValidOnAValidHookChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(http.StatusInternalServerError)
	b.emit(42)
	b.set(t, sender.Change{Validity: new(sender.Valid)})
	assert.Equal(t, 42, b.now(t).Failures)
	b.instants()
	b.line.Advance(10 * time.Minute)
	assert.Len(t, b.instants(), 42, "nor are retries lost")
}

func TestS4_ADisabledHookIsSentNothingUntilItIsEnabledAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(http.StatusInternalServerError)
	b.emit(3)
	b.line.Advance(5 * time.Minute)
	b.instants()
	b.set(t, sender.Change{Status: new(sender.Disabled)})
	b.emit(1)
	b.line.Advance(time.Minute)
	assert.Empty(t, b.instants())
	b.set(t, sender.Change{Status: new(sender.Enabled)})
	assert.Equal(t, 3, b.now(t).Failures, "our reading: the switch does not touch the counter")
	b.line.Advance(4 * time.Minute)
	assert.Equal(t, []string{"10m0s", "10m0s", "10m0s"}, b.instants(), "retries that fall due afterwards; what took place meanwhile is lost")

	b.set(t, sender.Change{Status: new(sender.Disabled)})
	b.line.Advance(15 * time.Minute)
	b.set(t, sender.Change{Status: new(sender.Enabled)})
	b.line.Advance(30 * day)
	assert.Empty(t, b.instants(), "our reading: a retry that falls due while a hook is DISABLED ends its notification")
	b.emit(1)
	assert.Len(t, b.instants(), 1)
	assert.Equal(t, 7, b.now(t).Failures)
}

func TestTheTestOfTheDashboardHasNoRessourceIdAndCountsNeitherWay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.ErrorIs(t, b.Test("hook_m_none"), sender.ErrUnknown)
	b.answers(http.StatusInternalServerError)
	b.emit(15)
	b.answers(http.StatusOK)
	require.NoError(t, b.Test(b.hook.ID))
	b.line.Advance(0)
	assert.Equal(t, 15, b.now(t).Failures, "no success")
	b.mu.Lock()
	assert.Equal(t, "https://www.example.com?EventType=USER_ACCOUNT_ACTIVATED&RessourceId=&Date=1743552000", b.got[15].to.String(), "midnight UTC of the day")
	b.mu.Unlock()
	assert.Len(t, b.Events(), 15, "nothing took place")
	last := b.Attempts()[15]
	assert.Zero(t, last.Number)
	assert.Equal(t, http.StatusOK, last.Status)

	b.answers(http.StatusInternalServerError)
	b.emit(85)
	require.Equal(t, sender.Invalid, b.now(t).Validity)
	b.set(t, sender.Change{Status: new(sender.Disabled)})
	b.instants()
	require.NoError(t, b.Test(b.hook.ID))
	b.line.Advance(30 * day)
	assert.Len(t, b.instants(), 1, "it is how an owner checks a Url before reviving the hook; and it is not retried")
	assert.Equal(t, 100, b.now(t).Failures, "no failure")
}
