package readapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/readapi"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

func TestWaitShowsARecordThatWasJustAppended(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	seq, err := h.log.Append(t.Context(), says("USER_ACCOUNT_ACTIVATED", "u", s4))
	require.NoError(t, err)
	require.EqualValues(t, 1, seq)
	got := h.get(t, "/v1/users/u?wait=1")
	assert.Equal(t, http.StatusOK, got.status)
	assert.Contains(t, got.body, `"user_status":"ACTIVE"`)
}

func TestWaitThatIsNotReachedIsAnswered503WithBothNumbers(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *readapi.Config, _ *house) { c.WaitMost = time.Nanosecond })
	h.tell(t, says("USER_ACCOUNT_ACTIVATED", "u", s4))
	got := h.get(t, "/v1/users/u?wait=7")
	assert.Equal(t, http.StatusServiceUnavailable, got.status)
	assert.Equal(t, "projections: applied up to sequence 1, asked for 7: try again later", got.sentence(t))
	assert.Empty(t, got.header.Get("Hookfold-Seq"))
}

func TestWaitEndsWithItsRequest(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	handler, err := readapi.New(readapi.Config{
		Store: h.store, Models: views.All(), Source: "mangopay", Wait: h.proj.Wait, WaitMost: time.Hour,
	})
	require.NoError(t, err)
	gone, leave := context.WithCancel(t.Context())
	leave()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/users/u?wait=7", nil).WithContext(gone))
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
}

func TestWithoutWaitARequestWaitsForTheNewestThatIsKnown(t *testing.T) {
	t.Parallel()
	var waited []projections.Seq
	lag := &projections.LagError{Have: 1, Want: 5}
	h := open(t, func(c *readapi.Config, _ *house) {
		c.Latest = func() projections.Seq { return 5 }
		c.Wait = func(_ context.Context, n projections.Seq) error { waited = append(waited, n); return lag }
	})
	h.tell(t, says("USER_ACCOUNT_ACTIVATED", "u", s4))
	got := h.get(t, "/v1/users/u")
	assert.Equal(t, http.StatusOK, got.status, "lag is no error for whoever asked for no sequence")
	assert.Equal(t, "1", got.header.Get("Hookfold-Seq"))
	assert.Equal(t, http.StatusServiceUnavailable, h.get(t, "/v1/users/u?wait=3").status)
	assert.Contains(t, h.get(t, "/v1/users").body, `"user_status":"ACTIVE"`)
	assert.Equal(t, http.StatusServiceUnavailable, h.get(t, "/v1/users?wait=4").status)
	assert.Equal(t, []projections.Seq{5, 3, 5, 4}, waited)
}

func TestADocumentIsNotServedBeforeTheReadModelsHaveCaughtUp(t *testing.T) {
	t.Parallel()
	lag := &projections.LagError{Have: 3, Want: 9}
	h := open(t, func(c *readapi.Config, _ *house) { c.Ready = func(context.Context) error { return lag } })
	h.tell(t, says("USER_ACCOUNT_ACTIVATED", "u", s4))
	for _, target := range []string{"/v1/users/u", "/v1/users/u?wait=1", "/v1/users", "/v1/users?wait=1", "/v1/users/u/idv-sessions", "/readyz"} {
		got := h.get(t, target)
		assert.Equal(t, http.StatusServiceUnavailable, got.status, target)
		assert.Equal(t, lag.Error(), got.sentence(t), target)
	}
}

func TestReadyzAsksAndDoesNotWait(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *readapi.Config, h *house) {
		c.Ready = func(ctx context.Context) error {
			assert.Error(t, ctx.Err())
			return h.proj.Wait(ctx, 1)
		}
	})
	assert.Equal(t, http.StatusServiceUnavailable, h.get(t, "/readyz").status)
	h.tell(t, says("USER_ACCOUNT_ACTIVATED", "u", s4))
	got := h.get(t, "/readyz")
	assert.Equal(t, http.StatusOK, got.status)
	assert.JSONEq(t, `{"status":"ready"}`, got.body)
	assert.JSONEq(t, `{"status":"ready"}`, open(t, nil).get(t, "/readyz").body, "without Ready always")
}

func TestWhereRoomRunsOutNothingIsReadyButEverythingCanBeRead(t *testing.T) {
	t.Parallel()
	scarce := errors.New("5 bytes are left")
	h := open(t, func(c *readapi.Config, _ *house) { c.Room = func(context.Context) error { return scarce } })
	h.tell(t, says("USER_ACCOUNT_ACTIVATED", "u", s4))
	got := h.get(t, "/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, got.status)
	assert.Equal(t, scarce.Error(), got.sentence(t))
	for _, target := range []string{"/healthz", "/v1/users/u", "/v1/users"} {
		assert.Equal(t, http.StatusOK, h.get(t, target).status, target)
	}
}

func TestHealthzTellsTheFaultAndTheCounts(t *testing.T) {
	t.Parallel()
	assert.JSONEq(t, `{"status":"ok"}`, open(t, nil).get(t, "/healthz").body)
	var fault error
	h := open(t, func(c *readapi.Config, _ *house) {
		c.Health = func() error { return fault }
		c.Status = func() any { return map[string]int{"parked": 2} }
	})
	got := h.get(t, "/healthz")
	assert.Equal(t, http.StatusOK, got.status)
	assert.JSONEq(t, `{"status":"ok","counts":{"parked":2}}`, got.body)
	fault = errors.New("look at the disk")
	got = h.get(t, "/healthz")
	assert.Equal(t, http.StatusServiceUnavailable, got.status)
	assert.JSONEq(t, `{"status":"look at the disk","counts":{"parked":2}}`, got.body)
}

// brokenStore cannot be read.
type brokenStore struct{ projections.Store }

func (brokenStore) Load(context.Context, string, []events.Ref) ([]projections.Row, error) {
	return nil, errBroken
}

func (brokenStore) List(context.Context, projections.Query) (projections.Page, error) {
	return projections.Page{}, errBroken
}

var errBroken = errors.New("on purpose")

func TestAStoreThatCannotBeReadIsAnswered503(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *readapi.Config, h *house) { c.Store = brokenStore{h.store} })
	for _, target := range []string{"/v1/users/u", "/v1/users"} {
		got := h.get(t, target)
		assert.Equal(t, http.StatusServiceUnavailable, got.status)
		assert.Contains(t, got.sentence(t), "the read model cannot be read now")
	}
}

// deafStore does not answer before the context ends.
type deafStore struct{ projections.Store }

func (deafStore) Load(ctx context.Context, _ string, _ []events.Ref) ([]projections.Row, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (deafStore) List(ctx context.Context, _ projections.Query) (projections.Page, error) {
	<-ctx.Done()
	return projections.Page{}, ctx.Err()
}

func TestAStoreThatDoesNotAnswerIsAnswered503(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *readapi.Config, h *house) {
		c.Store, c.ReadMost = deafStore{h.store}, time.Millisecond
		c.Derived = map[string]readapi.Derived{"users/more": func(ctx context.Context, _, _ string) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		c.Quarantine = &projections.Quarantine{Log: h.log, Store: c.Store, Models: c.Models}
	})
	for _, target := range []string{"/v1/users/u", "/v1/users", "/v1/users/u/more", "/v1/quarantine", "/v1/quarantine/user/u"} {
		got := h.get(t, target)
		assert.Equal(t, http.StatusServiceUnavailable, got.status, target)
		assert.Contains(t, got.sentence(t), "the read model cannot be read now", target)
	}
}
