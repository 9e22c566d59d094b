package jetstream_test

import (
	"fmt"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// Several publishers tell the same facts, each in pieces of its own, each some of them again, one by one or in batches, so
// that batches are refused in the middle of the way.
func TestRule22_FactsAreTheSameWhateverTheBatches(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{})
	var publishers []*jetstream.Facts
	for _, batch := range []int{-1, 0, 2, 12} {
		publishers = append(publishers, factsOn(t, s, log, func(c *jetstream.FactsConfig) { c.Batch = batch }))
	}
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		all := story(rt, round)
		place, err := publishers[0].Newest(t.Context())
		require.NoError(rt, err)
		before := count(t, s)
		came := make([]int, len(publishers))
		for range rapid.IntRange(0, 4).Draw(rt, "pieces") {
			i := rapid.IntRange(0, len(publishers)-1).Draw(rt, "publisher")
			from := wholeRecords(all, rapid.IntRange(0, came[i]).Draw(rt, "from"))
			came[i] = wholeRecords(all, rapid.IntRange(came[i], len(all)).Draw(rt, "to"))
			require.NoError(rt, publishers[i].Publish(t.Context(), all[from:came[i]]))
		}
		require.NoError(rt, publishers[rapid.IntRange(0, len(publishers)-1).Draw(rt, "last")].Publish(t.Context(), all))
		require.Equal(rt, len(all), count(t, s)-before)
		want, have := map[events.Ref][]projections.Fact{}, map[events.Ref][]projections.Fact{}
		for i, change := range keptAfter(t, publishers[0], place, len(all)) {
			want[all[i].Ref] = append(want[all[i].Ref], all[i])
			have[change.Ref] = append(have[change.Ref], change.Fact)
		}
		require.Equal(rt, want, have)
	})
	for _, f := range publishers[2:] {
		assert.Positive(t, f.Tally().Batches)
		assert.Positive(t, f.Tally().Refused)
	}
}

// wholeRecords is n, or as much more as it takes not to cut the facts of a record in two.
func wholeRecords(facts []projections.Fact, n int) int {
	for n > 0 && n < len(facts) && facts[n].Seq == facts[n-1].Seq {
		n++
	}
	return n
}

// story is what a log could have made: records of some resources, each of which moved one machine or more.
func story(t *rapid.T, round int) (all []projections.Fact) {
	resources := rapid.IntRange(1, 6).Draw(t, "resources")
	for seq := range rapid.IntRange(0, 40).Draw(t, "records") {
		id := fmt.Sprintf("u%d.%d", round, rapid.IntRange(1, resources).Draw(t, "resource"))
		for _, machine := range []string{"status", "category", "kyc"}[rapid.IntRange(0, 2).Draw(t, "machines"):] {
			all = append(all, projections.Fact{
				Transition: projections.Transition{
					Ref: events.Ref{Source: "mangopay", Kind: "user", ID: id}, Machine: machine, Seq: projections.Seq(seq + 1),
					To: rapid.SampledFrom([]string{"", "A", "B c", "*"}).Draw(t, "to"),
				},
				Model: "users", Event: "E", Date: 1_700_000_000, Time: time.Unix(1_700_000_001, 0).UTC(),
			})
		}
	}
	return all
}

// stream is the stream of facts.
func stream(t *testing.T, s *site) (natsjs.JetStream, natsjs.StreamConfig) {
	t.Helper()
	js, err := natsjs.New(s.nc)
	require.NoError(t, err)
	t.Cleanup(js.CleanupPublisher)
	info, err := js.Stream(t.Context(), "HOOKFOLD_FACTS")
	require.NoError(t, err)
	return js, info.CachedInfo().Config
}

func TestOpenFacts_AnExistingStreamIsMadeToTakeBatches(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{})
	all := lifeOf("u", "A", "B", "C", "D", "E", "F")
	require.NoError(t, factsOn(t, s, log, ways["one by one"]).Publish(t.Context(), all[:1]))
	_, have := stream(t, s)
	require.False(t, have.AllowAtomicPublish, "whoever wants none does not change the stream")

	facts := factsOn(t, s, log, ways["in batches"])
	js, have := stream(t, s)
	require.True(t, have.AllowAtomicPublish)
	require.NoError(t, facts.Publish(t.Context(), all[:3]))
	assert.Equal(t, uint64(1), facts.Tally().Refused, "it did not know what was there")
	assert.Equal(t, uint64(2), facts.Tally().Batched)

	// Somebody changes the stream back.
	have.AllowAtomicPublish = false
	_, err := js.UpdateStream(t.Context(), have)
	require.NoError(t, err)
	require.NoError(t, facts.Publish(t.Context(), all))
	assert.Equal(t, uint64(3), facts.Tally().Single)
	assert.Equal(t, uint64(1), facts.Tally().Batches)
	for i, c := range kept(t, facts, len(all)) {
		assert.Equal(t, all[i], c.Fact)
	}
	assert.Equal(t, len(all), count(t, s))
}

