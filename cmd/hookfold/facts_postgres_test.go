//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/internal/pgtest"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// serveKillsEnv says how often TestRule22_FactsAndTablesOfAServerThatIsKilled kills, serveSeedEnv at which instants.
const (
	serveKillsEnv = "HOOKFOLD_SERVE_KILLS"
	serveSeedEnv  = "HOOKFOLD_SERVE_SEED"
)

// number is what a variable of the environment says.
func number(t *testing.T, name string, without int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return without
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, name)
	return n
}

// database is a PostgreSQL of the test's own.
func database(t *testing.T) *pgtest.Server {
	t.Helper()
	server, err := pgtest.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	return server
}

// webhooks are what a provider says of a few users and sessions in n rounds, out of order and with repetitions.
type webhooks struct {
	rng    *rand.Rand
	rounds int

	mu       sync.Mutex
	answered map[notice]bool // with 200
}

// notice is what tells two notifications apart.
type notice struct {
	what events.Type
	of   string
	date int64
}

var sayings = []events.Type{
	"USER_KYC_LIGHT", "USER_KYC_REGULAR", "USER_KYC_RENEWAL_REQUIRED", "USER_KYC_RENEWED", "USER_ACCOUNT_ACTIVATED", "USER_CATEGORY_OWNER",
	"USER_CATEGORY_PAYER", "USER_INFLOWS_BLOCKED", "USER_INFLOWS_UNBLOCKED", "USER_OUTFLOWS_BLOCKED", "IDENTITY_VERIFICATION_PENDING",
	"IDENTITY_VERIFICATION_VALIDATED", "IDENTITY_VERIFICATION_REFUSED",
}

// next is a notification of a round.
func (w *webhooks) next(round int) notice {
	what := w.rng.IntN(len(sayings))
	kind := "user"
	if what >= 10 {
		kind = "idnver"
	}
	of := fmt.Sprint(kind, "_", w.rng.IntN(8+w.rounds/4))
	return notice{sayings[what], of, 1_743_627_006 + int64(round*30) - w.rng.Int64N(400)}
}

// round sends notifications, four at a time, and kills the server when so many were answered.
func (w *webhooks) round(t *testing.T, p *process, n int) {
	var lists [4][]notice
	for i := range lists {
		for range 40 {
			lists[i] = append(lists[i], w.next(n))
		}
		lists[i] = append(lists[i], lists[i][:10]...)
	}
	enough, answers, reached := int64(1+w.rng.IntN(45)), atomic.Int64{}, make(chan struct{})
	var all sync.WaitGroup
	for _, list := range lists {
		all.Go(func() {
			for _, one := range list {
				res, err := http.Get(p.ingress + fmt.Sprintf("?EventType=%s&RessourceId=%s&Date=%d", one.what, one.of, one.date))
				if err != nil {
					return // killed
				}
				_ = res.Body.Close() // nothing is in it
				if res.StatusCode != http.StatusOK {
					t.Errorf("%v: %s", one, res.Status)
				}
				w.mu.Lock()
				w.answered[one] = true
				w.mu.Unlock()
				if answers.Add(1) == enough {
					close(reached)
				}
			}
		})
	}
	<-reached
	p.kill(t)
	all.Wait()
}

// aftermath is what is there when a server has ended.
type aftermath struct {
	*keeper
	facts   *jetstream.Facts
	records []projections.Record
}

