package main

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// hear listens to a server's changes and returns the next n, and the place after them.
func (p *process) hear(t *testing.T, query, last string, n int) (facts []projections.Fact, place string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.admin+"/v1/changes"+query, nil)
	require.NoError(t, err)
	req.Header.Set("Last-Event-ID", last)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	require.Equal(t, http.StatusOK, res.StatusCode)
	for in := bufio.NewScanner(res.Body); len(facts) < n && in.Scan(); {
		if id, ok := strings.CutPrefix(in.Text(), "id: "); ok {
			place = id
		}
		if data, ok := strings.CutPrefix(in.Text(), "data: "); ok {
			e, err := events.Decode(nil, []byte(data))
			require.NoError(t, err)
			f, err := projections.DecodeFact(e)
			require.NoError(t, err)
			facts = append(facts, f)
		}
	}
	require.Len(t, facts, n)
	return facts, place
}

func TestRule22_AListenerHearsEveryChangeOnceAlthoughTheServerIsKilled(t *testing.T) {
	t.Parallel()
	for _, store := range []string{"kv", "memory"} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			p := serveIn(t, dir, "--store", store)
			p.notify(t, "EventType=USER_KYC_LIGHT&RessourceId=u&Date=1743627006")
			p.notify(t, "EventType=USER_KYC_REGULAR&RessourceId=u&Date=1743627008")
			p.notify(t, "EventType=USER_KYC_REGULAR&RessourceId=u&Date=1743627008")
			facts, place := p.hear(t, "?from=start&machine=kyc", "", 2)
			assert.Equal(t, "LIGHT", facts[0].To)
			assert.Equal(t, "REGULAR", facts[1].To)
			p.kill(t)
			p = serveIn(t, dir, "--store", store)
			p.notify(t, "EventType=USER_KYC_LIGHT&RessourceId=u&Date=1743627009")
			facts, _ = p.hear(t, "?machine=kyc", place, 1)
			assert.Equal(t, "LIGHT", facts[0].To)
			again, _ := p.hear(t, "?from=start&machine=kyc", "", 3)
			assert.Equal(t, facts[0], again[2])
			p.stop(t)
		})
	}
}

func TestServe_WithoutFactsHasNoChanges(t *testing.T) {
	t.Parallel()
	p := serveIn(t, t.TempDir(), "--facts=false")
	p.notify(t, s4Query)
	status, _ := p.read(t, "/v1/changes")
	assert.Equal(t, http.StatusNotFound, status)
	p.stop(t)
}