// A batch holds more facts than a server takes at a time, of one resource and of many.
func TestFacts_MoreThanABatchHolds(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	facts := factsOn(t, s, s.open(jetstream.LogConfig{}), ways["in batches"])
	var all []projections.Fact
	for i := range 2300 {
		f := lifeOf(fmt.Sprint("u", i%5*(i%2)), "A")[0]
		f.Seq = projections.Seq(i + 1)
		all = append(all, f)
	}
	require.NoError(t, facts.Publish(t.Context(), all))
	assert.Equal(t, jetstream.FactsTally{Batched: 2300, Batches: 3}, withoutTime(facts.Tally()))
	for i, c := range kept(t, facts, len(all)) {
		require.Equal(t, all[i], c.Fact, "in the order of the log, also across resources")
	}
	require.NoError(t, facts.Publish(t.Context(), all))
	assert.Equal(t, jetstream.FactsTally{Batched: 2300, Batches: 3, Known: 2300}, withoutTime(facts.Tally()))
	assert.Positive(t, facts.Tally().Spent)
}

// What is there is asked of many resources at once, and of one at a time where that is more than a server tells at once.
func TestFacts_WhatIsThereIsKnownAgainAfterAReopening(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{})
	var all []projections.Fact
	for value := range 20 { // 64 resources have 1280 last messages
		for i := range 70 {
			f := lifeOf(fmt.Sprint("u.", i), fmt.Sprint(value))[0]
			f.Seq = projections.Seq(len(all) + 1)
			all = append(all, f)
		}
	}
	require.NoError(t, factsOn(t, s, log, ways["in batches"]).Publish(t.Context(), all[:70]))
	few := factsOn(t, s, log)
	require.NoError(t, few.Publish(t.Context(), all[:70]))
	assert.Equal(t, jetstream.FactsTally{Known: 70, Refused: 64}, withoutTime(few.Tally()))
	require.NoError(t, factsOn(t, s, log, ways["in batches"]).Publish(t.Context(), all))
	for way, batch := range ways {
		again := factsOn(t, s, log, batch)
		require.NoError(t, again.Publish(t.Context(), all))
		assert.Equal(t, uint64(len(all)), again.Tally().Known, way)
	}
	require.Equal(t, len(all), count(t, s))
}

func TestFacts_OfOneKindFromTwoReadModelsAreRefusedAndNotLost(t *testing.T) {
	t.Parallel()
	for way, batch := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, embedded.Config{Sync: embedded.Interval})
			log := s.open(jetstream.LogConfig{})
			told := func(model string, seq projections.Seq, ids ...string) (facts []projections.Fact) {
				for _, id := range ids {
					f := lifeOf(id, "A")[0]
					f.Model, f.Seq = model, seq
					facts = append(facts, f)
				}
				return facts
			}
			first, other := factsOn(t, s, log, batch), factsOn(t, s, log, batch)
			require.NoError(t, first.Publish(t.Context(), told("users", 5, "a", "b")))
			for _, seq := range []projections.Seq{3, 5, 7} { // earlier than what is there, the same, and later
				err := other.Publish(t.Context(), told("clients", seq, "a"))
				require.ErrorIs(t, err, jetstream.ErrOtherModel)
				require.NotErrorIs(t, err, projections.ErrAway)
				require.ErrorContains(t, err, "(users of kind user; here from clients)")
			}
			require.Equal(t, 2, count(t, s))

			require.NoError(t, other.Publish(t.Context(), told("clients", 8, "c")))
			require.ErrorIs(t, first.Publish(t.Context(), told("users", 9, "c")), jetstream.ErrOtherModel, "whoever meets the other's")
			require.NoError(t, factsOn(t, s, log, batch).Publish(t.Context(), told("users", 9, "a", "b")), "its next version")
			require.Equal(t, 5, count(t, s))
		})
	}
}

func withoutTime(f jetstream.FactsTally) jetstream.FactsTally {
	f.Spent = 0
	return f
}
