package jetstream_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// importing runs an import until its steps have satisfied someone, and returns all of them.
func importing(t testing.TB, c jetstream.ImportConfig, enough func(jetstream.Imported) bool) []jetstream.Imported {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var steps []jetstream.Imported
	c.Observe = func(step jetstream.Imported) {
		steps = append(steps, step)
		if enough(step) {
			cancel()
		}
	}
	require.ErrorIs(t, jetstream.Import(ctx, c), context.Canceled)
	return steps
}

// until is satisfied when the import has come to a sequence of the foreign stream.
func until(seq projections.Seq) func(jetstream.Imported) bool {
	return func(step jetstream.Imported) bool { return step.Position.Seq >= seq }
}

// all reads everything that a log of ours holds.
func all(t testing.TB, log *jetstream.Log) []projections.Record {
	t.Helper()
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	if head.Seq == 0 {
		return nil
	}
	records, err := read(t, cursor(t, log, projections.Position{}), int(head.Seq))
	require.NoError(t, err)
	return records
}

func TestAnImportKeepsIdentityAndOriginAndLosesNothing(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{Subjects: []string{"acme.>"}})
	p.publish("acme.orders", "not ours")
	p.publish(hooks, message(1), message(2), message(1), "garbage", "garbage",
		`{"EventType":"USER_KYC_LIGHT","RessourceId":"","Date":1743627006}`, message(3))
	ours := newSite(t, embedded.Config{}).open(jetstream.LogConfig{})
	steps := importing(t, jetstream.ImportConfig{From: p.foreign(jetstream.ForeignConfig{}), To: ours}, until(8))
	var sum jetstream.Imported
	for _, s := range steps {
		sum.Events, sum.Undecodable, sum.Passed = sum.Events+s.Events, sum.Undecodable+s.Undecodable, sum.Passed+s.Passed
	}
	require.Equal(t, jetstream.Imported{Events: 4, Undecodable: 2, Passed: 1}, sum)

	type kept struct {
		id      events.ID
		attempt uint64
	}
	var have []kept
	for _, r := range all(t, ours) {
		assert.Equal(t, events.Import, r.Event.Delivery.Origin)
		assert.Equal(t, "PAYMENTS", r.Event.Delivery.Replica)
		if r.Event.Type == events.Undecodable {
			assert.Contains(t, string(r.Event.Data), `"raw":"garbage"`)
			have = append(have, kept{attempt: r.Event.Delivery.Attempt})
			continue
		}
		have = append(have, kept{r.Event.ID(), r.Event.Delivery.Attempt})
	}
	require.Equal(t, []kept{{event(1).ID(), 2}, {event(2).ID(), 3}, {attempt: 5}, {attempt: 6}, {event(3).ID(), 8}}, have)
}

func TestAnImportGoesOnWhereItWasAndCopiesNothingTwice(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	const n = 3000
	p.publish(hooks, messages(0, n)...)
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	first := true
	for _, stop := range []projections.Seq{1, 600, 601, 2000, n} {
		ours := s.open(jetstream.LogConfig{Duplicates: 100 * time.Millisecond})
		from := p.foreign(jetstream.ForeignConfig{Batch: 700})
		steps := importing(t, jetstream.ImportConfig{From: from, To: ours}, until(stop))
		if !first {
			require.Positive(t, steps[0].Position.Seq, "the first step tells where it begins")
		}
		first = false
		head, err := ours.Head(t.Context())
		require.NoError(t, err)
		require.Equal(t, steps[len(steps)-1].Position.Seq, head.Seq, "the step under way was finished and written down")
		require.NoError(t, ours.Close())
	}
	records := all(t, s.open(jetstream.LogConfig{}))
	requireMessages(t, asTheirs(records), 0, n)
}

// asTheirs gives records the time and the sequence that they have in the foreign stream.
func asTheirs(records []projections.Record) []projections.Record {
	for i, r := range records {
		records[i].Time = time.UnixMilli(r.Event.Delivery.Received)
		records[i].Seq = projections.Seq(r.Event.Delivery.Attempt)
	}
	return records
}

