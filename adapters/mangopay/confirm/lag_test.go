package confirm

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// The provider's clock is ten minutes behind ours. A claim that is answered stays known as long as it weighs by that clock: a
// reading contradicted by it is not taken for the answer to a later one, which the read models would not believe (fold rule 14).
func TestWhatWeighsByTheProvidersClockIsNotForgottenByOurs(t *testing.T) {
	t.Parallel()
	const behind = 600
	c := small(Config{})
	now := start
	date := now/1000 - behind
	ref := events.Ref{Source: "mangopay", Kind: "user", ID: "u"}
	claim := func(seq projections.Seq, typ events.Type, date int64) {
		c.take(now, &projections.Record{Seq: seq, Event: events.Event{Type: typ, Ref: ref, Date: date}})
	}
	read := func(value string) Verdict {
		j, ok, _ := c.next(now, 0)
		assert.True(t, ok)
		got := result{calls: 1, said: []answer{{at: now/1000 - behind, values: map[string]string{"status": value}}}}
		es, v := c.answered(now, j, got)
		c.done(now, j, got, es, v)
		return v
	}
	claim(1, "USER_ACCOUNT_VALIDATION_ASKED", date)
	assert.Equal(t, Confirmed, read("PENDING_USER_ACTION"))
	now += 30_000
	c.next(now, 0) // lets go of what is old
	claim(2, "USER_ACCOUNT_ACTIVATED", date+1)
	assert.Equal(t, NotYetVisible, read("ACTIVE"))
	now += 360_000
	assert.Equal(t, Confirmed, read("ACTIVE"))
}
