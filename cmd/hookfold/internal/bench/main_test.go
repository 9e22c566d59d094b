package bench

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain proves that no run leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tiny is a run of everything that takes a moment. Its figures mean nothing; that there are any does.
func tiny(t *testing.T) Config {
	t.Helper()
	return Config{
		Events: 1000, Resources: 100, Rounds: 2, Requests: 64, Latency: 20 * every, Largest: leastLargest, Dir: t.TempDir(),
	}
}
