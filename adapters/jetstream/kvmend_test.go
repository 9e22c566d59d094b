package jetstream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// mendSite is a log that was folded into KV, and a way to damage the bucket of the users.
type mendSite struct {
	*site
	log     *jetstream.Log
	store   *jetstream.Store
	said    *bytes.Buffer
	records []projections.Record
	stream  natsjs.Stream
}

func newMendSite(t *testing.T) *mendSite {
	t.Helper()
	m := &mendSite{site: newSite(t, embedded.Config{Sync: embedded.Interval}), said: &bytes.Buffer{}}
	m.log = m.open(jetstream.LogConfig{Batch: 50})
	m.records = fillWithLives(t, m.log, 600, 60)
	m.reopen(t)
	foldOn(t, m.log, m.store, m.end())
	js, err := natsjs.New(m.nc)
	require.NoError(t, err)
	m.stream, err = js.Stream(t.Context(), "KV_hookfold_rm_users_v1")
	require.NoError(t, err)
	return m
}

// end is the newest record.
func (m *mendSite) end() projections.Seq { return projections.Seq(len(m.records)) }

// reopen is a worker that begins.
func (m *mendSite) reopen(t *testing.T) {
	m.store = m.site.store(t, jetstream.StoreConfig{Logger: slog.New(slog.NewTextHandler(m.said, nil))})
}

// keysLike lists what is in the bucket under a prefix, with its value.
func (m *mendSite) keysLike(t *testing.T, prefix string) map[string][]byte {
	t.Helper()
	info, err := m.stream.Info(t.Context(), natsjs.WithSubjectFilter("$KV.hookfold_rm_users_v1.>"))
	require.NoError(t, err)
	out := map[string][]byte{}
	for subject := range info.State.Subjects {
		if key, _ := strings.CutPrefix(subject, "$KV.hookfold_rm_users_v1."); strings.HasPrefix(key, prefix) {
			msg, err := m.stream.GetLastMsgForSubject(t.Context(), subject)
			require.NoError(t, err)
			out[subject] = msg.Data
		}
	}
	return out
}

func TestRowsThatTheServerLostAreNoticedAndMended(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, damage := range map[string]func(t *testing.T, m *mendSite, rows map[string][]byte, subject string){
		"a row is gone": func(t *testing.T, m *mendSite, _ map[string][]byte, subject string) {
			require.NoError(t, m.stream.Purge(ctx, natsjs.WithPurgeSubject(subject)))
		},
		"all rows are gone": func(t *testing.T, m *mendSite, _ map[string][]byte, _ string) {
			require.NoError(t, m.stream.Purge(ctx, natsjs.WithPurgeSubject("$KV.hookfold_rm_users_v1.r.>")))
		},
		"the checkpoint is gone": func(t *testing.T, m *mendSite, _ map[string][]byte, _ string) {
			require.NoError(t, m.stream.Purge(ctx, natsjs.WithPurgeSubject("$KV.hookfold_rm_users_v1.c.0")))
		},
		"a row was deleted by hand": func(t *testing.T, m *mendSite, _ map[string][]byte, subject string) {
			js, err := natsjs.New(m.nc)
			require.NoError(t, err)
			kv, err := js.KeyValue(ctx, "hookfold_rm_users_v1") // KV clients open it as their own
			require.NoError(t, err)
			require.NoError(t, kv.Delete(ctx, strings.TrimPrefix(subject, "$KV.hookfold_rm_users_v1.")))
		},
		"an old version is back": func(t *testing.T, m *mendSite, _ map[string][]byte, subject string) {
			half := newMendHalf(t, m.records[:300])
			old := half.keysLike(t, "r.")[subject]
			require.NotNil(t, old)
			_, err := m.nc.Request(subject, old, patience)
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMendSite(t)
			rows := m.keysLike(t, "r.")
			var subject string
			for s := range rows {
				subject = max(subject, s)
			}
			damage(t, m, rows, subject)
			m.reopen(t)
			foldOn(t, m.log, m.store, m.end())
			requireFresh(t, m.store, m.records)
			if name != "the checkpoint is gone" {
				require.Contains(t, m.said.String(), "rows were lost by the server")
			}
			m.said.Reset()
			m.reopen(t)
			require.NoError(t, takeOver(t, m.store, views.Users), "the mend is complete")
			require.Empty(t, m.said.String())
		})
	}
}

