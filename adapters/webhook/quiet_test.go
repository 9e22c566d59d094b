package webhook

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestAnOutageIsLoggedNowAndThenWithWhatWasKeptBack(t *testing.T) {
	t.Parallel()
	var q quiet
	start := time.Unix(1743627006, 0)
	more, ok := q.let(Failed, start)
	assert.True(t, ok)
	assert.Zero(t, more)
	for i := range 1000 {
		_, ok = q.let(Failed, start.Add(time.Duration(i)*time.Millisecond))
		assert.False(t, ok)
	}
	_, ok = q.let(Unreadable, start)
	assert.True(t, ok, "each outcome for itself")
	more, ok = q.let(Failed, start.Add(quietFor))
	assert.True(t, ok)
	assert.Equal(t, 1000, more)
	_, ok = q.let(Failed, start.Add(-time.Hour))
	assert.True(t, ok, "a clock that was set back silences nothing")
}
