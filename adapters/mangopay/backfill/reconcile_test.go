package backfill_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// objects are users with one session each.
type objects struct {
	sca    error
	status string // of every session
}

func (o objects) User(_ context.Context, id string) (a mangopay.Answer[mangopay.User], err error) {
	if id == "gone" {
		return a, fmt.Errorf("x: %w", mangopay.ErrNotFound)
	}
	a.At = start
	a.Value = mangopay.User{ID: id, PersonType: "NATURAL", Status: "ACTIVE", Category: "OWNER", KYCLevel: "REGULAR"}
	return a, nil
}

func (o objects) ScaStatus(context.Context, string) (mangopay.Answer[mangopay.ScaStatus], error) {
	return mangopay.Answer[mangopay.ScaStatus]{Value: mangopay.ScaStatus{IsEnrolled: true}, At: start}, o.sca
}

func (o objects) Regulatory(context.Context, string) (mangopay.Answer[mangopay.Regulatory], error) {
	return mangopay.Answer[mangopay.Regulatory]{Value: mangopay.Regulatory{OutflowsBlocked: true}, At: start}, nil
}

func (o objects) Sessions(_ context.Context, id string) (mangopay.Answer[[]mangopay.SessionRow], error) {
	row := mangopay.SessionRow{ID: "idv_" + id, Status: o.status, Created: start.Add(-time.Hour).Unix()}
	return mangopay.Answer[[]mangopay.SessionRow]{Value: []mangopay.SessionRow{row}, At: start}, nil
}

// folded projects a log into a store, up to its end.
func folded(t *testing.T, log projections.Log) projections.Store {
	t.Helper()
	store := projections.NewMemoryStore()
	p, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
	require.NoError(t, err)
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = p.Run(ctx) }()
	assert.NoError(t, p.Wait(ctx, head.Seq))
	cancel()
	<-ended
	return store
}

func TestWhatIsBeyondTheListIsObservedAndNotMadeUp(t *testing.T) {
	t.Parallel()
	log := memory()
	_, err := log.Append(t.Context(),
		catalogue.Notification{Type: closed, ResourceID: "gone", Date: 1}.Event(""),
		// What a notification claims, and the API says as well, is not known until it is said.
		catalogue.Notification{Type: catalogue.UserKYCRegular, ResourceID: "u1", Date: start.Unix() - 1000}.Event(""),
		catalogue.Notification{Type: catalogue.UserAccountActivated, ResourceID: "u1", Date: start.Unix() - 1000}.Event(""),
		catalogue.Notification{Type: catalogue.UserCategoryUpdatedToOwner, ResourceID: "u1", Date: start.Unix() - 1000}.Event(""))
	require.NoError(t, err)
	for round, want := range []backfill.ReconcileReport{
		{Users: 1, Sessions: 1, Calls: 5, Appended: 4, Missing: 1, Done: true},
		{Users: 1, Sessions: 1, Calls: 5, Missing: 1, Done: true},
	} {
		store := folded(t, log)
		r, err := backfill.NewReconciler(backfill.ReconcileConfig{API: objects{status: "VALIDATED"}, Log: log, Store: store, Retry: never})
		require.NoError(t, err)
		got, err := r.Run(t.Context(), backfill.KnownUsers(t.Context(), store, ""))
		require.NoError(t, err)
		assert.Equal(t, want, got, "round %d: what is known is not told again", round)
	}
	store := folded(t, log)
	u, err := projections.Read(store, views.Users, "mangopay").Get(t.Context(), "u1")
	require.NoError(t, err)
	assert.Equal(t, "REGULAR", u.Value.Known().KYCLevel)
	assert.True(t, u.Value.KYC.Backed && u.Value.SCA.Backed && u.Value.Outflows.Backed)
	s, err := projections.Read(store, views.Sessions, "mangopay").Get(t.Context(), "idv_u1")
	require.NoError(t, err)
	assert.Equal(t, "u1", s.Value.UserID)
	for _, e := range stored(t.Context(), log)[4:] {
		assert.Equal(t, events.Observation, e.Basis(), "no claim is made up")
	}
}