// newMendHalf is another place that has come less far in the same log.
func newMendHalf(t *testing.T, records []projections.Record) *mendSite {
	t.Helper()
	m := &mendSite{site: newSite(t, embedded.Config{Sync: embedded.Interval}), said: &bytes.Buffer{}}
	m.log = m.open(jetstream.LogConfig{Batch: 50})
	for _, r := range records {
		fill(t, m.log, []events.Event{r.Event})
	}
	m.reopen(t)
	foldOn(t, m.log, m.store, projections.Seq(len(records)))
	js, err := natsjs.New(m.nc)
	require.NoError(t, err)
	m.stream, err = js.Stream(t.Context(), "KV_hookfold_rm_users_v1")
	require.NoError(t, err)
	return m
}

// TestAMendThatIsInterruptedGoesOn stops the mend at every commit of it, and begins again: no loss is seen a second time.
func TestAMendThatIsInterruptedGoesOn(t *testing.T) {
	t.Parallel()
	m := newMendSite(t)
	for s := range m.keysLike(t, "r.") {
		if len(s)%2 == 0 {
			require.NoError(t, m.stream.Purge(t.Context(), natsjs.WithPurgeSubject(s)))
		}
	}
	m.reopen(t)
	require.ErrorIs(t, takeOver(t, m.store, views.Users), jetstream.ErrRowsLost)
	m.said.Reset()
	for at := projections.Seq(0); at < m.end(); {
		m.reopen(t)
		require.NoError(t, takeOver(t, m.store, views.Users))
		at = foldSome(t, m.log, m.store, m.end())
	}
	require.Empty(t, m.said.String())
	foldOn(t, m.log, m.store, m.end())
	requireFresh(t, m.store, m.records)
}

// errEnough ends foldSome.
var errEnough = errors.New("enough")

// torn stores some rows of its third commit of users and then fails, as a worker does that is killed.
type torn struct {
	*jetstream.Store
	commits int
}

func (s *torn) Commit(ctx context.Context, c projections.Commit) error {
	if c.Model != views.Users.ID() || len(c.Rows) == 0 {
		return s.Store.Commit(ctx, c)
	}
	if s.commits++; s.commits < 3 {
		return s.Store.Commit(ctx, c)
	}
	c.Rows = append(c.Rows[:len(c.Rows)/2:len(c.Rows)/2], projections.Row{Ref: c.Rows[0].Ref, Seq: 1 << 40, State: unrendered{}})
	return errors.Join(errEnough, s.Store.Commit(ctx, c))
}

// unrendered is a state that cannot be written.
type unrendered struct{}

func (unrendered) MarshalBinary() ([]byte, error) { return nil, errEnough }

// foldSome folds a little, and tells how far the checkpoint of the users has come.
func foldSome(t *testing.T, log projections.Log, store *jetstream.Store, end projections.Seq) projections.Seq {
	t.Helper()
	proj, err := projections.New(projections.Config{Log: log, Store: &torn{Store: store}, Models: []projections.AnyModel{views.Users}})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { // at the end of the log there is no third commit
		if proj.Wait(ctx, end) == nil {
			stop()
		}
	}()
	if err := proj.Run(ctx); !errors.Is(err, errEnough) {
		require.ErrorIs(t, err, context.Canceled)
	}
	c, err := store.Checkpoint(t.Context(), views.Users.ID(), 0)
	require.NoError(t, err)
	return c.Position.Seq
}

func TestSecondaryKeysThatWereLostAreThereAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	store := s.store(t, jetstream.StoreConfig{})
	rows := []projections.Row{}
	for i := range 30 {
		rows = append(rows, projections.Row{
			Ref: events.Ref{Source: "s", Kind: "k", ID: fmt.Sprint(i)}, Seq: projections.Seq(i + 1), State: projections.Bytes("x"),
			Index: map[string]string{"user": fmt.Sprint(i % 3)},
		})
	}
	first := projections.Checkpoint{Epoch: 1}
	require.NoError(t, store.Commit(t.Context(), projections.Commit{Model: "m", To: first}))
	to := projections.Checkpoint{Epoch: 1, Position: projections.Position{Seq: 30}}
	require.NoError(t, store.Commit(t.Context(), projections.Commit{Model: "m", From: first, To: to, Rows: rows}))
	js, err := natsjs.New(s.nc)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "KV_hookfold_rm_m")
	require.NoError(t, err)
	require.NoError(t, stream.Purge(t.Context(), natsjs.WithPurgeSubject("$KV.hookfold_rm_m.i.user.1.>")))
	found := func() int {
		page, err := store.List(t.Context(), projections.Query{Model: "m", Index: "user", Value: "1"})
		require.NoError(t, err)
		return len(page.Rows)
	}
	require.Zero(t, found())
	next := to
	next.Epoch++
	require.NoError(t, store.Commit(t.Context(), projections.Commit{Model: "m", From: to, To: next}))
	require.Equal(t, 10, found())
}

