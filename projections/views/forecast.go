package views

import (
	"context"
	"math"
	"time"

	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/projections"
)

// HookForecast tells when one of the provider's hooks to us is going to be switched off (S4: INVALID at the 100th
// consecutive failure). It is also the JSON document of a forecast. Times are Unix seconds.
//
// What is foreseen is only as good as the counter. Failures that never reached us were not counted, so it may come sooner;
// the provider's retries thin out, from every 10 minutes to every 8 hours (S4), so it may come later.
type HookForecast struct {
	Kind                string  `json:"kind"` // hook_forecast
	ID                  string  `json:"id"`   // EventType
	Source              string  `json:"source"`
	Now                 int64   `json:"now"` // the time for which this is said
	Status              string  `json:"status"`
	Validity            string  `json:"validity"`
	ConsecutiveFailures int     `json:"consecutive_failures"`
	Estimate            bool    `json:"estimate"`      // the provider may have counted otherwise
	FailuresLeft        int     `json:"failures_left"` // how many more in a row until INVALID; 0 where it is so
	PerHour             float64 `json:"per_hour"`      // failures an hour in the present run of failures; 0 where there is no rate
	InvalidAt           int64   `json:"invalid_at"`    // when the 100th comes at this rate; 0 where none can be told
	// NextRetry is when the provider tries next, provided that the first or the newest failure of the run was the first
	// attempt of its notification: it does not tell us which attempt a delivery is. 0 where none is due.
	NextRetry int64  `json:"next_retry"`
	Why       string `json:"why"` // one plain sentence
}

// KindForecast is the kind of a forecast's document.
const KindForecast = "hook_forecast"

// Why a hook's end is foreseen, or not.
const (
	whyInvalid  = "The hook is INVALID: nothing more is sent, retries included, until it is set to VALID (S4)."
	whyDisabled = "The hook is DISABLED: nothing is sent, so nothing can fail, until it is set to ENABLED (S4)."
	whyStrange  = "The API told a Validity that is not known here, so what the counter means is open."
	whyHealthy  = "Nothing has failed since the last success."
	whyNoRate   = "A rate needs two failures at two times: there is none yet."
	whyFar      = "At the rate of the present run of failures the 100th lies too far ahead to be told."
	whyRate     = "At the rate of the present run of failures the 100th comes then: sooner if others failed without reaching us, later as retries thin out."
)

// ForecastHook tells, for a time, how many more consecutive failures switch a hook off, and when that is at the present
// rate: the failures after the first of the present run, by the time since the first. A run of one failure has no rate.
// A time before the newest failure is read as that of the newest failure.
func ForecastHook(v projections.View[Hook], now time.Time) HookForecast {
	h := v.Value
	f := HookForecast{
		Kind: KindForecast, ID: v.Ref.ID, Source: v.Ref.Source, Now: now.Unix(), Status: h.Status, Validity: h.Validity(),
		ConsecutiveFailures: h.Counter.Failures, Estimate: h.Counter.Estimate,
	}
	if newest := time.UnixMilli(h.LastFailure); now.Before(newest) {
		now = newest
	}
	f.FailuresLeft, _, _ = hook.Forecast(h.Counter, 0)
	if f.Why = h.still(); f.Why != "" {
		return f
	}
	f.NextRetry = h.nextRetry(now)
	perHour := h.perHour(now)
	f.PerHour = math.Round(perHour*100) / 100
	_, after, foreseen := hook.Forecast(h.Counter, perHour)
	switch {
	case foreseen:
		f.InvalidAt, f.Why = now.Add(after).Unix(), whyRate
	case perHour > 0:
		f.Why = whyFar
	default:
		f.Why = whyNoRate
	}
	return f
}

// ReadForecast reads a hook, by its EventType or by the provider's id, and tells its forecast. Errors:
// projections.ErrUnknown, and the store's.
func ReadForecast(ctx context.Context, store projections.Store, source, id string, now time.Time) (HookForecast, error) {
	named, err := projections.ReadDocument(ctx, store, Hooks, source, id, projections.AsOf{})
	if err != nil {
		return HookForecast{}, err
	}
	v, err := projections.Read(store, Hooks, source).Get(ctx, named.Ref.ID)
	if err != nil {
		return HookForecast{}, err
	}
	return ForecastHook(v, now), nil
}

// still tells why a hook stands still, so that nothing is to be foreseen; "" where failures go on.
func (h Hook) still() string {
	switch {
	case h.Unknown != "":
		return whyStrange
	case h.Counter.Validity == hook.Invalid:
		return whyInvalid
	case h.Status == hook.Disabled.String():
		return whyDisabled
	case h.Counter.Failures == 0:
		return whyHealthy
	}
	return ""
}

// perHour is the rate of the present run of failures until now; 0 where it has none.
func (h Hook) perHour(now time.Time) float64 {
	since := now.Sub(time.UnixMilli(h.FirstFailure))
	if h.FirstFailure == 0 || since <= 0 {
		return 0
	}
	return float64(h.Counter.Failures-1) / since.Hours()
}

// nextRetry is the first time after now at which a notification is tried again whose first attempt was the first or the
// newest failure of the run; 0 where neither is tried any more.
func (h Hook) nextRetry(now time.Time) int64 {
	next := int64(0)
	for _, first := range []int64{h.FirstFailure, h.LastFailure} {
		for _, due := range hook.Schedule(time.UnixMilli(first)) {
			if due.After(now) && (next == 0 || due.Unix() < next) {
				next = due.Unix()
			}
		}
	}
	return next
}
