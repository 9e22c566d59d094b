package hook_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/hook"
)

// fail lets a hook fail n times, one attempt after the other.
func fail(c hook.Counter, n int) (hook.Counter, fsm.Outcome[hook.State]) {
	var out fsm.Outcome[hook.State]
	for range n {
		c, out = c.Failed(1)
	}
	return c, out
}

func valid(t *testing.T) hook.Counter {
	t.Helper()
	c, out := hook.Counter{}.Succeeded()
	require.Equal(t, fsm.First, out.Verdict)
	require.Equal(t, hook.Counter{Validity: hook.Valid}, c)
	return c
}

func TestS4_AnEMailAtEveryTenthFailureAndInvalidAtTheHundredth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n        int
		validity hook.State
		failures int
		alerts   int
		verdict  fsm.Verdict
	}{
		{9, hook.Valid, 9, 0, fsm.Applied},
		{10, hook.Valid, 10, 1, fsm.Applied},
		{99, hook.Valid, 99, 9, fsm.Applied},
		{100, hook.Invalid, 100, 10, fsm.Applied},
		{101, hook.Invalid, 100, 10, fsm.Noted},
		{150, hook.Invalid, 100, 10, fsm.Noted},
	} {
		got, out := fail(valid(t), c.n)
		require.Equal(t, hook.Counter{Validity: c.validity, Failures: c.failures, Estimate: true}, got, "%d failures", c.n)
		require.Equal(t, c.alerts, got.Alerts())
		require.Equal(t, c.verdict, out.Verdict)
		require.Equal(t, got.Validity, out.To)
	}
}

func TestS4_NinetyNineFailuresOneSuccessAndNinetyNineMoreDoNotInvalidate(t *testing.T) {
	t.Parallel()
	c, _ := fail(valid(t), 99)
	c, out := c.Succeeded()
	require.Equal(t, fsm.Applied, out.Verdict)
	require.Equal(t, hook.Counter{Validity: hook.Valid}, c, "an exact zero")
	c, _ = fail(c, 99)
	require.Equal(t, hook.Counter{Validity: hook.Valid, Failures: 99, Estimate: true}, c)
}

func TestRule24_ASuccessOnAnExactZeroIsADuplicate(t *testing.T) {
	t.Parallel()
	before := valid(t)
	after, out := before.Succeeded()
	require.Equal(t, fsm.Duplicate, out.Verdict)
	require.Equal(t, before, after)
}

func TestRule23_AnAggregateIsItsCountOfFailures(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 9, 10, 98, 99, 100, 150} {
		for _, start := range []hook.Counter{{}, valid(t), {Validity: hook.Valid, Failures: 57, Estimate: true}, {Validity: hook.Invalid, Failures: 100}} {
			one, _ := fail(start, n)
			all, _ := start.Failed(n)
			require.Equal(t, one, all, "%d from %+v", n, start)
		}
	}
	c, out := hook.Counter{}.Failed(250)
	require.Equal(t, hook.Counter{Validity: hook.Invalid, Failures: 100, Estimate: true}, c)
	require.Equal(t, fsm.First, out.Verdict)
	c, out = hook.Counter{}.Failed(0)
	require.Equal(t, hook.Counter{Validity: hook.Valid, Failures: 1, Estimate: true}, c, "a count that was left out is one")
	require.Equal(t, fsm.First, out.Verdict)
	c, _ = hook.Counter{Validity: hook.Valid, Failures: 3}.Failed(int(^uint(0) >> 1))
	require.Equal(t, hook.Counter{Validity: hook.Invalid, Failures: 100, Estimate: true}, c, "no overflow")
}

func TestRule24_AnInvalidHookKeepsItsHundred(t *testing.T) {
	t.Parallel()
	dead, _ := valid(t).Failed(100)
	c, out := dead.Succeeded()
	require.Equal(t, fsm.Conflict, out.Verdict)
	require.Equal(t, dead, c)
	c, out = dead.Failed(7)
	require.Equal(t, fsm.Noted, out.Verdict)
	require.Equal(t, dead, c)
	c, out = dead.Invalidated()
	require.Equal(t, fsm.Duplicate, out.Verdict)
	require.Equal(t, dead, c)
}

func TestS4_AnInvalidHookIsRevivedToAnAssumedZero(t *testing.T) {
	t.Parallel()
	dead, _ := valid(t).Failed(100)
	c, out := dead.Revived()
	require.Equal(t, fsm.Applied, out.Verdict)
	require.Equal(t, hook.Counter{Validity: hook.Valid, Estimate: true}, c)
	c, out = c.Succeeded()
	require.Equal(t, fsm.Duplicate, out.Verdict)
	require.Equal(t, hook.Counter{Validity: hook.Valid}, c, "the first success makes the zero exact")
}

