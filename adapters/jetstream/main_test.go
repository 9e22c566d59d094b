package jetstream_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain also is the child process of the kill tests, and refuses goroutines that outlive the tests.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		appendUntilKilled(dir)
	}
	if dir := os.Getenv(importEnv); dir != "" {
		importUntilKilled(dir, os.Getenv(platformEnv))
	}
	if os.Getenv(foldDirEnv)+os.Getenv(foldURLEnv) != "" {
		foldUntilKilled()
	}
	goleak.VerifyTestMain(m)
}
