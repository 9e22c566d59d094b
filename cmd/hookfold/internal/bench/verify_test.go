package bench

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

func TestEveryEventOfTheWorkloadIsLegalAndDifferent(t *testing.T) {
	t.Parallel()
	w := workload{users: 20, origin: events.Webhook}
	recs := w.records(20 * 40)
	known := map[events.ID]bool{}
	for first := range w.users {
		var own []projections.Record
		for i := first; i < len(recs); i += w.users {
			own = append(own, recs[i])
			known[recs[i].Event.ID()] = true
		}
		v := projections.Fold(views.Users, w.user(first), own, projections.AsOf{})
		assert.Len(t, v.History, len(own))
		for _, line := range v.History {
			assert.Contains(t, []fsm.Verdict{fsm.First, fsm.Applied}, line.Verdict, "%+v", line)
		}
	}
	assert.Len(t, known, len(recs))
}

// forgetful is a store that loses what a test tells it to lose.
type forgetful struct {
	*projections.MemoryStore
	lose func(projections.Row) bool
}

func (f forgetful) Commit(ctx context.Context, c projections.Commit) error {
	c.Rows = slices.DeleteFunc(slices.Clone(c.Rows), f.lose)
	return f.MemoryStore.Commit(ctx, c)
}

func openTestStream(t *testing.T, w workload) *stream {
	t.Helper()
	c := tiny(t)
	c.Resources = w.users
	s, err := openStream(t.Context(), c.withDefaults(), w)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.close()) })
	return s
}

func TestAStoreThatLosesARowIsNotMeasured(t *testing.T) {
	t.Parallel()
	s := openTestStream(t, workload{users: 100, origin: events.Webhook})
	for name, lose := range map[string]func(projections.Row) bool{
		"a user":           func(r projections.Row) bool { return r.Ref == s.user(7) },
		"the newest event": func(r projections.Row) bool { return r.Seq == projections.Seq(s.events) && r.Ref.Kind == "user" },
		"a hook":           func(r projections.Row) bool { return r.Ref.Kind == views.KindHook && r.Ref.ID == "USER_KYC_LIGHT" },
	} {
		log, done, err := s.log(t.Context(), s.batch)
		require.NoError(t, err)
		_, err = s.project(t.Context(), log, forgetful{projections.NewMemoryStore(), lose})
		assert.Error(t, err, name)
		done()
	}
}

func TestAStoreThatHoldsMoreThanTheFoldIsNotMeasured(t *testing.T) {
	t.Parallel()
	s := openTestStream(t, workload{users: 100, origin: events.Import})
	log, done, err := s.log(t.Context(), s.batch)
	require.NoError(t, err)
	defer done()
	s.want = s.want[1:] // the fold no longer has the first one
	_, err = s.project(t.Context(), log, projections.NewMemoryStore())
	assert.EqualError(t, err, "the store holds 100 resources, the fold 99; 0 of those are missing")
}

func TestAProjectorThatFailsEndsTheWait(t *testing.T) {
	t.Parallel()
	s := openTestStream(t, workload{users: 100, origin: events.Import})
	log, done, err := s.log(t.Context(), s.batch)
	require.NoError(t, err)
	defer done()
	_, err = s.project(t.Context(), log, failing{projections.NewMemoryStore()})
	assert.ErrorIs(t, err, errFull)
}

var errFull = errors.New("the disk is full")

type failing struct{ *projections.MemoryStore }

func (failing) Commit(context.Context, projections.Commit) error { return errFull }

func TestAMessageThatNeverComesIsAnError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	count := 0
	_, err := take(ctx, deliver{2}, 3, func(natsjs.Msg) error {
		if count++; count == 2 {
			cancel() // time is up
		}
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	assert.ErrorContains(t, err, "messages are missing: fewer than 3 came")
}

func TestAHandlerThatFailsEndsTheReading(t *testing.T) {
	t.Parallel()
	_, err := take(t.Context(), deliver{3}, 3, func(natsjs.Msg) error { return errFull })
	assert.ErrorIs(t, err, errFull)
}

// deliver is a consumer with so many messages.
type deliver struct{ n int }

func (d deliver) Consume(handle natsjs.MessageHandler, _ ...natsjs.PullConsumeOpt) (natsjs.ConsumeContext, error) {
	for range d.n {
		handle(nil)
	}
	return stopped{}, nil
}

// stopped is a feed that has nothing to stop.
type stopped struct{ natsjs.ConsumeContext }

func (stopped) Stop() {}

func TestAMessageOutOfItsPlaceIsSeen(t *testing.T) {
	t.Parallel()
	assert.NoError(t, isNumber(numbered{7}, 7))
	assert.EqualError(t, isNumber(numbered{8}, 7), "message 8 of the stream came as number 7")
}

type numbered struct{ seq uint64 }

func (n numbered) Metadata() (*natsjs.MsgMetadata, error) {
	return &natsjs.MsgMetadata{Sequence: natsjs.SequencePair{Stream: n.seq}}, nil
}

func TestAnAfternoonProjectorThatEndsElsewhereIsNotMeasured(t *testing.T) {
	t.Parallel()
	s := &stream{workload: workload{users: 20, origin: events.Import}}
	const n = 20 * 9
	kept := func(change func(*userView)) func(string) ([]byte, error) {
		return func(id string) ([]byte, error) {
			view := userView{States: map[string]string{
				"status": "ACTIVE", "category": "OWNER", "kyc": "REGULAR", "sca": "ENROLLED", "outflows": "UNBLOCKED",
			}}
			if id == s.user(3).ID {
				change(&view)
			}
			return json.Marshal(view)
		}
	}
	require.NoError(t, s.agree(n, kept(func(*userView) {})))
	assert.Error(t, s.agree(n, kept(func(v *userView) { v.States["kyc"] = "LIGHT" })))
	assert.Error(t, s.agree(n, kept(func(v *userView) { v.States = nil })))
	assert.Error(t, s.agree(n, func(string) ([]byte, error) { return nil, nil }))
}

func TestARequestThatIsNotKeptIsNotMeasured(t *testing.T) {
	t.Parallel()
	d, err := openDoor(t.Context(), tiny(t))
	require.NoError(t, err)
	before, err := d.log.Head(t.Context())
	require.NoError(t, err)
	require.NoError(t, d.notify(t.Context()))
	require.NoError(t, d.kept(t.Context(), before, 1))
	assert.EqualError(t, d.kept(t.Context(), before, 2), "2 notifications were answered 200, the log grew by 1")
	require.NoError(t, d.site.server.Close())
	assert.ErrorContains(t, d.notify(t.Context()), "answered 503")
	require.NoError(t, d.close())
}
