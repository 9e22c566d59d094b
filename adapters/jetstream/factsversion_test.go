package jetstream

import (
	"testing"

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
