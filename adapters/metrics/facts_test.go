package metrics_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/hookfold/hookfold/adapters/metrics"
)

func withFacts(c *metrics.Config) {
	c.Facts = func() metrics.Facts {
		return metrics.Facts{Single: 3, Batched: 900, Known: 4, Refused: 2, Spent: 1500 * time.Millisecond}
	}
}

func TestWhatIsDoneForFactsIsToldAtEveryScrape(t *testing.T) {
	t.Parallel()
	open(t, withFacts).shows(t, `
		hookfold_facts_published_total{way="single"} 3
		hookfold_facts_published_total{way="batch"} 900
		hookfold_facts_known_total 4
		hookfold_facts_refused_total 2
		hookfold_facts_seconds_total 1.5
	`, "hookfold_facts_published_total", "hookfold_facts_known_total", "hookfold_facts_refused_total", "hookfold_facts_seconds_total")
	assert.NotContains(t, scrape(t, open(t, nil).metrics), "hookfold_facts_", "nobody tells any")
}
