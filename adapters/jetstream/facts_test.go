package jetstream_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
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
	"github.com/hookfold/hookfold/projections/views"
)

// factsOn opens the facts of a log on a connection of their own, as another process would.
func factsOn(t *testing.T, s *site, log *jetstream.Log, change ...func(*jetstream.FactsConfig)) *jetstream.Facts {
	t.Helper()
	c := jetstream.FactsConfig{Log: log}
	for _, f := range change {
		f(&c)
	}
	facts, err := jetstream.OpenFacts(t.Context(), s.connect(), c)
	require.NoError(t, err)
	t.Cleanup(func() { _ = facts.Close() })
	return facts
}

// kept reads n facts from the beginning.
func kept(t *testing.T, f *jetstream.Facts, n int) []projections.Change {
	t.Helper()
	return keptAfter(t, f, "", n)
}

func keptAfter(t *testing.T, f *jetstream.Facts, place string, n int) (out []projections.Change) {
	t.Helper()
	if n == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for change, err := range f.Watch(ctx, place) {
		require.NoError(t, err)
		if out = append(out, change); len(out) == n {
			break
		}
	}
	return out
}

// count is how many facts are kept.
func count(t *testing.T, s *site) int {
	t.Helper()
	js, err := natsjs.New(s.nc)
	require.NoError(t, err)
	defer js.CleanupPublisher()
	info, err := js.Stream(t.Context(), "HOOKFOLD_FACTS")
	require.NoError(t, err)
	return int(info.CachedInfo().State.Msgs)
}

// expected folds records in memory, one by one, and gives the transitions of each resource.
func expected(t *testing.T, records []projections.Record) (byRef map[events.Ref][]projections.Transition, n int) {
	t.Helper()
	byRef = map[events.Ref][]projections.Transition{}
	for ref, own := range byRefOf(records) {
		for i := range own {
			for _, moved := range difference(ref, own[:i], own[:i+1]) {
				byRef[ref] = append(byRef[ref], moved)
				n++
			}
		}
	}
	return byRef, n
}

func byRefOf(records []projections.Record) ledgerOf { return byRef(records) }

// difference compares what is published of two prefixes.
func difference(ref events.Ref, before, after []projections.Record) (out []projections.Transition) {
	values := func(rs []projections.Record) []projections.Value {
		if ref.Kind == "user" {
			v := projections.Fold(views.Users, ref, rs, projections.AsOf{}).Value
			return views.Users.Values(&v, nil)
		}
		v := projections.Fold(views.Sessions, ref, rs, projections.AsOf{}).Value
		return views.Sessions.Values(&v, nil)
	}
	a, b := values(before), values(after)
	for i := range b {
		if a[i] != b[i] {
			out = append(out, projections.Transition{Ref: ref, Machine: b[i].Machine, Seq: after[len(after)-1].Seq, From: a[i].Value, To: b[i].Value})
		}
	}
	return out
}

// requireFacts holds that every transition is kept once, and those of one resource in order.
func requireFacts(t *testing.T, s *site, f *jetstream.Facts, records []projections.Record) {
	t.Helper()
	want, n := expected(t, records)
	require.Equal(t, n, count(t, s))
	have := map[events.Ref][]projections.Transition{}
	for _, c := range kept(t, f, n) {
		have[c.Ref] = append(have[c.Ref], c.Transition)
	}
	require.Equal(t, want, have)
}

// steps stops a projector at every step between the publishing of facts and the commit that covers them.
type steps struct {
	projections.Store
	facts projections.Facts
	rng   *rand.Rand
	cuts  int
}

var errCut = errors.New("killed here")

func (s *steps) cut(step int) error {
	if s.rng.IntN(12) != step {
		return nil
	}
	s.cuts++
	return errCut
}

func (s *steps) Publish(ctx context.Context, facts []projections.Fact) error {
	if err := s.cut(0); err != nil {
		return err
	}
	if err := s.cut(1); err != nil { // in the middle
		return errors.Join(err, s.facts.Publish(ctx, facts[:wholeRecords(facts, s.rng.IntN(len(facts)))]))
	}
	return errors.Join(s.facts.Publish(ctx, facts), s.cut(2))
}

