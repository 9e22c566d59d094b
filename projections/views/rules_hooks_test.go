package views_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// ours is a fact about the hook of USER_KYC_REGULAR.
func ours(t events.Type, data any) events.Event {
	b, err := events.Canonical(data)
	if err != nil {
		panic(err)
	}
	ref := events.Ref{Source: mangopay.Source, Kind: views.KindHook, ID: string(mangopay.UserKYCRegular)}
	return events.Event{Type: t, Ref: ref, Date: t0, Data: b}
}

// ms is some millisecond.
func ms(n int64) int64 { return t0*1000 + n }

func succeeded(at int64) events.Event {
	return ours(events.DeliverySucceeded, events.Attempt{At: ms(at), Replica: "a", N: uint64(at)})
}

func failed(at int64) events.Event {
	return ours(events.DeliveryFailed, events.Attempt{At: ms(at), Replica: "a", N: uint64(at)})
}

func updated(at int64, r events.HookReading) events.Event {
	r.At = ms(at)
	return ours(events.HookUpdated, r)
}

// failures is a run of n failures from a millisecond on.
func failures(from int64, n int) []events.Event {
	var out []events.Event
	for i := range n {
		out = append(out, failed(from+int64(i)))
	}
	return out
}

func hook(t *testing.T, es ...events.Event) told { t.Helper(); return tell(t, es...)[views.KindHook] }

// state is what S4 speaks of.
func (d told) state() string {
	return fmt.Sprintf("%v n=%v alerts=%v", d.fields["validity"], d.fields["consecutive_failures"], d.fields["alerts"])
}

func TestRule23_FactsAreASetSortedByTimeThenOutcome(t *testing.T) {
	t.Parallel()
	d := hook(t, failed(5), succeeded(5), updated(5, events.HookReading{Status: "ENABLED"}), failed(4))
	assert.Equal(t, "VALID n=1 alerts=0", d.state(), "at one millisecond the success comes before the failure")
	var got []string
	for _, l := range d.History {
		got = append(got, l.Event+" "+l.Verdict.String())
	}
	assert.Equal(t, []string{
		"hookfold.hook.delivery.failed first", "hookfold.hook.delivery.succeeded applied",
		"hookfold.hook.delivery.failed applied", "hookfold.hook.updated first",
	}, got)
}

func TestRule23_AStoredNotificationIsASuccessOnlyIfTheProviderDeliveredIt(t *testing.T) {
	t.Parallel()
	via := func(o events.Origin) events.Event {
		e := claim(mangopay.UserKYCRegular, t0)
		e.Delivery = events.Delivery{Origin: o, Received: ms(50), Replica: "a", Attempt: 1}
		return e
	}
	assert.Equal(t, "VALID n=0 alerts=0", hook(t, append(failures(0, 12), via(events.Webhook))...).state())
	for _, o := range []events.Origin{events.Backfill, events.Import, ""} {
		assert.Equal(t, "VALID n=12 alerts=1", hook(t, append(failures(0, 12), via(o))...).state(), "%q", o)
	}
}

func TestRule23_AJournalReappendCountsOnceAndARepeatedNotificationAgain(t *testing.T) {
	t.Parallel()
	arrival := func(attempt uint64, at int64) events.Event {
		e := claim(mangopay.UserKYCRegular, t0)
		e.Delivery = events.Delivery{Origin: events.Webhook, Received: ms(at), Replica: "a", Attempt: attempt}
		return e
	}
	d := hook(t, arrival(1, 10), arrival(1, 10), arrival(2, 600_010))
	total := 0
	for _, l := range d.History {
		total += l.Count
	}
	assert.Equal(t, 2, total)
}

func TestRule23_WhatIsOlderThanTheNewestFactByAnHourIsRefused(t *testing.T) {
	t.Parallel()
	r := newRunning(t, t0)
	r.put(t, succeeded(3_600_000), failed(0), failed(-1))
	r.run(t)
	assert.Equal(t, []projections.Fate{projections.Admitted, projections.Admitted, projections.TooOld}, r.fates(views.Hooks))
}

func TestRule23_WhatHas256NewerFactsBeforeItIsRefusedHoweverYoungItIs(t *testing.T) {
	t.Parallel()
	r := newRunning(t, t0)
	for i := range int64(300) {
		r.put(t, succeeded(1000+i))
	}
	r.put(t, failed(1043), failed(1044))
	r.run(t)
	fates := r.fates(views.Hooks)
	assert.Equal(t, []projections.Fate{projections.TooOld, projections.Admitted}, fates[300:])
	d := r.doc(t, views.Hooks, string(mangopay.UserKYCRegular))
	assert.Equal(t, "VALID n=0 alerts=0", d.state(), "successes came after it")
	total := 0
	for _, l := range d.History {
		total += l.Count
	}
	assert.Equal(t, 301, total, "and none of what is behind is forgotten")
}

