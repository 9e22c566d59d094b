package views_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// after is the time so long after the millisecond zero of these tests.
func after(d time.Duration) time.Time { return time.UnixMilli(ms(0)).Add(d) }

func TestS4_AForecastTellsHowManyFailuresAreLeftAndWhenTheLastComes(t *testing.T) {
	t.Parallel()
	const minute, hour = int64(60_000), int64(3_600_000)
	for name, c := range map[string]struct {
		facts   []events.Event
		now     time.Duration
		left    int
		perHour float64
		at      int64 // Unix seconds since t0; 0: none
		retry   int64 // likewise
		why     string
	}{
		"nothing failed": {[]events.Event{succeeded(0)}, time.Hour, 100, 0, 0, 0, "Nothing has failed"},
		"one failure has no rate": {
			[]events.Event{failed(0)}, time.Hour, 99, 0, 0, 9 * 3600, "A rate needs two failures at two times",
		},
		"two at one instant have none at that instant": {
			[]events.Event{aggregate(2, 0, 0)}, 0, 98, 0, 0, 600, "A rate needs two failures at two times",
		},
		"but they have one an hour later": {[]events.Event{aggregate(3, 0, 0)}, time.Hour, 97, 2, 3600 + 97*1800, 9 * 3600, "At the rate"},
		"forty in an outage of an hour": {
			[]events.Event{aggregate(40, 0, hour)}, time.Hour, 60, 39, 3600 + 60*3600/39, 3600 + 600, "At the rate",
		},
		"the same at rest for two more hours": {
			[]events.Event{aggregate(40, 0, hour)}, 3 * time.Hour, 60, 13, 3*3600 + 60*3600/13, 9 * 3600, "At the rate",
		},
		"the newest failure is retried before the first": {
			[]events.Event{failed(0), failed(55 * minute)}, 58 * time.Minute, 98, 1.03, 58*60 + 98*58*60, 3600, "At the rate",
		},
		"a question before the newest failure is one at it": {
			[]events.Event{aggregate(40, 0, hour)}, time.Minute, 60, 39, 3600 + 60*3600/39, 3600 + 600, "At the rate",
		},
		"ninety-nine": {[]events.Event{aggregate(99, 0, hour)}, time.Hour, 1, 98, 3600 + 3600/98, 3600 + 600, "At the rate"},
		"a hundred":   {[]events.Event{aggregate(100, 0, hour)}, time.Hour, 0, 0, 0, 0, "The hook is INVALID"},
		"disabled": {
			[]events.Event{aggregate(40, 0, hour), updated(hour+1, events.HookReading{Status: "DISABLED"})},
			time.Hour, 60, 0, 0, 0, "The hook is DISABLED",
		},
		"a validity of tomorrow": {
			[]events.Event{aggregate(40, 0, hour), updated(hour+1, events.HookReading{Validity: "SUSPENDED"})},
			time.Hour, 60, 0, 0, 0, "The API told a Validity",
		},
		"a success begins anew": {
			[]events.Event{aggregate(40, 0, hour), succeeded(hour + 1), failed(hour + 2)}, 3 * time.Hour, 99, 0, 0, 10 * 3600, "A rate needs",
		},
		"two failures in a thousand years": {
			[]events.Event{failed(0), failed(1000 * 8766 * hour)}, 0, 98, 0, 0, 1000*8766*3600 + 600, "At the rate of the present run of failures the 100th lies too far",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := views.ForecastHook(hookOf(c.facts...), after(c.now))
			assert.Equal(t, c.left, f.FailuresLeft, "failures left")
			assert.InDelta(t, c.perHour, f.PerHour, 0.005, "per hour")
			assert.InDelta(t, since(c.at), f.InvalidAt, 1, "invalid at")
			assert.Equal(t, since(c.retry), f.NextRetry, "next retry")
			assert.Contains(t, f.Why, c.why)
			assert.Equal(t, after(c.now).Unix(), f.Now)
		})
	}
}

// since is a time of Unix seconds; 0 stays none.
func since(seconds int64) int64 {
	if seconds == 0 {
		return 0
	}
	return t0 + seconds
}

func TestAForecastIsMoreUrgentAfterEveryFailureAndNeverInThePast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 98).Draw(t, "failures")
		length := rapid.Int64Range(1, 100_000_000).Draw(t, "milliseconds")
		rest := rapid.Int64Range(0, 100_000_000).Draw(t, "rest")
		now := after(time.Duration(length+rest) * time.Millisecond)
		f := views.ForecastHook(hookOf(aggregate(n, 0, length)), now)
		more := views.ForecastHook(hookOf(aggregate(n+1, 0, length)), now)
		if f.InvalidAt < now.Unix() || more.InvalidAt > f.InvalidAt || more.FailuresLeft != f.FailuresLeft-1 {
			t.Fatalf("%+v\nafter one more %+v", f, more)
		}
		if f.FailuresLeft+f.ConsecutiveFailures != 100 {
			t.Fatalf("S4: the 100th consecutive failure: %+v", f)
		}
	})
}

func TestAForecastIsReadByEitherNameOfTheHook(t *testing.T) {
	t.Parallel()
	r := newRunning(t, t0)
	r.put(t, aggregate(40, 0, 3_600_000), updated(3_600_001, events.HookReading{HookID: "hook_m_1"}))
	r.run(t)
	for _, id := range []string{ourHook.ID, "hook_m_1"} {
		f, err := views.ReadForecast(t.Context(), r.store, ourHook.Source, id, after(time.Hour))
		require.NoError(t, err, id)
		doc, err := json.Marshal(f)
		require.NoError(t, err)
		assert.JSONEq(t, `{"kind":"hook_forecast","id":"USER_KYC_REGULAR","source":"mangopay","now":1743603600,"status":"","validity":"VALID",
			"consecutive_failures":40,"estimate":true,"failures_left":60,"per_hour":39,"invalid_at":1743609138,"next_retry":1743604200,
			"why":"At the rate of the present run of failures the 100th comes then: sooner if others failed without reaching us, later as retries thin out."}`, string(doc))
	}
	_, err := views.ReadForecast(t.Context(), r.store, ourHook.Source, "USER_KYC_LIGHT", after(0))
	require.ErrorIs(t, err, projections.ErrUnknown)
}
