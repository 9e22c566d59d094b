package snapshot_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain also is the child process of the kill test, and refuses goroutines that outlive the tests.
func TestMain(m *testing.M) {
	if url := os.Getenv(childEnv); url != "" {
		foldUntilKilled(url, os.Getenv(childDirEnv))
	}
	goleak.VerifyTestMain(m)
}
