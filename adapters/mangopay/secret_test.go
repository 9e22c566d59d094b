package mangopay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Strings that must be found nowhere outside the requests themselves.
const (
	canaryKey   = "kEyCaNaRy0123456789"
	canaryName  = "NaMeCaNaRy"
	canaryBirth = "652117514"
	canaryURL   = "https://sca.example.com/?token=ReDiReCtCaNaRy"
	canaryToken = "ToKeNcAnArY"
	canaryID    = "user_m_IdCaNaRy"
)

// clean fails when a text holds a canary.
func clean(t *testing.T, where, text string) {
	t.Helper()
	for _, canary := range []string{canaryKey, canaryName, canaryBirth, "ReDiReCtCaNaRy", canaryToken, "IdCaNaRy"} {
		require.NotContains(t, text, canary, where)
	}
}

// prints are the ways in which somebody may print a value.
func prints(v any) []string {
	var all []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		all = append(all, fmt.Sprintf(verb, v), fmt.Sprintf(verb, []any{v}), fmt.Sprintf(verb, struct{ V any }{v}))
	}
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v, slog.Group("g", "v", v))
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	j, _ := json.Marshal(v)
	return append(all, b.String(), string(j))
}

func TestS0_ConfigAndClientPrintWithoutTheKeyAndTheToken(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(200, goodUser))
	s.token = always(200, `{"access_token":"`+canaryToken+`","token_type":"bearer","expires_in":1200}`)
	c := s.client(t)
	_, err := c.User(context.Background(), "user_m_1")
	require.NoError(t, err)
	require.Equal(t, "Bearer "+canaryToken, s.Calls()[0].Authorization, "the canary is in use")
	config := c.config
	for _, v := range []any{config, &config, c} {
		for _, text := range prints(v) {
			clean(t, fmt.Sprintf("%T", v), text)
		}
	}
	require.Contains(t, fmt.Sprint(config), "APIKey:given")
	for _, v := range []any{config, c} {
		var logged bytes.Buffer
		slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "v", v)
		require.Contains(t, logged.String(), "BaseURL", "it can be logged")
	}
	require.Contains(t, fmt.Sprint(c), s.URL)
	odd := Config{BaseURL: "https://user:" + canaryKey + "@api.example.com"}
	require.NotContains(t, fmt.Sprint(odd), canaryKey)
}

func TestLaw12_NoErrorLogLineOrObservationHoldsPersonalDataOrASecret(t *testing.T) {
	t.Parallel()
	hang := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = conn.Write([]byte("HTTP/1.1 2" + canaryName + " OK\r\n\r\n"))
			_ = conn.Close()
		}
	}
	redirect := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, canaryURL, http.StatusFound) }
	sca := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", "PendingUserAction redirectUrl="+canaryURL)
		say(w, 401, `{"Message":"`+canaryName+`","Type":"`+canaryURL+`"}`)
	}
	for name, answer := range map[string]http.HandlerFunc{
		"param":       always(400, refusalOf("param_error")),
		"fraud":       always(400, refusalOf("fraud_policy")),
		"credentials": always(401, refusalOf("invalid_credentials")),
		"forbidden":   always(403, `{"type":"https://tools.ietf.org/html/rfc7231","title":"`+canaryName+`","detail":"`+canaryName+`","status":403,"traceId":"00-1"}`),
		"not found":   always(404, refusalOf("ressource_not_found")),
		"down":        always(503, refusalOf("internal")),
		"a sentence":  always(400, `{"Type":"`+canaryName+` said no","errors":{"`+canaryName+` x":"y"}}`),
		"not JSON":    always(200, `{"Id":"`+canaryName),
		"other":       always(200, strings.Replace(goodUser, "user_m_1", canaryName, 1)),
		"broken":      hang,
		"redirect":    redirect,
		"sca":         sca,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var logged bytes.Buffer
			var calls []Call
			s := newStandIn(t, answer)
			c := s.client(t, func(config *Config) {
				config.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
				config.Observe = func(call Call) { calls = append(calls, call) }
				config.Failures = 1
			})
			_, err := c.User(context.Background(), canaryID)
			require.Error(t, err)
			for e := err; e != nil; e = errors.Unwrap(e) {
				for _, text := range prints(e) {
					clean(t, name, text)
				}
			}
			clean(t, name+": log", logged.String())
			clean(t, name+": observations", fmt.Sprintf("%+v", calls))
			require.NotEmpty(t, calls)
		})
	}
}

func TestLaw12_TheTokenEndpointLeaksNothing(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"refused": always(401, refusalOf("invalid_credentials")),
		"locked":  always(400, `{"error":"unauthorized_client","error_description":"`+canaryName+`"}`),
		"empty":   always(200, `{"access_token":"","x":"`+canaryToken+`"}`),
		"no JSON": always(200, canaryToken),
	} {
		var logged bytes.Buffer
		s := newStandIn(t, always(200, goodUser))
		s.token = answer
		c := s.client(t, func(config *Config) { config.Logger = slog.New(slog.NewTextHandler(&logged, nil)) })
		_, err := c.User(context.Background(), canaryID)
		require.Error(t, err, name)
		for _, text := range prints(err) {
			clean(t, name, text)
		}
		clean(t, name, logged.String())
		require.Empty(t, s.Calls())
	}
}

func TestLaw12_WhatIsReadHoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(200, sample(t, goodUser)))
	got, err := s.client(t).User(context.Background(), "user_m_1")
	require.NoError(t, err)
	for _, text := range prints(got) {
		clean(t, "User", text)
	}
}
