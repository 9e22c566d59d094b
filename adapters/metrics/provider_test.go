package metrics_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/hookfold/hookfold/adapters/metrics"
)

// withProvider adds a provider that is asked.
func withProvider(c *metrics.Config) {
	c.Confirming = func() metrics.Confirming {
		return metrics.Confirming{
			Verdicts: map[string]uint64{"confirmed": 3, "not_found": 1}, Appended: 4, Throttled: 2, Open: 5, Oldest: 90 * time.Second, Behind: 7,
		}
	}
	c.Windows = func() []metrics.Window { return []metrics.Window{{Length: 15 * time.Minute, Remaining: 2299}} }
}

func TestWhatIsAskedOfTheProviderIsToldAtEveryScrape(t *testing.T) {
	t.Parallel()
	w := open(t, withProvider)
	w.shows(t, `
		hookfold_confirm_reads_total{verdict="confirmed"} 3
		hookfold_confirm_reads_total{verdict="not_found"} 1
		hookfold_confirm_oldest_seconds 90
		hookfold_api_window_remaining{window="15m0s"} 2299
	`, "hookfold_confirm_reads_total", "hookfold_confirm_oldest_seconds", "hookfold_api_window_remaining")
}

func TestCallsFillingsAndWarningsAreCounted(t *testing.T) {
	t.Parallel()
	w := open(t, withProvider)
	w.metrics.Called(metrics.Call{Method: "GET", Path: "/v2.01/{ClientId}/hooks", Took: time.Second})
	w.metrics.Called(metrics.Call{Method: "GET", Path: "/v2.01/{ClientId}/hooks", Kind: "rate_limit"})
	w.metrics.Filled(10, 2, time.Unix(s4, 0))
	w.metrics.Filled(5, 1, time.Time{})
	w.metrics.Alerted("USER_KYC_LIGHT", 25)
	w.metrics.Alerted("MADE_UP_BY_A_STRANGER", 50)
	w.shows(t, `
		hookfold_api_calls_total{method="GET",path="/v2.01/{ClientId}/hooks",result="ok"} 1
		hookfold_api_calls_total{method="GET",path="/v2.01/{ClientId}/hooks",result="rate_limit"} 1
		hookfold_backfill_events_total{what="appended"} 3
		hookfold_backfill_events_total{what="seen"} 15
		hookfold_backfill_last_timestamp_seconds 1.743627006e+09
		hookfold_hook_alerts_total{event_type="USER_KYC_LIGHT",level="25"} 1
		hookfold_hook_alerts_total{event_type="other",level="50"} 1
	`, "hookfold_api_calls_total", "hookfold_backfill_events_total", "hookfold_backfill_last_timestamp_seconds", "hookfold_hook_alerts_total")
}

func TestWithoutAProviderNothingIsToldOfOne(t *testing.T) {
	t.Parallel()
	assert.NotContains(t, scrape(t, open(t, nil).metrics), "hookfold_confirm_")
}
