package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
)

func TestS4_ANotificationIsKeptShownAndExplained(t *testing.T) {
	t.Parallel()
	p := serveIn(t, t.TempDir())
	before := time.Now()
	p.notify(t, s4Query)
	assert.Less(t, time.Since(before), 2*time.Second, "S4: a 200 within 2 seconds")
	assert.Equal(t, "ACTIVE", p.user(t, s4User).UserStatus)

	got := command(t, "get", s4User, "--admin", p.admin)
	require.Equal(t, exitDone, got.code, got.err)
	_, body := p.read(t, "/v1/users/"+s4User)
	assert.Equal(t, string(body), got.out)
	for _, kind := range []string{"user", "users"} {
		assert.Equal(t, got, command(t, "get", kind, s4User, "--admin", "http://"+p.admin+"/"))
	}
	why := command(t, "why", s4User, "--admin", p.admin)
	require.Equal(t, exitDone, why.code, why.err)
	assert.Regexp(t, `(?m)^user_status +ACTIVE$`, why.out)
	assert.Contains(t, why.out, "2025-04-02T20:50:06Z  USER_ACCOUNT_ACTIVATED\n    status: (nothing known) → ACTIVE\n    first: Nothing was known of the status")
	assert.Equal(t, got.out, command(t, "why", s4User, "--json", "--admin", p.admin).out)
	p.stop(t)
}

func TestLaw9_WhyTellsTheLegalPathOfWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	p := serveIn(t, t.TempDir())
	p.notify(t, "EventType=USER_ACCOUNT_CLOSED&RessourceId=u&Date=1743627006")
	p.notify(t, "EventType=USER_ACCOUNT_ACTIVATED&RessourceId=u&Date=1743627007")
	why := command(t, "why", "user", "u", "--admin", p.admin)
	require.Equal(t, exitDone, why.code, why.err)
	assert.Contains(t, why.out, "    conflict: ")
	assert.Contains(t, why.out, "    legal would have been, from (nothing known): USER_ACCOUNT_VALIDATION_ASKED → PENDING_USER_ACTION, USER_ACCOUNT_ACTIVATED → ACTIVE\n")
	p.stop(t)
}

func TestGetFindsTheUnusualAndTellsWhatIsNotThere(t *testing.T) {
	t.Parallel()
	p := serveIn(t, t.TempDir())
	for _, id := range []string{"a%2Fb%20c.d", "..", "%25", "%C3%A9"} {
		p.notify(t, "EventType=USER_KYC_LIGHT&Date=1743627006&RessourceId="+id)
	}
	for _, id := range []string{"a/b c.d", "..", "%", "é"} {
		got := command(t, "get", "user", id, "--admin", p.admin)
		assert.Equal(t, exitDone, got.code, "%q: %s", id, got.err)
		assert.Contains(t, got.out, `"kyc_level":"LIGHT"`)
	}
	got := command(t, "get", "nobody", "--admin", p.admin)
	assert.Equal(t, result{exitBadInput, "", "hookfold: never heard of \"nobody\"\n"}, got)
	got = command(t, "get", "..", "--at", "yesterday", "--admin", p.admin)
	assert.Equal(t, exitBadInput, got.code)
	assert.Contains(t, got.err, "the server answered 400: ")
	got = command(t, "get", "users", "..", "--at", "1743627005", "--admin", p.admin)
	assert.Equal(t, exitBadInput, got.code, "before the first word about it")
	got = command(t, "get", "users", "..", "--wait", "4", "--source", "mangopay", "--admin", p.admin)
	assert.Equal(t, exitDone, got.code, got.err)
	p.stop(t)
}

func TestLaw5_ARestartForgetsNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := serveIn(t, dir)
	p.notify(t, s4Query)
	_, want := p.read(t, "/v1/users/"+s4User)
	p.stop(t)
	p = serveIn(t, dir)
	_, after := p.read(t, "/v1/users/"+s4User)
	assert.Equal(t, string(want), string(after), "after SIGTERM")
	p.notify(t, "EventType=USER_KYC_REGULAR&Date=1743627006&RessourceId="+s4User)
	p.kill(t)
	p = serveIn(t, dir)
	assert.Equal(t, "REGULAR", p.user(t, s4User).KYCLevel, "after SIGKILL")
	assert.Len(t, p.user(t, s4User).History, 2)
	p.stop(t)
}

func TestLaw5_TheSameOnAServerOfThePlatformsOwn(t *testing.T) {
	t.Parallel()
	nats, err := embedded.Start(context.Background(), embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, nats.Close()) })
	unused := t.TempDir() + "/unused"
	p := serveIn(t, unused, "--nats", nats.URL())
	p.notify(t, s4Query)
	assert.Equal(t, "ACTIVE", p.user(t, s4User).UserStatus)
	p.kill(t)
	p = serveIn(t, unused, "--nats", nats.URL())
	assert.Equal(t, "ACTIVE", p.user(t, s4User).UserStatus)
	p.stop(t)
	assert.NoDirExists(t, unused)
}