func TestRule23_AHookHoldsNothingOfWhomItsNotificationsWereAbout(t *testing.T) {
	t.Parallel()
	e := claim(mangopay.UserKYCRegular, t0)
	e.Ref.ID = "user_m_77"
	e.Delivery = events.Delivery{Origin: events.Webhook, Received: ms(50), Replica: "a", Attempt: 7}
	r := newRunning(t, t0)
	r.put(t, e)
	r.run(t)
	page, err := r.store.List(t.Context(), projections.Query{Model: views.Hooks.ID()})
	require.NoError(t, err)
	require.Len(t, page.Rows, 1)
	state, err := page.Rows[0].State.MarshalBinary()
	require.NoError(t, err)
	assert.NotContains(t, string(state), e.Ref.ID)
}

func TestRule23_ATickMovesNoHooksHorizon(t *testing.T) {
	t.Parallel()
	r := newRunning(t, t0)
	r.put(t, failed(0), tick(views.KindHook, string(mangopay.UserKYCRegular), t0+day), failed(1))
	r.run(t)
	assert.Equal(t, []projections.Fate{projections.Admitted, projections.Admitted, projections.Admitted}, r.fates(views.Hooks))
}

func TestRule23_AnAggregateIsCountFailuresAtItsEnd(t *testing.T) {
	t.Parallel()
	many := func(n int) events.Event {
		return ours(events.DeliveryFailed, events.Attempt{At: ms(9), First: ms(1), Count: n, Replica: "a", N: 1})
	}
	assert.Equal(t, "VALID n=40 alerts=4", hook(t, many(40), succeeded(5)).state(), "the success inside lies before the aggregate's last")
	assert.Equal(t, "INVALID n=100 alerts=10", hook(t, many(5000)).state(), "capped at 100")
	d := hook(t, append(failures(0, 8), many(95))...)
	last := d.History[len(d.History)-2:]
	assert.Equal(t, "applied/99 noted/3", fmt.Sprintf("%s/%d %s/%d", last[0].Verdict, last[0].Count, last[1].Verdict, last[1].Count),
		"as many failures, each judged by itself")
}

func TestRule23_TheLocalCounterIsAnEstimateAndAGETWins(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "false", hook(t, succeeded(1)).text("estimate"))
	assert.Equal(t, "true", hook(t, failures(0, 3)...).text("estimate"), "a lower bound in an outage")
	d := hook(t, append(failures(0, 3), updated(9, events.HookReading{Validity: "INVALID"}))...)
	assert.Equal(t, "INVALID n=100 alerts=10", d.state())
	assert.Equal(t, "1", d.text("gaps"), "the provider counted what we could not see")
}

func TestRule24_S4TheCounterAndTheCutOff(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		9: "VALID n=9 alerts=0", 10: "VALID n=10 alerts=1", 99: "VALID n=99 alerts=9",
		100: "INVALID n=100 alerts=10", 150: "INVALID n=100 alerts=10",
	} {
		assert.Equal(t, want, hook(t, failures(0, n)...).state(), "%d failures", n)
	}
	ninetyNine := append(failures(0, 99), succeeded(99))
	assert.Equal(t, "VALID n=99 alerts=9", hook(t, append(ninetyNine, failures(100, 99)...)...).state(), "99, a success, 99 more")
	url := append(failures(0, 60), updated(60, events.HookReading{URL: "https://b.example/hooks", Status: "ENABLED"}))
	assert.Equal(t, "INVALID n=100 alerts=10", hook(t, append(url, failures(61, 40)...)...).state(), "changing the Url does not reset")
}

func TestRule24_RevivalAndWhatComesWhileINVALID(t *testing.T) {
	t.Parallel()
	dead := failures(0, 100)
	assert.Equal(t, "INVALID n=100 alerts=10", hook(t, append(dead, failed(200), failed(201))...).state())
	d := hook(t, append(dead, succeeded(200))...)
	assert.Equal(t, "INVALID n=100 alerts=10", d.state())
	assert.Equal(t, "1", d.text("conflicts"), "a success asks for a GET")
	d = hook(t, append(dead, updated(200, events.HookReading{Validity: "VALID"}))...)
	assert.Equal(t, "VALID n=0 alerts=0", d.state())
	assert.Equal(t, "true", d.text("estimate"))
	d = hook(t, append(failures(0, 7), updated(200, events.HookReading{Validity: "VALID"}))...)
	assert.Equal(t, "VALID n=7 alerts=0", d.state(), "on VALID nothing")
}

