package proptest_test

import (
	"testing"

	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections/views"
	"github.com/hookfold/hookfold/proptest"
)

func TestLaw3_OrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	t.Run("sessions", func(t *testing.T) {
		t.Parallel()
		proptest.OrderFree(t, views.Sessions, proptest.Histories(mangopay.KindSession))
	})
	t.Run("users", func(t *testing.T) {
		t.Parallel()
		proptest.OrderFree(t, views.Users, proptest.Histories(mangopay.KindUser))
	})
	t.Run("hooks", func(t *testing.T) {
		t.Parallel()
		proptest.OrderFree(t, views.Hooks, proptest.Histories(views.KindHook))
	})
}