func (s *steps) Commit(ctx context.Context, c projections.Commit) error {
	if len(c.Rows) == 0 {
		return s.Store.Commit(ctx, c)
	}
	if err := s.cut(3); err != nil {
		return err
	}
	return errors.Join(s.Store.Commit(ctx, c), s.cut(4))
}

// foldWithFacts folds a log to its end, with what may go wrong.
func foldWithFacts(t *testing.T, c projections.Config, upTo projections.Seq) {
	t.Helper()
	c.Models = views.All()
	if c.Retry == nil {
		c.Retry = func(ctx context.Context, err error, _ int) bool { return ctx.Err() == nil && errors.Is(err, errCut) }
	}
	proj, err := projections.New(c)
	require.NoError(t, err)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- proj.Run(ctx) }()
	require.NoError(t, proj.Wait(ctx, upTo))
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
}

func TestRule22_FactsAreKeptOnceAcrossACrashAtEveryStepAndARestartOfTheServer(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"memory", "kv"} {
		for way, batch := range ways {
			t.Run(kind+" "+way, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, embedded.Config{Sync: embedded.Interval})
				log := s.open(jetstream.LogConfig{Batch: 20})
				records := fillWithLives(t, log, 300, 12)
				facts := factsOn(t, s, log, batch)
				var store projections.Store = projections.NewMemoryStore()
				if kind == "kv" {
					store = s.store(t, jetstream.StoreConfig{})
				}
				cut := &steps{Store: store, facts: facts, rng: rand.New(rand.NewPCG(1, 9))}
				foldWithFacts(t, projections.Config{Log: log, Store: cut, Facts: cut}, projections.Seq(len(records)))
				require.Greater(t, cut.cuts, 8)
				requireFacts(t, s, facts, records)
				requireWay(t, way, facts)

				// The server remembers ids for 100 ms, and nothing at all after a restart.
				s.restart(nil)
				again := factsOn(t, s, log, batch)
				foldWithFacts(t, projections.Config{Log: log, Store: projections.NewMemoryStore(), Facts: again, Retry: patient}, projections.Seq(len(records)))
				requireFacts(t, s, again, records)
				require.Zero(t, again.Tally().Single+again.Tally().Batched)
			})
		}
	}
}

// ways are how facts are published.
var ways = map[string]func(*jetstream.FactsConfig){
	"one by one": func(c *jetstream.FactsConfig) { c.Batch = -1 },
	"in batches": func(c *jetstream.FactsConfig) { c.Batch = 2 },
}

// requireWay holds that facts were published as they were to be.
func requireWay(t *testing.T, way string, f *jetstream.Facts) {
	t.Helper()
	have := f.Tally()
	if way == "one by one" {
		require.Zero(t, have.Batches)
		return
	}
	require.Greater(t, have.Batches, uint64(5))
	require.Greater(t, have.Batched, 2*have.Batches)
}

// patient goes on as long as there is time.
func patient(ctx context.Context, _ error, _ int) bool { return ctx.Err() == nil }

func TestRule22_TwoProjectorsThatTellTheSameNeitherDoubleNorTurnAround(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{Batch: 30})
	records := fillWithLives(t, log, 400, 6)
	t.Run("together", func(t *testing.T) {
		for i := range 3 { // each believes that it is the only one
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				c := projections.Config{Log: log, Store: projections.NewMemoryStore(), Facts: factsOn(t, s, log, func(c *jetstream.FactsConfig) { c.Batch = 8*i - 1 })}
				foldWithFacts(t, c, projections.Seq(len(records)))
			})
		}
	})
	requireFacts(t, s, factsOn(t, s, log), records)
}

