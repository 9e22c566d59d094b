package confirm

import (
	"fmt"
	"testing"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// A restart reads a claim and its answer for each resource.
func BenchmarkCatchUp(b *testing.B) {
	ids := make([]string, 1<<16)
	for i := range ids {
		ids[i] = fmt.Sprintf("user_m_%d", i)
	}
	c := small(Config{})
	now := start
	for i := 0; b.Loop(); i++ {
		now += 20
		rec := claimOf(2*i+1, ids[i%len(ids)], now/1000-3600)
		c.take(now, &rec)
		e := (&resource{ref: rec.Event.Ref}).observation(now/1000, events.Reading{Values: map[string]string{"kyc": "REGULAR"}})
		c.take(now, &projections.Record{Seq: projections.Seq(2*i + 2), Event: e})
		c.promote(now)
	}
}