// TestAServerThatForgetsFailsTheCommit loses the connection between the rows and the checkpoint.
func TestAConnectionThatIsLostInACommitFailsIt(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	store := s.store(t, jetstream.StoreConfig{})
	first := projections.Checkpoint{Epoch: 1}
	require.NoError(t, store.Commit(t.Context(), projections.Commit{Model: "m", To: first}))
	row := projections.Row{Ref: events.Ref{Source: "s", Kind: "k", ID: "a"}, Seq: 1, State: &restarting{site: s}}
	to := projections.Checkpoint{Epoch: 1, Position: projections.Position{Seq: 1}}
	err := store.Commit(t.Context(), projections.Commit{Model: "m", From: first, To: to, Rows: []projections.Row{row}})
	require.ErrorIs(t, err, projections.ErrAway)
	have, err := store.Checkpoint(t.Context(), "m", 0)
	require.NoError(t, err)
	require.Equal(t, first, have, "the checkpoint did not move")
	row.State = projections.Bytes("a")
	require.NoError(t, store.Commit(t.Context(), projections.Commit{Model: "m", From: first, To: to, Rows: []projections.Row{row}}))
}

// restarting restarts the server when it is rendered.
type restarting struct{ site *site }

func (r *restarting) MarshalBinary() ([]byte, error) {
	r.site.restart(nil)
	return []byte("a"), nil
}

func TestARowThatIsTooLargeIsNamed(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	store := s.store(t, jetstream.StoreConfig{})
	c := projections.Commit{Model: "m", To: projections.Checkpoint{Epoch: 1, Position: projections.Position{Seq: 1}}}
	c.Rows = []projections.Row{{Ref: events.Ref{Source: "s", Kind: "user", ID: "big"}, Seq: 1, State: projections.Bytes(make([]byte, 2<<20))}}
	err := store.Commit(t.Context(), c)
	require.ErrorIs(t, err, nats.ErrMaxPayload)
	require.ErrorContains(t, err, `the row of user "big" is larger than the server takes: raise max_payload`)
	c.Rows[0] = projections.Row{Ref: events.Ref{Source: "s", Kind: "user", ID: strings.Repeat("é", 1000)}, Seq: 1, State: projections.Bytes("x")}
	require.ErrorContains(t, store.Commit(t.Context(), c), "its key has ")
	have, err := store.Checkpoint(t.Context(), "m", 0)
	require.NoError(t, err)
	require.Zero(t, have)
}

func TestAFullBucketIsToldAndGoesOnWhenItIsRaised(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	c := projections.Commit{Model: "m", To: projections.Checkpoint{Epoch: 1, Position: projections.Position{Seq: 1}}}
	for i := range 40 {
		c.Rows = append(c.Rows, projections.Row{Ref: events.Ref{Source: "s", Kind: "k", ID: fmt.Sprint(i)}, Seq: 1, State: projections.Bytes(make([]byte, 1000))})
	}
	small := s.store(t, jetstream.StoreConfig{MaxBytes: 20_000})
	require.ErrorIs(t, small.Commit(t.Context(), c), projections.ErrFull)
	great := s.store(t, jetstream.StoreConfig{MaxBytes: 2_000_000})
	require.NoError(t, great.Commit(t.Context(), c))
}

// TestRowsThatWereLostWhileTheConnectionWasAreNoticed damages the bucket between two commits of one worker.
func TestRowsThatWereLostWhileTheConnectionWasAreNoticed(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	store := s.store(t, jetstream.StoreConfig{})
	require.NoError(t, oneCommit(t, store, "m"))
	stands, err := store.Checkpoint(t.Context(), "m", 0)
	require.NoError(t, err)
	next := stands
	next.Position.Seq++
	s.restart(nil)
	require.NoError(t, store.Commit(t.Context(), projections.Commit{Model: "m", From: stands, To: next}), "nothing was lost")
	stands = next
	next.Position.Seq++
	s.restart(nil)
	js, err := natsjs.New(s.nc)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "KV_hookfold_rm_m")
	require.NoError(t, err)
	require.NoError(t, stream.Purge(t.Context(), natsjs.WithPurgeSubject("$KV.hookfold_rm_m.r.>")))
	err = store.Commit(t.Context(), projections.Commit{Model: "m", From: stands, To: next})
	require.ErrorIs(t, err, jetstream.ErrRowsLost)
	require.ErrorIs(t, err, projections.ErrFenced)
	stands, err = store.Checkpoint(t.Context(), "m", 0)
	require.NoError(t, err)
	require.Zero(t, stands.Position)
}
