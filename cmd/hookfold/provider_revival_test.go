package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// The ingress is away for three days while levels change: S4 makes the hooks INVALID. One hookfold hooks revive later every
// event is in the log once, and every document is as the provider says.
func TestS4_OneReviveByCommandBringsWhatThreeDaysAwayMissed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 9, mishaps{})
	admin := strings.TrimPrefix(w.admin, "http://")
	w.live("before", 2)
	w.front.away.Store(true)
	w.live("away", 60)
	w.front.away.Store(false)
	w.live("after", 2)
	status := call(t, nil, "hooks", "status", "--admin", admin)
	assert.Equal(t, 2, strings.Count(status.out, " invalid "), "both hooks of the level are off:\n%s", status.out)
	assert.Equal(t, 2, strings.Count(status.out, "100/100 "), "although nothing of it reached us:\n%s", status.out)
	revived := call(t, nil, "hooks", "revive", "--admin", admin)
	require.Equal(t, exitDone, revived.code, revived.err)
	w.live("revived", 1)
	w.rest()
	w.judge()

	var listed []map[string]any
	require.NoError(t, json.Unmarshal(w.tool("GET", "events", nil), &listed))
	held := w.held()
	levels := 0
	for _, e := range listed {
		if strings.HasPrefix(e["EventType"].(string), "USER_KYC_") {
			levels++
			assert.Equal(t, 1, held[fmt.Sprint(e["EventType"], e["ResourceId"], int64(e["Date"].(float64)))], "%v", e)
		}
	}
	assert.Equal(t, 2*(2+60+2+1), levels)
}

// live lets users become REGULAR and LIGHT, 36 minutes after each other.
func (w *world) live(name string, users int) {
	for i := range users {
		user := fmt.Sprintf("users/user_%s_%d", name, i)
		w.tool("PUT", user, obj{"FirstName": "Jeanne", "LastName": "Moreau", "Email": "j@example.com"})
		for _, level := range []string{"REGULAR", "LIGHT"} {
			w.tool("POST", user, obj{"kyc": level})
			w.advance(36 * time.Minute)
		}
	}
}

// held counts what the log holds of each event.
func (w *world) held() map[string]int {
	held := map[string]int{}
	cursor, err := w.keep.log.Open(w.t.Context(), projections.Position{})
	require.NoError(w.t, err)
	defer func() { _ = cursor.Close() }() // nothing to save
	head, err := w.keep.log.Head(w.t.Context())
	require.NoError(w.t, err)
	for cursor.Position().Seq < head.Seq {
		records, err := cursor.Next(w.t.Context())
		require.NoError(w.t, err)
		for _, r := range records {
			if r.Event.Basis() == events.Claim {
				held[fmt.Sprint(r.Event.Type, r.Event.Ref.ID, r.Event.Date)]++
			}
		}
	}
	return held
}
