package timeline_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain refuses goroutines that outlive the tests.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start is where the time stands at first: the instant of the example in S4.
var start = time.Unix(1743627006, 0).UTC()
