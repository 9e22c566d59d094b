package sandbox_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

// Receivers read the object that a notification names while the clock runs and platforms go on: nobody waits for anybody.
func TestReceiversAndPlatformsCallWhileTheClockRuns(t *testing.T) {
	t.Parallel()
	var line *timeline.Timeline
	h := open(t, func(c *sandbox.Config) { c.Speed, line = 1000, c.Timeline })
	confirmed := make(chan string, 64)
	r := h.confirming(confirmed)
	h.post("/hooks", obj{"EventType": "USER_KYC_REGULAR", "Url": r})
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { assert.NoError(t, line.Run(ctx, 1000)) })
	var platforms sync.WaitGroup
	for range 8 {
		platforms.Go(func() {
			for range 4 {
				v := h.begin(h.enrolled())
				h.click(v["HostedUrl"].(string), "VALIDATED")
			}
		})
	}
	platforms.Wait()
	for range 32 {
		require.Equal(t, "REGULAR", <-confirmed)
	}
	stop()
	all.Wait()
	assert.Len(t, h.list("/users?per_page=100"), 32)
	assert.Equal(t, http.StatusOK, h.do(http.MethodGet, "/events", nil).status)
}