func TestAnImportThroughRestartsOfBothServersLosesNothing(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{Subjects: []string{"acme.>"}})
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	const n = 600
	p.publish(hooks, messages(0, n/2)...)
	ours, from := s.open(jetstream.LogConfig{}), p.foreign(jetstream.ForeignConfig{Batch: 50})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	came := make(chan projections.Seq, 10_000)
	wg.Go(func() {
		for ctx.Err() == nil {
			err := jetstream.Import(ctx, jetstream.ImportConfig{
				From: from, To: ours, Observe: func(step jetstream.Imported) { came <- step.Position.Seq },
			})
			away := errors.Is(err, projections.ErrAway) || errors.Is(err, projections.ErrFenced) // by its own lost answer
			if ctx.Err() == nil && !assert.True(t, away, "%v", err) {
				return
			}
		}
	})
	<-came
	s.restart(nil)
	p.restart(nil)
	p.publish(hooks, messages(n/2, n)...)
	deadline := time.After(patience)
	for seq := projections.Seq(0); seq < n; {
		select {
		case seq = <-came:
		case <-deadline:
			t.Fatal("the import does not end")
		}
	}
	cancel()
	wg.Wait()
	requireMessages(t, asTheirs(all(t, ours)), 0, n)
}

func TestOfTwoThatImportTheSameTheSlowerOneIsTold(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	p.publish(hooks, messages(0, 10)...)
	ours := newSite(t, embedded.Config{}).open(jetstream.LogConfig{})
	c := jetstream.ImportConfig{From: p.foreign(jetstream.ForeignConfig{Batch: 5}), To: ours}
	slow := c
	slow.Observe = func(step jetstream.Imported) {
		if step.Position.Seq == 5 {
			importing(t, c, until(10))
		}
	}
	require.ErrorIs(t, jetstream.Import(t.Context(), slow), projections.ErrFenced)
	importing(t, c, until(10))
	requireMessages(t, asTheirs(all(t, ours)), 0, 10)
}

func TestAnImportUnderANewNameBeginsAtTheBeginning(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	p.publish(hooks, messages(0, 3)...)
	ours := newSite(t, embedded.Config{}).open(jetstream.LogConfig{})
	wrong := p.foreign(jetstream.ForeignConfig{Decode: func(string, map[string][]string, []byte) (events.Event, error) {
		return events.Event{}, assert.AnError
	}})
	importing(t, jetstream.ImportConfig{From: wrong, To: ours, Name: "query"}, until(3))
	importing(t, jetstream.ImportConfig{From: p.foreign(jetstream.ForeignConfig{}), To: ours, Name: "json"}, until(3))
	records := all(t, ours)
	require.Len(t, records, 6)
	require.Equal(t, events.Undecodable, records[2].Event.Type)
	requireMessages(t, asTheirs(records[3:]), 0, 3)
}

func TestAnImportStopsAtALossUnlessItIsAccepted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lose func(*platform)
		want error
	}{
		"left unread": {func(p *platform) {
			p.publish(hooks, messages(100, 105)...)
			require.NoError(p.t, p.stream.Purge(p.t.Context()))
		}, projections.ErrHole},
		"made anew": {(*platform).recreate, projections.ErrRecreated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, natsjs.StreamConfig{})
			p.publish(hooks, messages(0, 5)...)
			ours := newSite(t, embedded.Config{}).open(jetstream.LogConfig{})
			importing(t, jetstream.ImportConfig{From: p.foreign(jetstream.ForeignConfig{}), To: ours}, until(5))
			test.lose(p)
			last := p.publish(hooks, messages(5, 8)...)
			err := jetstream.Import(t.Context(), jetstream.ImportConfig{From: p.foreign(jetstream.ForeignConfig{}), To: ours})
			require.ErrorIs(t, err, test.want)
			accept := p.foreign(jetstream.ForeignConfig{AcceptLoss: true})
			steps := importing(t, jetstream.ImportConfig{From: accept, To: ours}, func(step jetstream.Imported) bool {
				return step.Seq == 8 && step.Position.Seq == last
			})
			if errors.Is(test.want, projections.ErrRecreated) {
				require.ErrorIs(t, steps[0].Anew, test.want)
			}
			importing(t, jetstream.ImportConfig{From: p.foreign(jetstream.ForeignConfig{}), To: ours}, until(last))
			records := all(t, ours)
			require.Len(t, records, 8)
			require.Equal(t, event(7).ID(), records[7].Event.ID())
		})
	}
}