func TestAUserOfWhomNotAllIsToldEndsNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"one user's": {fmt.Errorf("x: %w", mangopay.ErrSCA), nil},
		"forbidden":  {fmt.Errorf("x: %w", mangopay.ErrForbidden), nil},
		"not told":   {fmt.Errorf("x: %w", mangopay.ErrUnavailable), nil},
		"everyone's": {fmt.Errorf("x: %w", mangopay.ErrCredentials), mangopay.ErrCredentials},
	} {
		r, err := backfill.NewReconciler(backfill.ReconcileConfig{API: objects{sca: c.err}, Log: memory(), Store: projections.NewMemoryStore(), Retry: never})
		require.NoError(t, err)
		told := 0
		got, err := r.Run(t.Context(), func(yield func(string, error) bool) {
			for _, id := range []string{"a", "b"} {
				if told++; !yield(id, nil) {
					return
				}
			}
		})
		assert.Equal(t, c.want == nil, err == nil, name)
		if c.want == nil {
			assert.Equal(t, 2, got.Refused, name)
		} else {
			assert.ErrorIs(t, err, c.want, name)
			assert.Equal(t, 1, told, name)
		}
	}
	r, err := backfill.NewReconciler(backfill.ReconcileConfig{API: objects{}, Log: memory(), Store: projections.NewMemoryStore(), Retry: never})
	require.NoError(t, err)
	_, err = r.Run(t.Context(), func(yield func(string, error) bool) { yield("", errors.New("a row that cannot be read")) })
	assert.ErrorContains(t, err, "cannot be read")
	_, err = backfill.NewReconciler(backfill.ReconcileConfig{})
	assert.ErrorIs(t, err, backfill.ErrConfig)
}

// away is an API that answers nothing.
type away struct{ objects }

func (away) User(context.Context, string) (a mangopay.Answer[mangopay.User], err error) {
	return a, mangopay.ErrUnavailable
}

func (away) ScaStatus(context.Context, string) (a mangopay.Answer[mangopay.ScaStatus], err error) {
	return a, mangopay.ErrUnavailable
}

func (away) Regulatory(context.Context, string) (a mangopay.Answer[mangopay.Regulatory], err error) {
	return a, mangopay.ErrUnavailable
}

func (away) Sessions(context.Context, string) (a mangopay.Answer[[]mangopay.SessionRow], err error) {
	return a, mangopay.ErrUnavailable
}

func TestAnAPIThatIsAwayEndsTheRunAndOneUserWhoCannotBeToldDoesNot(t *testing.T) {
	t.Parallel()
	r, err := backfill.NewReconciler(backfill.ReconcileConfig{API: away{}, Log: memory(), Store: projections.NewMemoryStore(), Retry: never})
	require.NoError(t, err)
	got, err := r.Run(t.Context(), func(yield func(string, error) bool) {
		for i := range 10 {
			if !yield(fmt.Sprint("u", i), nil) {
				return
			}
		}
	})
	require.ErrorIs(t, err, mangopay.ErrUnavailable)
	assert.Equal(t, 1, got.Users, "the second user shows that it is not the first one's trouble")
	assert.Equal(t, 5, got.Calls)
}

func TestKnownUsersAreThoseOfSessionsToo(t *testing.T) {
	t.Parallel()
	log := memory()
	data, err := events.Canonical(events.Reading{Values: map[string]string{"session": "PENDING"}, Attributes: map[string]string{"user_id": "u2"}})
	require.NoError(t, err)
	session := events.Event{Type: events.Observed, Ref: events.Ref{Source: "mangopay", Kind: "idv_session", ID: "s"}, Date: 1, Data: data}
	_, err = log.Append(t.Context(), catalogue.Notification{Type: closed, ResourceID: "u1", Date: 1}.Event(""), session,
		catalogue.Notification{Type: closed, ResourceID: "u3", Date: 1}.Event("another"))
	require.NoError(t, err)
	var ids []string
	for id, err := range backfill.KnownUsers(t.Context(), folded(t, log), "") {
		require.NoError(t, err)
		ids = append(ids, id)
	}
	slices.Sort(ids)
	assert.Equal(t, []string{"u1", "u2"}, ids)
}
