package jetstream

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestFacts_AnOldServerIsRefusedBecauseItWouldDoubleThem(t *testing.T) {
	t.Parallel()
	for _, old := range []string{"2.10.29", "1.4.1", "2.9.0-beta.1"} {
		assert.ErrorIs(t, knowsFollowing(old), ErrOldServer, old)
	}
	for _, fine := range []string{"2.11.0", "2.15.2", "3.0.0", "2.11.0-RC.1", "", "dev"} {
		assert.NoError(t, knowsFollowing(fine), fine)
	}
}

func TestFacts_NoBatchIsSentToAServerThatWouldMistakeOneExpectationForAnother(t *testing.T) {
	t.Parallel()
	for _, old := range []string{"2.11.0", "2.12.4", "2.14.9", "1.4.1"} {
		assert.False(t, knowsBatches(old), old)
	}
	for _, fine := range []string{"2.15.0", "2.15.2", "3.0.0", "2.16.0-RC.1", "", "dev"} {
		assert.True(t, knowsBatches(fine), fine)
	}
}

func TestBatches_AreUsedWhereFactsGoSoonerThatWay(t *testing.T) {
	t.Parallel()
	b := batches{allowed: true}
	assert.True(t, b.unsure(1000, 0), "nothing is known yet")
	assert.False(t, b.unsure(sample, 0), "so few tell it themselves")
	assert.False(t, b.suit(1000, 0))

	b.learn(time.Second, sample/2-1)
	assert.Zero(t, b.single, "of a few it is the way there and back")
	b.learn(sample*900*time.Microsecond, sample)
	assert.True(t, b.unsure(1000, 0), "it may have waited for something else")
	b.learn(sample*200*time.Microsecond, sample) // each is synced
	assert.False(t, b.unsure(1000, 0))
	assert.True(t, b.suit(32, 0))
	assert.False(t, b.suit(16, 0))
	for range believed {
		b.used()
	}
	assert.True(t, b.suit(1000, 0))
	b.used()
	assert.True(t, b.unsure(1000, 0), "it may have changed since")

	b.learn(sample*200*time.Microsecond, sample)
	b.learn(sample*40*time.Microsecond, sample) // none is
	assert.False(t, b.suit(5000, 0))
	assert.True(t, b.suit(7, 7), "so says the configuration")
	assert.False(t, b.suit(6, 7))

	b.declined = 2
	assert.Equal(t, []bool{false, false, true}, []bool{b.suit(7, 7), b.suit(7, 7), b.suit(7, 7)}, "the server is asked again after a while")
	assert.False(t, (&batches{}).suit(1000, 1), "it is not allowed")
}
