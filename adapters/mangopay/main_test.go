package mangopay

import (
	"testing"

	"go.uber.org/goleak"
)

// Nothing that a client starts outlives its calls.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