func TestRule24_AReadingWithoutValidityTellsAttributesOnly(t *testing.T) {
	t.Parallel()
	d := hook(t, updated(1, events.HookReading{HookID: "hook_m_1", Status: "DISABLED"}))
	assert.Equal(t, "hook_m_1", d.text("hook_id"))
	assert.Equal(t, "DISABLED", d.text("status"))
	assert.Empty(t, d.text("validity"))
	d = hook(t, failed(0), updated(1, events.HookReading{Validity: "UNKNOWN"}))
	assert.Equal(t, "VALID n=1 alerts=0", d.state(), "the provider's word for not knowing tells nothing")
}

func TestS4_TheStatusOfAHookIsAMachineOfItsOwn(t *testing.T) {
	t.Parallel()
	at := func(ms int64, status string) events.Event { return updated(ms, events.HookReading{Status: status}) }
	d := hook(t, failed(0), at(1, "ENABLED"), at(2, "DISABLED"), at(3, "DISABLED"), at(4, "PAUSED"), at(5, "ENABLED"))
	assert.Equal(t, []string{
		"hook first →VALID", "hook_status first →ENABLED", "hook_status applied ENABLED→DISABLED",
		"hook_status duplicate DISABLED→DISABLED", "hook_status conflict DISABLED→PAUSED", "hook_status first PAUSED→ENABLED",
	}, d.moves())
	assert.Equal(t, "VALID n=1 alerts=0", d.state(), "no Status touches the counter")
	d = hook(t, updated(1, events.HookReading{Status: "ENABLED", Validity: "VALID", HookID: "h"}))
	assert.Equal(t, []string{"hook first →VALID", "hook_status first →ENABLED"}, d.moves())
}

func TestLaw7_AStrangeValidityIsKeptVerbatimAndTheNextFactIsReadAsFirst(t *testing.T) {
	t.Parallel()
	strange := updated(3, events.HookReading{Validity: "SUSPENDED"})
	d := hook(t, append(failures(0, 3), strange)...)
	assert.Equal(t, "SUSPENDED n=3 alerts=0", d.state())
	assert.Equal(t, "hook conflict VALID→SUSPENDED", d.moves()[2])
	d = hook(t, append(failures(0, 3), strange, failed(4))...)
	assert.Equal(t, "VALID n=4 alerts=0", d.state())
	assert.Equal(t, "hook first SUSPENDED→VALID", d.moves()[3])
	d = hook(t, append(failures(0, 100), updated(200, events.HookReading{Validity: "SUSPENDED"}), updated(201, events.HookReading{Validity: "VALID"}))...)
	assert.Equal(t, "VALID n=0 alerts=0", d.state(), "whatever it was, it is no longer the 100 of before")
	assert.Equal(t, "SUSPENDED n=0 alerts=0", hook(t, updated(1, events.HookReading{Validity: "SUSPENDED"})).state())
}

func TestRule23_TwoReadingsOfOneMillisecondEndWithTheRestrictiveOne(t *testing.T) {
	t.Parallel()
	d := hook(t, updated(1, events.HookReading{Validity: "INVALID"}), updated(1, events.HookReading{Validity: "VALID"}))
	assert.Equal(t, "INVALID n=100 alerts=10", d.state())
}

func TestRule25_ConsecutiveDeliveriesOfOneKindFormOneLine(t *testing.T) {
	t.Parallel()
	d := hook(t, append(failures(0, 99), succeeded(5_000), failed(61_000))...)
	require.Len(t, d.History, 4)
	assert.Equal(t, 1, d.History[0].Count, "the first one is another verdict")
	assert.Equal(t, 98, d.History[1].Count)
	assert.Equal(t, int64(t0+5), d.History[2].Until)
	assert.Equal(t, int64(t0+61), d.History[3].Date)
}

func TestRule25_TheLast100LinesAreKept(t *testing.T) {
	t.Parallel()
	var es []events.Event
	for i := range int64(300) {
		es = append(es, failed(i*60_000), succeeded(i*60_000+30_000))
	}
	d := hook(t, es...)
	assert.Len(t, d.History, 100)
	assert.NotEqual(t, "hookfold.base", d.History[0].Event)
	r := newRunning(t, t0)
	for _, e := range es {
		r.put(t, e)
	}
	r.run(t)
	assert.Equal(t, d, r.doc(t, views.Hooks, string(mangopay.UserKYCRegular)), "also when storage compacts hour by hour")
}

func TestAHookIsFoundByTheProvidersIdToo(t *testing.T) {
	t.Parallel()
	r := newRunning(t, t0)
	r.put(t, updated(1, events.HookReading{HookID: "hook_m_1", Status: "ENABLED"}))
	r.run(t)
	assert.Equal(t, r.doc(t, views.Hooks, string(mangopay.UserKYCRegular)), r.doc(t, views.Hooks, "hook_m_1"))
}
