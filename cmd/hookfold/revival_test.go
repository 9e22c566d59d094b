package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
	"github.com/hookfold/hookfold/adapters/mangopay/hookcare"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// A receiver is away for three days of the provider while events happen: hooks become INVALID (S4). One revival later nothing
// is missing, and the read model knows.
func TestS4_AfterThreeDaysAwayOneRevivalBringsEverything(t *testing.T) {
	t.Parallel()
	const token = "c4n4ry-door"
	line := timeline.New(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	world, err := sandbox.New(sandbox.Config{Timeline: line})
	require.NoError(t, err)
	provider := httptest.NewServer(world)
	t.Cleanup(provider.Close)
	play := func(method, path, body string) []byte {
		r, err := http.NewRequestWithContext(t.Context(), method, provider.URL+path, strings.NewReader(body))
		require.NoError(t, err)
		w, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer func() { _ = w.Body.Close() }()
		var raw json.RawMessage
		_ = json.NewDecoder(w.Body).Decode(&raw)
		require.Less(t, w.StatusCode, 300, "%s %s: %s", method, path, raw)
		return raw
	}

	log := projections.NewMemoryLog("log", line.Now, 0)
	store := projections.NewMemoryStore()
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
	require.NoError(t, err)
	folding, stop := context.WithCancel(t.Context())
	folded := make(chan struct{})
	go func() { defer close(folded); _ = proj.Run(folding) }()
	t.Cleanup(func() { stop(); <-folded })
	settle := func() {
		head, err := log.Head(t.Context())
		require.NoError(t, err)
		require.NoError(t, proj.Wait(t.Context(), head.Seq))
	}

	door, err := webhook.New(webhook.Config{Log: log, Token: token, Now: line.Now})
	require.NoError(t, err)
	var away atomic.Bool
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away.Load() {
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		door.ServeHTTP(w, r)
	}))
	t.Cleanup(receiver.Close)

	client, err := mangopay.New(mangopay.Config{BaseURL: provider.URL, ClientID: "acme", APIKey: "key", Now: line.Now})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	fill, err := backfill.New(backfill.Config{API: client, Log: log, Marks: backfill.StoreMarks{Store: store, Source: "mangopay"}, Now: line.Now})
	require.NoError(t, err)
	care, err := hookcare.New(hookcare.Config{
		API: client, Log: log, Store: store, Ingress: receiver.URL + "/hooks", Token: token, Plain: true, Now: line.Now,
		Fill: func(ctx context.Context, holes []hookcare.Hole) error {
			q := backfill.Request{SinceOf: map[events.Type]time.Time{}}
			for _, h := range holes {
				q.Types, q.SinceOf[h.Type] = append(q.Types, h.Type), h.Since
			}
			_, err := fill.Run(ctx, q)
			return err
		},
	})
	require.NoError(t, err)
	report, err := care.Ensure(t.Context(), hookcare.Options{})
	require.NoError(t, err)
	require.Equal(t, 23, report.Count(hookcare.Right))

	level := func(day string, i int, kyc string) {
		play("POST", fmt.Sprintf("/_sandbox/users/user_%s_%d", day, i), `{"kyc":"`+kyc+`"}`)
	}
	live := func(day string, n int, step time.Duration) {
		for i := range n {
			play("PUT", fmt.Sprintf("/_sandbox/users/user_%s_%d", day, i), `{"FirstName":"Jeanne","LastName":"Moreau","Email":"j@example.com"}`)
			level(day, i, "REGULAR")
			line.Advance(step)
			level(day, i, "LIGHT")
			line.Advance(step)
		}
	}
	live("before", 3, time.Minute)
	away.Store(true)
	live("away", 60, 36*time.Minute)
	settle()
	away.Store(false)
	live("after", 3, time.Minute)
	status, err := care.Status(t.Context())
	require.NoError(t, err)
	invalid := 0
	for _, h := range status.Hooks {
		if h.Standing == hookcare.Invalid {
			invalid++
		}
	}
	require.Equal(t, 2, invalid, "both hooks of the level are INVALID after 100 failures")

	_, err = care.Poll(t.Context())
	require.NoError(t, err)
	settle()
	report, err = care.Revive(t.Context())
	require.NoError(t, err)
	require.Len(t, report.Hooks, 2)
	live("revived", 1, time.Minute)
	settle()

	var listed []struct {
		EventType, ResourceID string
		Date                  int64
	}
	require.NoError(t, json.Unmarshal(play("GET", "/_sandbox/events", ""), &listed))
	held := map[string]int{}
	cursor, err := log.Open(t.Context(), projections.Position{})
	require.NoError(t, err)
	defer func() { _ = cursor.Close() }()
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	for cursor.Position().Seq < head.Seq {
		records, err := cursor.Next(t.Context())
		require.NoError(t, err)
		for _, r := range records {
			if r.Event.Basis() == events.Claim {
				held[fmt.Sprint(r.Event.Type, r.Event.Ref.ID, r.Event.Date)]++
			}
		}
	}
	levels := 0
	for _, e := range listed {
		if info, known := catalogue.Lookup(events.Type(e.EventType)); known && info.Machine == catalogue.MachineKYC {
			levels++
			assert.Equal(t, 1, held[fmt.Sprint(e.EventType, e.ResourceID, e.Date)], "%s of %s", e.EventType, e.ResourceID)
		}
	}
	assert.Equal(t, 2*(3+60+3+1), levels)
	for _, typ := range []events.Type{catalogue.UserKYCRegular, catalogue.UserKYCLight} {
		v, err := projections.Read(store, views.Hooks, "mangopay").Get(t.Context(), string(typ))
		require.NoError(t, err)
		assert.Equal(t, "VALID", v.Value.Validity())
		assert.Zero(t, v.Value.Counter.Failures)
	}
}