func TestLaw7_WhateverNamesAnEventTypeIsAnswered200(t *testing.T) {
	t.Parallel()
	p := serveIn(t, t.TempDir())
	kept := []string{
		s4Query, s4Query, // a repetition
		"EventType=A_TYPE_OF_TOMORROW&RessourceId=x&Date=1743627006",
		"EventType=USER_KYC_LIGHT&RessourceId=x&Date=never",
		"EventType=USER_KYC_LIGHT&RessourceId=x&RessourceId=y&Date=1",
		"EventType=USER_KYC_LIGHT&RessourceId=%FF&Date=1",
		"EventType=USER_KYC_LIGHT&RessourceId=x&Date=4102444800", // 2100
	}
	for _, query := range kept {
		p.notify(t, query)
	}
	for what, want := range map[string]struct {
		status int
		method string
		more   string
	}{
		"a ping":              {http.StatusOK, http.MethodGet, "?EventType=USER_KYC_LIGHT&RessourceId=&Date=1743627006"},
		"no event type":       {http.StatusBadRequest, http.MethodGet, "?RessourceId=x&Date=1"},
		"nothing":             {http.StatusBadRequest, http.MethodGet, ""},
		"another path":        {http.StatusNotFound, http.MethodGet, "/token?" + s4Query},
		"the wrong method":    {http.StatusMethodNotAllowed, http.MethodPost, "?" + s4Query},
		"a query of a MB":     {http.StatusRequestURITooLong, http.MethodGet, "?EventType=A&x=" + strings.Repeat("x", 1<<20)},
		"HEAD is no delivery": {http.StatusMethodNotAllowed, http.MethodHead, "?" + s4Query},
	} {
		status, header := p.send(t, want.method, want.more)
		assert.Equal(t, want.status, status, what)
		assert.Empty(t, header.Get("Hookfold-Seq"), what)
	}
	_, body := p.read(t, "/healthz")
	assert.Contains(t, string(body), `"Accepted":4,"Unknown":1,"Unreadable":3,"Pings":1,"NoEventType":2,"Forbidden":0,"Strangers":1,"WrongMethod":2,"TooLong":1,"Malformed":0,"HeadersTooLong":0,"Failed":0,"Panicked":0`)
	assert.Len(t, p.user(t, s4User).History, 1)
	status, _ := p.read(t, "/v1/users/x")
	assert.Equal(t, http.StatusNotFound, status, "neither unreadable nor dated beyond reason is folded")
	p.stop(t)
}

func TestOneFolderBelongsToOneServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := serveIn(t, dir)
	second := command(t, "serve", "--data", dir, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	assert.Equal(t, exitUnreachable, second.code)
	assert.Contains(t, second.err, "another hookfold uses this directory: stop it, or name another directory")
	third := command(t, "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", p.admin)
	assert.Equal(t, exitUnreachable, third.code)
	assert.Contains(t, third.err, "the read API cannot listen")
	p.notify(t, s4Query)
	p.stop(t)
}

func TestTheTokenOpensTheDoorAndIsNeverShown(t *testing.T) {
	t.Parallel()
	const canary = "c4n4ry-7b1f0e52"
	p := serveIn(t, t.TempDir(), "--token", canary)
	base := strings.TrimSuffix(p.ingress, "/***")
	require.NotEqual(t, p.ingress, base)
	p.ingress = base
	for _, more := range []string{"", "/", "/wrong", "/" + canary + "x", "/" + strings.ToUpper(canary)} {
		status, _ := p.send(t, http.MethodGet, more+"?"+s4Query)
		assert.Equal(t, http.StatusNotFound, status, more)
	}
	status, _ := p.send(t, http.MethodPost, "/"+canary+"?"+s4Query)
	assert.Equal(t, http.StatusMethodNotAllowed, status)
	status, _ = p.send(t, http.MethodGet, "/"+canary+"?EventType=USER_KYC_LIGHT&RessourceId=x&Date="+canary)
	assert.Equal(t, http.StatusOK, status)
	p.ingress += "/" + canary
	p.notify(t, s4Query)
	for _, path := range []string{"/healthz", "/readyz", "/v1/users/" + s4User, "/v1/hooks/USER_ACCOUNT_ACTIVATED", "/nowhere"} {
		_, body := p.read(t, path)
		assert.NotContains(t, string(body), canary)
	}
	p.stop(t)
	assert.Contains(t, p.stderr.String(), "/hooks/***")
	assert.Contains(t, p.stderr.String(), "kept raw")
	assert.NotContains(t, p.stderr.String(), canary)
	assert.Empty(t, p.stdout.String())
}
