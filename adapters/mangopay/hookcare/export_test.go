package hookcare

import (
	"context"

	"github.com/hookfold/hookfold/events"
)

// Check gives the warnings that are due, of some hooks in any case.
func Check(c *Care, ctx context.Context, types ...events.Type) error { //nolint:revive // the care comes first
	return c.alarm.check(ctx, types...)
}