// examine opens the log and the facts in a folder.
func examine(t *testing.T, dir string) *aftermath {
	t.Helper()
	keep, err := (&serveCmd{Data: dir}).open(t.Context(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(keep.close)
	a := &aftermath{keeper: keep}
	a.facts, err = factFlags{Facts: true}.open(t.Context(), keep, false)
	require.NoError(t, err)
	t.Cleanup(func() { _ = a.facts.Close() })
	a.read(t)
	return a
}

// read reads the log to its end.
func (a *aftermath) read(t *testing.T) {
	t.Helper()
	head, err := a.log.Head(t.Context())
	require.NoError(t, err)
	in, err := a.log.Open(t.Context(), projections.Position{})
	require.NoError(t, err)
	defer func() { require.NoError(t, in.Close()) }()
	for in.Position().Seq < head.Seq {
		some, err := in.Next(t.Context())
		require.NoError(t, err)
		for _, rec := range some {
			rec.Event.Data = append([]byte(nil), rec.Event.Data...) // valid until the next call
			a.records = append(a.records, rec)
		}
	}
}

// heap keeps facts in memory as they come.
type heap map[events.Ref][]projections.Fact

func (h heap) Publish(_ context.Context, facts []projections.Fact) error {
	for _, f := range facts {
		h[f.Ref] = append(h[f.Ref], f)
	}
	return nil
}

// foldAll folds a log to its end.
func foldAll(t *testing.T, log projections.Log, store projections.Store, facts projections.Facts, upTo projections.Seq) {
	t.Helper()
	proj, err := projections.New(projections.Config{
		Log: log, Store: store, Models: views.All(), Facts: facts,
		Retry: func(ctx context.Context, err error, _ int) bool { return ctx.Err() == nil && errors.Is(err, errCut) },
	})
	require.NoError(t, err)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- proj.Run(ctx) }()
	require.NoError(t, proj.Wait(ctx, upTo))
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
}

// requireFacts holds that the facts that are kept are those of a fold that nothing disturbed: once, and in order.
func (a *aftermath) requireFacts(t *testing.T) (n int) {
	t.Helper()
	want := heap{}
	foldAll(t, a.log, projections.NewMemoryStore(), want, a.records[len(a.records)-1].Seq)
	newest, err := a.facts.Newest(t.Context())
	require.NoError(t, err)
	have := heap{}
	for change, err := range a.facts.Watch(t.Context(), "") {
		require.NoError(t, err)
		have[change.Ref], n = append(have[change.Ref], change.Fact), n+1
		if change.Place == newest {
			break
		}
	}
	require.Equal(t, want, have)
	return n
}

// requireTables holds that the documents in the tables are those of a fresh fold.
func (a *aftermath) requireTables(t *testing.T, url string) {
	t.Helper()
	store, err := postgres.Open(t.Context(), postgres.Config{URL: url, Models: views.All()})
	require.NoError(t, err)
	defer store.Close()
	docs, err := projections.Documents(views.All(), a.records, projections.AsOf{})
	require.NoError(t, err)
	want, have := map[events.Ref]string{}, map[events.Ref]string{}
	for _, doc := range docs {
		want[doc.Ref] = string(doc.JSON)
	}
	for _, m := range views.All() {
		of := projections.NewRenderer(m)
		for q := (projections.Query{Model: m.ID()}); ; {
			page, err := store.List(t.Context(), q)
			require.NoError(t, err)
			for _, row := range page.Rows {
				doc, err := of.Document(row)
				require.NoError(t, err)
				have[row.Ref] = string(doc.JSON)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
	require.Equal(t, want, have)
}

// TestRule22_FactsAndTablesOfAServerThatIsKilled kills serve under webhooks, at instants that a seed chooses.
func TestRule22_FactsAndTablesOfAServerThatIsKilled(t *testing.T) {
	t.Parallel()
	rounds, seed := number(t, serveKillsEnv, 12), number(t, serveSeedEnv, 22)
	dir, server := t.TempDir(), database(t)
	w := &webhooks{rng: rand.New(rand.NewPCG(uint64(seed), 5)), rounds: rounds, answered: map[notice]bool{}}
	for n := range rounds {
		w.round(t, serveIn(t, dir, "--store", "postgres", "--postgres", server.URL()), n)
	}
	p := serveIn(t, dir, "--store", "postgres", "--postgres", server.URL())
	status, body := p.read(t, "/v1/users?limit=1") // answers when the read models are as far as the log was at the start
	require.Equal(t, http.StatusOK, status, "%s: %s", body, p.stderr)
	p.stop(t)

	a := examine(t, dir)
	logged := map[notice]bool{}
	for _, rec := range a.records {
		logged[notice{rec.Event.Type, rec.Event.Ref.ID, rec.Event.Date}] = true
	}
	for one := range w.answered {
		require.True(t, logged[one], "answered with 200, and lost: %v", one)
	}
	a.requireTables(t, server.URL())
	facts := a.requireFacts(t)
	require.Greater(t, facts, rounds)
	t.Logf("%d kills (seed %d), %d notifications answered with 200, %d records, %d facts", rounds, seed, len(w.answered), len(a.records), facts)
}

var errCut = errors.New("killed here")

// cuts ends a projector at every step between the publishing of facts and the commit that covers them, one after another.
type cuts struct {
	projections.Store
	facts projections.Facts
	done  int // so many
}

// steps are those at which it ends.
const steps = 5

func (c *cuts) cut(step int) error {
	if c.done%steps != step {
		return nil
	}
	c.done++
	return errCut
}

func (c *cuts) Publish(ctx context.Context, facts []projections.Fact) error {
	if err := c.cut(0); err != nil {
		return err
	}
	if err := c.cut(1); err != nil { // in the middle, between two records
		return errors.Join(err, c.facts.Publish(ctx, half(facts)))
	}
	return errors.Join(c.facts.Publish(ctx, facts), c.cut(2))
}

// half are the first of some facts; those of one record stay together.
func half(facts []projections.Fact) []projections.Fact {
	n := len(facts) / 2
	for n > 0 && facts[n-1].Seq == facts[n].Seq {
		n--
	}
	return facts[:n]
}

func (c *cuts) Commit(ctx context.Context, some projections.Commit) error {
	if len(some.Rows) == 0 {
		return c.Store.Commit(ctx, some)
	}
	if err := c.cut(3); err != nil {
		return err
	}
	return errors.Join(c.Store.Commit(ctx, some), c.cut(4))
}

// TestRule22_FactsAreToldOnceWhateverFailsBeforeATransactionOfPostgreSQL ends a projector at every step, and folds again on
// a server that was restarted, which remembers no identity.
func TestRule22_FactsAreToldOnceWhateverFailsBeforeATransactionOfPostgreSQL(t *testing.T) {
	t.Parallel()
	dir, server := t.TempDir(), database(t)
	t.Run("ended at every step", func(t *testing.T) {
		a := examine(t, dir)
		a.fill(t, 400)
		log, err := jetstream.OpenLog(t.Context(), a.nc, jetstream.LogConfig{Batch: 20})
		require.NoError(t, err)
		store, err := postgres.Open(t.Context(), postgres.Config{URL: server.URL(), Models: views.All()})
		require.NoError(t, err)
		defer store.Close()
		c := &cuts{Store: store, facts: a.facts}
		foldAll(t, log, c, c, projections.Seq(len(a.records)))
		require.Greater(t, c.done, 10*steps)
		a.requireTables(t, server.URL())
		a.requireFacts(t)
	})
	t.Run("folded again after a restart", func(t *testing.T) {
		a := examine(t, dir)
		foldAll(t, a.log, projections.NewMemoryStore(), a.facts, projections.Seq(len(a.records)))
		require.Zero(t, a.facts.Tally().Single+a.facts.Tally().Batched, "everything is known")
		a.requireFacts(t)
	})
}

// fill appends notifications.
func (a *aftermath) fill(t *testing.T, n int) {
	t.Helper()
	w := &webhooks{rng: rand.New(rand.NewPCG(3, 2))}
	var es []events.Event
	for i := range n {
		one := w.next(i / 20)
		kind := "user"
		if strings.HasPrefix(one.of, "idnver") {
			kind = "idv_session"
		}
		es = append(es, events.Event{Type: one.what, Ref: events.Ref{Source: "mangopay", Kind: kind, ID: one.of}, Date: one.date})
	}
	_, err := a.log.Append(t.Context(), es...)
	require.NoError(t, err)
	a.read(t)
}