// A projector that was stopped before it published, while another went on, wakes up and publishes.
func TestRule22_AZombieCannotTellTooLate(t *testing.T) {
	t.Parallel()
	for way, batch := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, embedded.Config{Sync: embedded.Interval})
			log := s.open(jetstream.LogConfig{})
			zombie, owner := factsOn(t, s, log, batch), factsOn(t, s, log, batch)
			all := lifeOf("user_m_1", "LIGHT", "REGULAR", "LIGHT", "REGULAR")
			require.NoError(t, zombie.Publish(t.Context(), all[:1]))
			require.NoError(t, owner.Publish(t.Context(), all))
			require.NoError(t, zombie.Publish(t.Context(), all[1:2]))
			require.NoError(t, zombie.Publish(t.Context(), all))
			have := kept(t, owner, 4)
			for i, c := range have {
				assert.Equal(t, all[i], c.Fact)
			}
			assert.Equal(t, 4, count(t, s))
		})
	}
}

// lifeOf are facts of one user, two of which one record made.
func lifeOf(id string, to ...string) (out []projections.Fact) {
	from := ""
	for i, value := range to {
		f := projections.Fact{
			Transition: projections.Transition{
				Ref: events.Ref{Source: "mangopay", Kind: "user", ID: id}, Machine: "kyc", Seq: projections.Seq(i + 1), From: from, To: value,
			},
			Model: "users", Event: "USER_KYC_" + events.Type(value), Date: 1_700_000_000 + int64(i), Time: time.Unix(1_700_000_001, 7).UTC(),
		}
		if i == 2 {
			f.Machine, f.Seq = "status", 2
		}
		out, from = append(out, f), value
	}
	return out
}

func TestWatch_GoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{})
	facts, err := jetstream.OpenFacts(t.Context(), s.nc, jetstream.FactsConfig{Log: log}) // on the connection that restart waits for
	require.NoError(t, err)
	t.Cleanup(func() { _ = facts.Close() })
	start, err := facts.Newest(t.Context())
	require.NoError(t, err)
	all := lifeOf("u", "LIGHT", "REGULAR", "LIGHT", "REGULAR")
	require.NoError(t, facts.Publish(t.Context(), all))
	first := keptAfter(t, facts, start, 2)
	s.restart(nil)
	rest := keptAfter(t, facts, first[1].Place, 2)
	assert.Equal(t, all[2:], []projections.Fact{rest[0].Fact, rest[1].Fact})
	newest, err := facts.Newest(t.Context())
	require.NoError(t, err)
	assert.Equal(t, rest[1].Place, newest)
	for _, place := range []string{"x", "a-b-c", "1-2", newest + "0", "-" + newest, newest + "-"} {
		for _, err := range facts.Watch(t.Context(), place) {
			assert.Error(t, err, place)
		}
	}
}

func TestWatch_SaysWhenWhatFollowsIsNoLongerKept(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{})
	facts := factsOn(t, s, log, func(c *jetstream.FactsConfig) { c.MaxBytes = 2000 })
	all := lifeOf("u", "A", "B", "C", "D", "E", "F", "G", "H")
	require.NoError(t, facts.Publish(t.Context(), all[:1]))
	place := kept(t, facts, 1)[0].Place
	require.NoError(t, facts.Publish(t.Context(), all))
	require.Less(t, count(t, s), len(all)-1)
	for _, err := range facts.Watch(t.Context(), place) {
		require.ErrorIs(t, err, projections.ErrForgotten)
	}
	require.NoError(t, facts.Publish(t.Context(), all), "this process still knows what it told")
	assert.Equal(t, all[7], kept(t, facts, count(t, s))[count(t, s)-1].Fact)

	anew := factsOn(t, s, log, func(c *jetstream.FactsConfig) { c.Anew = true })
	for _, err := range anew.Watch(t.Context(), place) {
		require.ErrorIs(t, err, projections.ErrRecreated)
	}
}