func TestAnImportThatRunsBeginsAnewWithAStreamThatIsMadeAnewWhereLossIsAccepted(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	p.publish(hooks, messages(0, 5)...)
	ours := newSite(t, embedded.Config{}).open(jetstream.LogConfig{})
	from := p.foreign(jetstream.ForeignConfig{AcceptLoss: true})
	again := false
	importing(t, jetstream.ImportConfig{From: from, To: ours}, func(step jetstream.Imported) bool {
		if step.Position.Seq == 5 && !again {
			again = true
			p.recreate()
			p.publish(hooks, messages(5, 7)...)
		}
		return step.Seq == 7
	})
	require.Len(t, all(t, ours), 7)
}

func TestWhileItsSubjectIsQuietAnImportPassesWhatOthersPublish(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{Subjects: []string{"acme.>"}})
	p.publish(hooks, message(0))
	last := p.publish("acme.orders", "1", "2", "3")
	ours := newSite(t, embedded.Config{}).open(jetstream.LogConfig{})
	c := jetstream.ImportConfig{From: p.foreign(jetstream.ForeignConfig{}), To: ours, Idle: time.Millisecond}
	importing(t, c, until(last))
	require.NoError(t, p.stream.Purge(t.Context())) // by then, whatever leaves is no loss
	p.publish(hooks, message(1))
	importing(t, c, until(last+1))
	requireMessages(t, asTheirs(all(t, ours)), 0, 2)
}

func TestAnImportTellsWhatItCannotDo(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	ours, theirs := p.open(jetstream.LogConfig{}), p.foreign(jetstream.ForeignConfig{})
	err := jetstream.Import(t.Context(), jetstream.ImportConfig{From: ours, To: theirs, Idle: -1, Name: string(make([]byte, 513))})
	for _, problem := range []string{"From", "To", "Idle", "Name"} {
		require.ErrorContains(t, err, "jetstream: "+problem)
	}
	itself, err := jetstream.OpenForeign(t.Context(), p.connect(), jetstream.ForeignConfig{
		Stream: "HOOKFOLD", Decode: func(string, map[string][]string, []byte) (events.Event, error) { return event(0), nil },
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = itself.Close() })
	require.ErrorIs(t, jetstream.Import(t.Context(), jetstream.ImportConfig{From: itself, To: ours}), jetstream.ErrItself)
}

func TestAFullLogStopsAnImportAndNothingIsLeftOut(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	const n = 3000
	p.publish(hooks, messages(0, n)...)
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	from := p.foreign(jetstream.ForeignConfig{})
	full := jetstream.ImportConfig{From: from, To: s.open(jetstream.LogConfig{MaxBytes: 500_000})}
	require.ErrorIs(t, jetstream.Import(t.Context(), full), projections.ErrFull)
	more := jetstream.ImportConfig{From: from, To: s.open(jetstream.LogConfig{MaxBytes: 50_000_000})}
	importing(t, more, until(n))
	requireMessages(t, asTheirs(all(t, s.open(jetstream.LogConfig{}))), 0, n)
}

func TestAStepOfAnImportThatHasBegunIsFinishedWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	p.publish(hooks, message(0))
	site := newSite(t, embedded.Config{})
	ours := site.open(jetstream.LogConfig{})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	_, err := site.connect().Subscribe("hookfold.log.>", func(*nats.Msg) { stop() }) // while the event is appended
	require.NoError(t, err)
	var last jetstream.Imported
	err = jetstream.Import(ctx, jetstream.ImportConfig{
		From: p.foreign(jetstream.ForeignConfig{}), To: ours, Observe: func(step jetstream.Imported) { last = step },
	})
	require.ErrorIs(t, err, context.Canceled)
	require.EqualValues(t, 1, last.Position.Seq, "it was written down")
	requireMessages(t, asTheirs(all(t, ours)), 0, 1)
}
