package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/operate"
	"github.com/hookfold/hookfold/adapters/readapi"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// crowded is a server whose user "u" heard of too much inside the horizon.
func crowded(t *testing.T, over int) string {
	t.Helper()
	log := projections.NewMemoryLog("log", func() time.Time { return time.Unix(1_700_001_000, 0).UTC() }, 0)
	store := projections.NewMemoryStore()
	var es []events.Event
	for i := range projections.DefaultLimit + over {
		es = append(es, events.Event{Type: "USER_KYC_REGULAR", Ref: events.Ref{Source: "mangopay", Kind: "user", ID: "u"}, Date: 1_700_000_000 + int64(i)})
	}
	_, err := log.Append(t.Context(), es...)
	require.NoError(t, err)
	p, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
	require.NoError(t, err)
	ended := make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	go func() { defer close(ended); _ = p.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	require.NoError(t, p.Wait(t.Context(), projections.Seq(len(es))))

	d := newWard(log, store, "mangopay", p.Wait)
	read, err := readapi.New(readapi.Config{Store: store, Models: views.All(), Source: "mangopay", Wait: p.Wait, Quarantine: &d.Quarantine})
	require.NoError(t, err)
	acts, err := operate.New(operate.Config{Actions: d.actions()})
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			acts.ServeHTTP(w, r)
			return
		}
		read.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// operated runs a command line against a server.
func operated(t *testing.T, admin, line string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(env{ctx: t.Context(), in: strings.NewReader(""), out: &o, err: &e}, append(strings.Fields(line), "--admin", admin))
	return o.String(), e.String(), code
}

func TestLaw11_AnOperatorSeesWhyAResourceStandsStillAndLetsItGoOn(t *testing.T) {
	t.Parallel()
	at := crowded(t, 1)
	out, _, code := operated(t, at, "quarantine list")
	assert.Zero(t, code)
	assert.Equal(t, "KIND  ID  SOURCE    RECORD  WHY\nuser  u   mangopay  1001    more than 1000 records inside the horizon\n", out)
	out, _, code = operated(t, at, "quarantine show users u")
	assert.Zero(t, code)
	assert.Equal(t, "user u (source mangopay) stands still since log record 1001: more than 1000 records inside the horizon\n"+
		"that record is USER_KYC_REGULAR of 2023-11-14T22:30:00Z\n", out)
	out, errs, code := operated(t, at, "quarantine retry user u --dry-run")
	assert.Equal(t, exitBadInput, code, "it would not help")
	assert.Contains(t, errs, "it stands still again, at log record 1001")
	assert.Contains(t, out, "nothing was changed")
	out, _, code = operated(t, at, "quarantine drop user u --dry-run --json")
	assert.Zero(t, code)
	assert.Contains(t, out, `"waiting":0`)

	_, errs, code = operated(t, at, "quarantine drop user nobody")
	assert.Equal(t, exitBadInput, code)
	assert.Contains(t, errs, "does not stand still")
	out, _, code = operated(t, at, "quarantine drop user u --reason flood")
	assert.Zero(t, code)
	assert.Equal(t, "decided about 1, in log record 1002\n", out)
	out, _, code = operated(t, at, "quarantine list --scan --json")
	assert.Zero(t, code)
	assert.Empty(t, out)
	out, _, code = operated(t, at, "quarantine retry --all")
	assert.Zero(t, code)
	assert.Equal(t, "nothing stands still\n", out)
}

func TestQuarantine_WhatStandsStillAgainIsToldAndWhatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	at := crowded(t, 2)
	_, errs, code := operated(t, at, "quarantine drop user u")
	assert.Equal(t, exitBadInput, code)
	assert.Contains(t, errs, "it stands still again, at log record 1002")
	out, _, code := operated(t, at, "quarantine retry --all")
	assert.Zero(t, code)
	assert.Equal(t, "decided about 1, in log record 1004\n", out)
	for line, want := range map[string]int{
		"quarantine retry": exitUsage, "quarantine retry user u --all": exitUsage, "quarantine show user nobody": exitBadInput,
		"quarantine list --admin 127.0.0.1:1": exitUnreachable,
	} {
		_, _, code := operated(t, at, line)
		if strings.Contains(line, "--admin") {
			_, _, code = operated(t, "127.0.0.1:1", "quarantine list")
		}
		assert.Equal(t, want, code, line)
	}
	for path, want := range map[string]int{
		"/v1/quarantine?limit=0": 400, "/v1/quarantine?cursor=x": 400, "/v1/quarantine?nonsense=1": 400, "/v1/quarantine/user": 404,
		"/v1/quarantine/user/u": 200, "/v1/quarantine?scan=true&limit=5": 200,
	} {
		res, err := http.Get(at + path)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Equal(t, want, res.StatusCode, path)
	}
	res, err := http.Post(at+"/v1/quarantine/drop", "", nil)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, 400, res.StatusCode)
}

func TestADecisionThatIsNotAppliedYetIsToldAndNotWaitedForWithoutEnd(t *testing.T) {
	t.Parallel()
	log := projections.NewMemoryLog("log", time.Now, 0)
	proj, err := projections.New(projections.Config{Log: log, Store: projections.NewMemoryStore(), Models: views.All()}) // it never runs
	require.NoError(t, err)
	d := newWard(log, projections.NewMemoryStore(), "mangopay", proj.Wait)
	d.most = time.Millisecond
	err = d.applied(t.Context(), 7)
	require.ErrorContains(t, err, "decided, by log record 7")
	var lag *projections.LagError
	require.ErrorAs(t, err, &lag)
}
