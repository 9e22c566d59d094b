package proptest_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
	"github.com/hookfold/hookfold/proptest"
)

// busyHooks are hooks of which so much is said that the bound by number is crossed.
var busyHooks = func() projections.Model[views.Hook] {
	m := views.Hooks
	m.Terms.Newest, m.Terms.Spare = 5, 2
	return m
}()

// each runs one law on each of the three models.
func each(t *testing.T, sessions, users, hooks func(t *testing.T)) {
	t.Parallel()
	for _, m := range []struct {
		name string
		law  func(t *testing.T)
	}{{"sessions", sessions}, {"users", users}, {"hooks", hooks}} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			m.law(t)
		})
	}
}

// with binds a law to a model and the histories of its kind.
func with[V any](law func(proptest.TB, projections.Model[V], *rapid.Generator[[]events.Event]), m projections.Model[V], kind string) func(*testing.T) {
	return func(t *testing.T) { law(t, m, proptest.Histories(kind)) }
}

func TestLaw1_PurityOfModels(t *testing.T) {
	each(t,
		with(proptest.PureModel, views.Sessions, mangopay.KindSession),
		with(proptest.PureModel, views.Users, mangopay.KindUser),
		with(proptest.PureModel, views.Hooks, views.KindHook))
}

func TestLaw3_OrderDoesNotMatter(t *testing.T) {
	each(t,
		with(proptest.OrderFree, views.Sessions, mangopay.KindSession),
		with(proptest.OrderFree, views.Users, mangopay.KindUser),
		with(proptest.OrderFree, views.Hooks, views.KindHook))
}

func TestLaw3_AndTheRestOfABusyHook(t *testing.T) {
	t.Parallel()
	for name, law := range map[string]func(proptest.TB, projections.Model[views.Hook], *rapid.Generator[[]events.Event]){
		"order": proptest.OrderFree[views.Hook], "copies": proptest.Idempotent[views.Hook],
		"transitions": proptest.Transitions[views.Hook], "past": proptest.AsOf[views.Hook],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			law(t, busyHooks, proptest.Histories(views.KindHook))
		})
	}
}

func TestLaw4_KnownEventsChangeNothing(t *testing.T) {
	each(t,
		with(proptest.Idempotent, views.Sessions, mangopay.KindSession),
		with(proptest.Idempotent, views.Users, mangopay.KindUser),
		with(proptest.Idempotent, views.Hooks, views.KindHook))
}

func TestRule22_Transitions(t *testing.T) {
	each(t,
		with(proptest.Transitions, views.Sessions, mangopay.KindSession),
		with(proptest.Transitions, views.Users, mangopay.KindUser),
		with(proptest.Transitions, views.Hooks, views.KindHook))
}

func TestLaw9_EveryHistoryExplainsItsState(t *testing.T) {
	each(t,
		with(proptest.ExplainedModel, views.Sessions, mangopay.KindSession),
		with(proptest.ExplainedModel, views.Users, mangopay.KindUser),
		func(t *testing.T) {
			proptest.ExplainedModel(t, views.Hooks, proptest.Histories(views.KindHook))
		})
}

func TestLaw7_UnknownIsAValue(t *testing.T) {
	each(t,
		func(t *testing.T) {
			proptest.Verbatim(t, views.Sessions, proptest.Histories(mangopay.KindSession), nil)
		},
		func(t *testing.T) { proptest.Verbatim(t, views.Users, proptest.Histories(mangopay.KindUser), nil) },
		func(t *testing.T) { proptest.Verbatim(t, views.Hooks, proptest.Histories(views.KindHook), sayHook) })
}

// sayHook is how the API speaks of a hook's machines.
func sayHook(ref events.Ref, date int64, machine, value string) events.Event {
	r := events.HookReading{At: date * 1000, Validity: value}
	if machine == hook.StatusMachine.Definition().Name {
		r = events.HookReading{At: date * 1000, Status: value}
	}
	data, err := events.Canonical(r)
	if err != nil {
		panic(err)
	}
	return events.Event{Type: events.HookUpdated, Ref: ref, Date: date, Data: data}
}
