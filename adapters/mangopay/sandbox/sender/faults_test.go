package sender_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
	"github.com/hookfold/hookfold/events"
)

// resources tells whom the requests that reached the receiver were about, in order.
func (b *bench) resources() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]string, len(b.got))
	for i, d := range b.got {
		list[i] = d.to.Query().Get("RessourceId")
	}
	return list
}

// numbered lets n events take place, one a minute, about resources 000, 001 …
func (b *bench) numbered(n int) {
	for i := range n {
		b.Emit(s4Type, fmt.Sprintf("%03d", i))
		b.line.Advance(time.Minute)
	}
}

func TestWhatIsDroppedIsListedAndNeverSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.SetFaults(sender.Faults{Drop: 1}))
	b.numbered(10)
	b.line.Advance(30 * day)
	assert.Empty(t, b.resources())
	assert.Len(t, b.Events(), 10)
	assert.Equal(t, sender.FaultCounts{Dropped: 10}, b.FaultCounts())
	require.NoError(t, b.SetFaults(sender.Faults{}))
	b.numbered(1)
	assert.Len(t, b.resources(), 1, "the zero Faults end them")
}

func TestWhatIsDelayedIsSentLaterWithItsOwnDate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.SetFaults(sender.Faults{Delay: 1, DelayUpTo: 2 * time.Hour}))
	b.answers(http.StatusInternalServerError)
	b.emit(1)
	assert.Empty(t, b.Attempts())
	b.line.Advance(30 * day)
	list := b.Attempts()
	require.Len(t, list, 16)
	late := list[0].At.Sub(start)
	assert.Positive(t, late)
	assert.Less(t, late, 2*time.Hour)
	assert.EqualValues(t, s4Date, list[0].Date)
	for i, wait := range sixteen {
		assert.Equal(t, wait, list[i].At.Sub(list[0].At).String(), "retries count from the first attempt")
	}
	assert.Equal(t, sender.FaultCounts{Delayed: 1}, b.FaultCounts())
}

func TestWhatIsDuplicatedIsTwoNotificationsOfOneEvent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.SetFaults(sender.Faults{Duplicate: 1}))
	b.answers(http.StatusInternalServerError)
	b.emit(1)
	assert.Equal(t, 2, b.now(t).Failures)
	b.line.Advance(30 * day)
	assert.Len(t, b.Attempts(), 32)
	assert.False(t, b.Attempts()[0].Copy)
	assert.True(t, b.Attempts()[1].Copy)
	assert.Len(t, b.Events(), 1)
	assert.Equal(t, sender.FaultCounts{Duplicated: 1}, b.FaultCounts())
}

func TestWhatIsReorderedIsOvertakenByALaterOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.SetFaults(sender.Faults{Reorder: 1}))
	b.Emit(s4Type, "first")
	b.Emit(s4Type, "second")
	b.line.Advance(time.Minute)
	assert.Empty(t, b.resources())
	require.NoError(t, b.SetFaults(sender.Faults{}))
	b.Emit(s4Type, "third")
	b.line.Advance(0)
	assert.Equal(t, []string{"third", "first", "second"}, b.resources())
	b.line.Advance(30 * day)
	assert.Len(t, b.resources(), 3, "each once")
	assert.Equal(t, sender.FaultCounts{Reordered: 2}, b.FaultCounts())
}

func TestOnlyALaterNotificationOvertakes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers(http.StatusInternalServerError)
	b.Emit(s4Type, "earlier")
	b.line.Advance(5 * time.Minute)
	require.NoError(t, b.SetFaults(sender.Faults{Reorder: 1, Duplicate: 1, HoldUpTo: time.Hour}))
	b.Emit(s4Type, "held")
	b.line.Advance(6 * time.Minute)
	assert.Equal(t, []string{"earlier", "held", "earlier"}, b.resources(), "the second is the copy of what is held, the third a retry")
	b.line.Advance(54 * time.Minute)
	assert.Equal(t, "held", b.resources()[len(b.resources())-1])
	assert.Equal(t, time.Hour+5*time.Minute, b.got[len(b.got)-1].at, "the copy's own retries go on beside it")
	last := b.Attempts()[len(b.Attempts())-1]
	assert.Equal(t, 1, last.Number)
	assert.False(t, last.Copy)
}

func TestWhatNothingOvertakesIsSentAfterAWhile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.SetFaults(sender.Faults{Reorder: 1}))
	b.emit(1)
	b.line.Advance(30 * day)
	assert.Equal(t, []string{"10m0s"}, b.instants())
}

