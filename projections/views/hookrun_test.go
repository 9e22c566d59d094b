package views_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// ourHook is the hook that ours is about.
var ourHook = events.Ref{Source: mangopay.Source, Kind: views.KindHook, ID: string(mangopay.UserKYCRegular)}

// hookOf folds facts into a view.
func hookOf(es ...events.Event) projections.View[views.Hook] {
	recs := make([]projections.Record, len(es))
	for i, e := range es {
		recs[i] = projections.Record{Event: e}
	}
	return projections.Fold(views.Hooks, ourHook, recs, projections.AsOf{})
}

// aggregate is n failures from one millisecond to another.
func aggregate(n int, first, last int64) events.Event {
	return ours(events.DeliveryFailed, events.Attempt{At: ms(last), First: ms(first), Count: n, Replica: "a", N: uint64(last)})
}

func TestRule24_TheRunOfFailuresIsFromItsFirstToItsNewest(t *testing.T) {
	t.Parallel()
	valid := events.HookReading{Validity: "VALID"}
	for name, c := range map[string]struct {
		facts       []events.Event
		first, last int64 // -1: none
	}{
		"nothing failed":                     {[]events.Event{succeeded(1)}, -1, -1},
		"one failure":                        {[]events.Event{failed(4)}, 4, 4},
		"a run":                              {[]events.Event{failed(9), failed(4), failed(7)}, 4, 9},
		"a success ends it":                  {[]events.Event{failed(4), succeeded(5)}, -1, -1},
		"and another begins":                 {[]events.Event{failed(4), succeeded(5), failed(6), failed(8)}, 6, 8},
		"an aggregate tells its first":       {[]events.Event{aggregate(7, 10, 90)}, 10, 90},
		"an aggregate without a first":       {[]events.Event{ours(events.DeliveryFailed, events.Attempt{At: ms(9), Count: 3})}, 9, 9},
		"an aggregate ending before it":      {[]events.Event{aggregate(7, 95, 90)}, 90, 90},
		"an aggregate around a success":      {[]events.Event{succeeded(50), aggregate(7, 10, 90)}, 50, 90},
		"an aggregate inside of a run":       {[]events.Event{failed(5), aggregate(7, 10, 90)}, 5, 90},
		"VALID is read":                      {[]events.Event{failed(4), updated(6, valid)}, 4, 4},
		"the hundredth ends it":              {append(failures(0, 100), failed(500)), 0, 99},
		"a success at an INVALID hook":       {append(failures(0, 100), succeeded(500)), 0, 99},
		"an INVALID hook is revived":         {append(failures(0, 100), updated(500, valid)), -1, -1},
		"INVALID is read before any failure": {[]events.Event{updated(1, events.HookReading{Validity: "INVALID"}), failed(2)}, -1, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, last := int64(0), int64(0)
			if c.first >= 0 {
				first, last = ms(c.first), ms(c.last)
			}
			h := hookOf(c.facts...).Value
			assert.Equal(t, [2]int64{first, last}, [2]int64{h.FirstFailure, h.LastFailure})
		})
	}
}

func TestAWarningIsNotedMovesNothingAndIsForgottenWithItsRun(t *testing.T) {
	t.Parallel()
	warned := func(at int64, level int) events.Event {
		return ours(events.HookAlerted, events.HookAlert{At: ms(at), Level: level, Failures: 2})
	}
	plain := hookOf(failed(1), failed(2))
	v := hookOf(failed(1), warned(2, 25), failed(2), warned(2, 50))
	assert.Equal(t, 50, v.Value.Alerted)
	with := v.Value
	with.Alerted = 0
	assert.Equal(t, plain.Value, with)
	last := v.History[len(v.History)-1]
	assert.Equal(t, [4]string{"hookfold.hook.alert", "noted", "VALID", "VALID"}, [4]string{last.Event, last.Verdict.String(), last.From, last.To})
	for name, after := range map[string]events.Event{"a success": succeeded(3), "a revival": updated(3, events.HookReading{Validity: "VALID"})} {
		es := []events.Event{failed(1), warned(1, 25), after}
		if name == "a revival" {
			es = append(es, updated(2, events.HookReading{Validity: "INVALID"}))
		}
		assert.Zero(t, hookOf(es...).Value.Alerted, name)
	}
	assert.False(t, hookOf(warned(1, 25)).Known(), "a warning alone makes no document")
	assert.Zero(t, hookOf(succeeded(1), warned(2, 25)).Value.Alerted, "a warning of a run that a late success has ended")
}
