package sender_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
)

const day = 24 * time.Hour

// sixteen are the instants of a notification that always fails, as S4 says them.
var sixteen = []string{
	"0s", "10m0s", "20m0s", "30m0s", "40m0s", "50m0s", "1h0m0s", // every 10 minutes for the first hour
	"9h0m0s", "17h0m0s", "25h0m0s", "33h0m0s", "41h0m0s", "49h0m0s", "57h0m0s", "65h0m0s", "73h0m0s", // every 8 hours for the next 3 days
}

func TestS4_ANotificationIsSentAsSoonAsItsEventTakesPlace(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.line.Advance(time.Hour)
	b.emit(1)
	b.line.Advance(30 * day)
	assert.Equal(t, []string{"1h0m0s"}, b.instants(), "once: what was answered with 200 is not retried")
	assert.Equal(t, []sender.Event{{EventType: s4Type, ResourceID: s4Resource, Date: s4Date + 3600}}, b.Events())
}

func TestS4_RetriesComeEvery10MinutesForTheFirstHourAndThenEvery8HoursForTheNext3Days(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(http.StatusInternalServerError)
	b.emit(1)
	b.line.Advance(30 * day)
	assert.Equal(t, sixteen, b.instants())
	list := b.Attempts()
	require.Len(t, list, 16)
	assert.Equal(t, time.Date(2025, 4, 5, 21, 50, 6, 0, time.UTC), list[15].At)
	for i, a := range list {
		assert.Equal(t, i+1, a.Number)
		assert.Equal(t, i+1, a.Failures)
		assert.Equal(t, http.StatusInternalServerError, a.Status)
		assert.Equal(t, sender.BadStatus, a.Failure)
		assert.Equal(t, b.hook.ID, a.HookID)
	}
}

func TestS4_ARetryIsTheSameNotification(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(http.StatusInternalServerError)
	b.emit(1)
	b.line.Advance(30 * day)
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Len(t, b.got, 16)
	for _, d := range b.got {
		assert.Equal(t, "https://www.example.com?"+s4Query, d.to.String(), "the Date is that of the event, not of the attempt")
	}
}

func TestS4_ASuccessfulRetryEndsTheRetries(t *testing.T) {
	t.Parallel()
	for i, last := range sixteen {
		b := newBench(t)
		b.answers(0)
		b.emit(1)
		wait, err := time.ParseDuration(last)
		require.NoError(t, err)
		b.line.Advance(max(wait-1, 0))
		b.answers(http.StatusOK)
		b.line.Advance(30 * day)
		want := sixteen[:i+1]
		if i == 0 { // its first attempt has failed before
			want = sixteen[:2]
		}
		assert.Equal(t, want, b.instants())
		assert.Zero(t, b.now(t).Failures)
	}
}

func TestS4_OneNotificationAloneNeverInvalidates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(http.StatusInternalServerError)
	for n := 1; n <= 6; n++ {
		b.emit(1)
		b.line.Advance(30 * day)
		assert.Equal(t, sender.Valid, b.now(t).Validity)
		assert.Equal(t, 16*n, b.now(t).Failures, "16 more, although the one before had ended")
	}
	b.emit(1)
	b.line.Advance(30 * day)
	assert.Equal(t, sender.Invalid, b.now(t).Validity, "seven of them do")
	assert.Len(t, b.Attempts(), 100, "of the 112 that they would be")
	assert.Equal(t, 4, b.Attempts()[99].Number)
}

func TestS4_SevenNotificationsOfOneInstantInvalidateTheHookAtTheirHundredthAttempt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(0)
	b.emit(7)
	b.line.Advance(30 * day)
	got := b.instants()
	require.Len(t, got, 100)
	assert.Equal(t, "1h0m0s", got[48], "7 × 7 in the first hour")
	assert.Equal(t, "57h0m0s", got[97], "7 × 14")
	assert.Equal(t, []string{"65h0m0s", "65h0m0s"}, got[98:])
	assert.Equal(t, sender.Hook{
		ID: b.hook.ID, URL: "https://www.example.com", Status: sender.Enabled, Validity: sender.Invalid,
		EventType: s4Type, Created: s4Date, Failures: 100,
	}, b.now(t))
}

// A receiver that is away for three days while four notifications a day take place.
func TestS4_AReceiverThatIsAwayForThreeDays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(0)
	for range 12 {
		b.emit(1)
		b.line.Advance(6 * time.Hour)
	}
	h := b.now(t)
	assert.Equal(t, sender.Invalid, h.Validity)
	assert.Len(t, b.Attempts(), 100)
	// By then ten have taken place, 7 attempts each in their first hours; of the 8-hourly ones the ten had
	// 6, 6, 5, 4, 4, 2, 2, 1, 0 and 0.
	assert.Equal(t, 55*time.Hour, b.Attempts()[99].At.Sub(start))
	b.answers(http.StatusOK)
	b.line.Advance(30 * day)
	b.emit(1)
	assert.Len(t, b.Attempts(), 100, "nothing is sent by itself when it is back")
	b.set(t, sender.Change{Validity: new(sender.Valid)})
	b.line.Advance(30 * day)
	assert.Len(t, b.Attempts(), 100, "and what was pending is lost")
	b.emit(1)
	assert.Len(t, b.Attempts(), 101)
	assert.Len(t, b.Events(), 14, "but listed it is, all of it")
}