func TestWhatIsNeitherDroppedNorDuplicatedArrivesOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.SetFaults(sender.Faults{Seed: 7, Delay: 0.3, Reorder: 0.3}))
	b.numbered(300)
	b.line.Advance(day)
	got := b.resources()
	assert.False(t, slices.IsSorted(got))
	slices.Sort(got)
	assert.Len(t, slices.Compact(slices.Clone(got)), 300)
	assert.Len(t, got, 300)
}

func TestASeedDrawsAShareAndTheSameOneAgain(t *testing.T) {
	t.Parallel()
	faults := sender.Faults{Seed: 42, Drop: 0.1, Delay: 0.2, Duplicate: 0.3, Reorder: 0.4}
	play := func(f sender.Faults) ([]string, sender.FaultCounts) {
		b := newBench(t)
		require.NoError(t, b.SetFaults(f))
		b.numbered(500)
		b.line.Advance(day)
		return b.resources(), b.FaultCounts()
	}
	order, counts := play(faults)
	again, same := play(faults)
	assert.Equal(t, order, again)
	assert.Equal(t, counts, same)
	assert.InDelta(t, 50, counts.Dropped, 25)
	assert.InDelta(t, 150, counts.Duplicated, 40)
	assert.InDelta(t, 180, counts.Reordered, 40)
	assert.InDelta(t, 55, counts.Delayed, 25)
	alone := 0
	for i := 1; i < 499; i += 2 {
		if slices.Contains(order, fmt.Sprintf("%03d", i)) != slices.Contains(order, fmt.Sprintf("%03d", i+1)) {
			alone++
		}
	}
	assert.InDelta(t, 45, alone, 25, "each is drawn by itself")
	other := faults
	other.Seed = 43
	order, _ = play(other)
	assert.NotEqual(t, order, again)
	more := faults
	more.Delay = 1
	_, counts = play(more)
	assert.Equal(t, same.Dropped, counts.Dropped, "no share changes what another does")
	assert.Equal(t, same.Duplicated, counts.Duplicated)
	assert.Equal(t, same.Reordered, counts.Reordered)
}

func TestWhatFailsIsCountedAndDoesNotReachTheReceiver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.SetFaults(sender.Faults{Fail: 1}))
	b.emit(100)
	assert.Equal(t, sender.Invalid, b.now(t).Validity)
	assert.Len(t, b.Mails(), 10)
	assert.Empty(t, b.resources())
	assert.Equal(t, sender.Unreachable, b.Attempts()[0].Failure)
	assert.Equal(t, sender.FaultCounts{Failed: 100}, b.FaultCounts())
	require.NoError(t, b.Test(b.hook.ID))
	b.line.Advance(0)
	assert.Len(t, b.resources(), 1, "a test of the dashboard meets no faults")

	b.set(t, sender.Change{Validity: new(sender.Valid)})
	require.NoError(t, b.SetFaults(sender.Faults{Seed: 3, Fail: 0.5}))
	b.numbered(200)
	b.line.Advance(5 * day)
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(b.resources()[1:]))), 200, "retries are drawn anew")
	assert.InDelta(t, 100+200, b.FaultCounts().Failed, 60)
}

func TestFaultsMeetOnlyTheEventTypesThatTheyName(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := b.Create(sender.NewHook{EventType: "USER_KYC_REGULAR", URL: "https://www.example.com"})
	require.NoError(t, err)
	for _, f := range []sender.Faults{{Drop: 1}, {Delay: 1}, {Duplicate: 1}, {Reorder: 1}, {Fail: 1}} {
		f.Only = []events.Type{"USER_KYC_REGULAR"}
		require.NoError(t, b.SetFaults(f))
		b.instants()
		b.emit(1)
		assert.Len(t, b.instants(), 1)
		b.Emit("USER_KYC_REGULAR", s4Resource)
		b.line.Advance(0)
		assert.NotEqual(t, 1, len(b.instants()))
	}
}

func TestFaultsSayAllTheirProblems(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	err := b.SetFaults(sender.Faults{Drop: 1.1, Delay: -1, HoldUpTo: -1})
	require.ErrorIs(t, err, sender.ErrConfig)
	for _, problem := range []string{"Drop", "Delay ", "HoldUpTo"} {
		assert.ErrorContains(t, err, problem)
	}
	b.emit(1)
	assert.Len(t, b.Attempts(), 1)
}