func TestRule24_ReadingValidRevivesOnlyAnInvalidHook(t *testing.T) {
	t.Parallel()
	failing, _ := fail(valid(t), 12)
	c, out := failing.Revived()
	require.Equal(t, fsm.Duplicate, out.Verdict)
	require.Equal(t, failing, c)
	c, out = hook.Counter{}.Revived()
	require.Equal(t, fsm.First, out.Verdict)
	require.Equal(t, hook.Counter{Validity: hook.Valid}, c)
}

func TestRule24_ReadingInvalidSetsTheHundred(t *testing.T) {
	t.Parallel()
	for start, verdict := range map[hook.Counter]fsm.Verdict{
		{}: fsm.First, {Validity: hook.Valid, Failures: 12, Estimate: true}: fsm.Gap, {Validity: hook.Valid}: fsm.Gap,
	} {
		c, out := start.Invalidated()
		require.Equal(t, verdict, out.Verdict)
		require.Equal(t, hook.Counter{Validity: hook.Invalid, Failures: 100, Estimate: true}, c)
	}
}

// S4: changing the Url does not reset the counter. No event of the machine stands for a Url, a Tag or a Status, so that
// nothing but a delivery and a reading of Validity can touch it.
func TestS4_AChangeOfUrlHasNoEffect(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		"hookfold.hook.delivery.succeeded", "hookfold.hook.delivery.failed", "validity.valid", "validity.invalid",
	}, hook.Machine.Definition().Events)
	_, ok := hook.Machine.Column("hookfold.hook.updated")
	require.False(t, ok)
}

func TestLaw1_ACounterIsAValue(t *testing.T) { // not parallel: it counts allocations
	c := hook.Counter{Validity: hook.Valid, Failures: 99, Estimate: true}
	_, _ = c.Failed(1)
	_, _ = c.Succeeded()
	_, _ = c.Revived()
	_, _ = c.Invalidated()
	require.Equal(t, hook.Counter{Validity: hook.Valid, Failures: 99, Estimate: true}, c)
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = c.Failed(1) }))
}

func TestS4_ScheduleIsSixteenAttempts(t *testing.T) {
	t.Parallel()
	first := time.Date(2025, 4, 2, 20, 50, 6, 0, time.UTC)
	var got []string
	for _, at := range hook.Schedule(first) {
		got = append(got, at.Sub(first).String())
	}
	require.Equal(t, []string{
		"0s", "10m0s", "20m0s", "30m0s", "40m0s", "50m0s", "1h0m0s",
		"9h0m0s", "17h0m0s", "25h0m0s", "33h0m0s", "41h0m0s", "49h0m0s", "57h0m0s", "65h0m0s", "73h0m0s",
	}, got)
	require.Len(t, got, hook.Attempts)
	require.Equal(t, "2025-04-05 21:50:06 +0000 UTC", hook.Schedule(first)[15].String())
}

func TestSection12_8_OneNotificationAloneNeverInvalidates(t *testing.T) {
	t.Parallel()
	require.Less(t, hook.Attempts, hook.Limit)
	c, _ := fail(valid(t), 6*hook.Attempts)
	require.Equal(t, hook.Valid, c.Validity)
	c, _ = fail(c, hook.Attempts)
	require.Equal(t, hook.Invalid, c.Validity, "seven of them do")
}

func TestForecastSaysWhenTheHookIsSwitchedOff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		counter  hook.Counter
		perHour  float64
		failures int
		after    time.Duration
		ok       bool
	}{
		{hook.Counter{Validity: hook.Valid, Failures: 88}, 24, 12, 30 * time.Minute, true},
		{hook.Counter{}, 100, 100, time.Hour, true},
		{hook.Counter{Validity: hook.Invalid, Failures: 100}, 0, 0, 0, true},
		{hook.Counter{Validity: hook.Valid, Failures: 1}, 0, 99, 0, false},
		{hook.Counter{Validity: hook.Valid, Failures: 1}, -3, 99, 0, false},
		{hook.Counter{Validity: hook.Valid, Failures: 1}, 1e-9, 99, 0, false},
	} {
		failures, after, ok := hook.Forecast(c.counter, c.perHour)
		require.Equal(t, c.failures, failures)
		require.Equal(t, c.after, after)
		require.Equal(t, c.ok, ok)
	}
}

func TestStatesCarryTheProvidersNames(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"", "VALID", "INVALID"}, []string{hook.None.String(), hook.Valid.String(), hook.Invalid.String()})
}