func TestOpenFacts_RefusesAStreamThatIsNotTheirs(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{})
	other := s.open(jetstream.LogConfig{Stream: "OTHER", Prefix: "other"})
	factsOn(t, s, log)
	_, err := jetstream.OpenFacts(t.Context(), s.nc, jetstream.FactsConfig{Log: other})
	require.ErrorIs(t, err, jetstream.ErrOtherLog)
	_, err = jetstream.OpenFacts(t.Context(), s.nc, jetstream.FactsConfig{Log: log, Stream: "OTHER", Prefix: "o"})
	var differs *jetstream.FactsError
	require.ErrorAs(t, err, &differs)
	assert.ErrorContains(t, err, "discard is")
	_, err = jetstream.OpenFacts(t.Context(), s.nc, jetstream.FactsConfig{Stream: "NOBODYS"})
	require.ErrorIs(t, err, projections.ErrAway)
	_, err = jetstream.OpenFacts(t.Context(), s.nc, jetstream.FactsConfig{Stream: "a.b", Prefix: "*", MaxAge: -1, MaxBytes: -1, Replicas: 6, Timeout: -1, Batch: 1001, Anew: true})
	for _, part := range []string{"Batch", "Stream", "Prefix", "MaxAge", "MaxBytes", "Replicas", "Timeout", "Anew"} {
		assert.ErrorContains(t, err, part)
	}
	watching, err := jetstream.OpenFacts(t.Context(), s.nc, jetstream.FactsConfig{})
	require.NoError(t, err)
	assert.ErrorIs(t, watching.Publish(t.Context(), lifeOf("u", "A")), projections.ErrReadOnly)
	require.NoError(t, watching.Close())
	assert.ErrorIs(t, watching.Publish(t.Context(), nil), projections.ErrReadOnly)
}

// Somebody who knows nothing of Hookfold but its subjects hears of one kind of change alone.
func TestFacts_ASubscriberInAnyLanguageChoosesBySubject(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{})
	heard, err := s.nc.SubscribeSync("hookfold.fact.*.user.REGULAR.>")
	require.NoError(t, err)
	require.NoError(t, factsOn(t, s, log).Publish(t.Context(), lifeOf("user_m_1", "LIGHT", "REGULAR")))
	m, err := heard.NextMsg(patience)
	require.NoError(t, err)
	assert.Equal(t, "hookfold.fact.mangopay.user.REGULAR.user_m_1", m.Subject)
	assert.Equal(t, "kyc", m.Header.Get(jetstream.MachineHeader))
	assert.Equal(t, "user/user_m_1", headerOf(m, "ce-subject"))
	assert.Equal(t, "hookfold.transition", headerOf(m, "ce-type"))
	assert.JSONEq(t, `{"v":1,"source":"mangopay","type":"hookfold.transition","kind":"user","id":"user_m_1","date":1700000001,
		"data":{"fact":"user/user_m_1/kyc/2","model":"users","machine":"kyc","from":"LIGHT","to":"REGULAR","seq":2,"stored":1700000001000000007,
		"event":"USER_KYC_REGULAR","confirmed":false,"correction":false}}`, string(m.Data))
	_, err = heard.NextMsg(10 * time.Millisecond)
	assert.ErrorIs(t, err, nats.ErrTimeout, "LIGHT was not asked for")
}

// A value is whatever a model publishes, and a provider's status of tomorrow may be long.
func TestFacts_AValueOfAnyLengthIsKept(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	facts := factsOn(t, s, s.open(jetstream.LogConfig{}))
	long := strings.Repeat("é", 3000)
	heard, err := s.nc.SubscribeSync(fmt.Sprintf("hookfold.fact.*.user./%x.u", sha256.Sum256([]byte(long))))
	require.NoError(t, err)
	require.NoError(t, s.nc.Flush())
	require.NoError(t, facts.Publish(t.Context(), lifeOf("u", "LIGHT", long, long+"!", "REGULAR")))
	_, err = heard.NextMsg(patience)
	require.NoError(t, err, "a subscriber can make the subject of the value")
	var values []string
	for _, change := range kept(t, facts, 4) {
		values = append(values, change.To)
	}
	assert.Equal(t, []string{"LIGHT", long, long + "!", "REGULAR"}, values)
}

func headerOf(m *nats.Msg, key string) string { return fmt.Sprint(m.Header[key][0]) }
