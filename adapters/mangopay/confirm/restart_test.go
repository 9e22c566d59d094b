package confirm_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/confirm"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// killer is a log whose user dies around an append of an observation, once.
type killer struct {
	*projections.MemoryLog
	kill   context.CancelFunc
	at     int  // the append that it does not survive, from 1
	before bool // it dies before the observation is stored, else after
	n      int
	mu     sync.Mutex
}

func (k *killer) Append(ctx context.Context, es ...events.Event) (projections.Seq, error) {
	if es[0].Type != events.Observed {
		return k.MemoryLog.Append(ctx, es...)
	}
	k.mu.Lock()
	k.n++
	dies := k.n == k.at
	k.mu.Unlock()
	if dies && k.before {
		k.kill()
		return 0, projections.ErrAway
	}
	seq, err := k.MemoryLog.Append(ctx, es...)
	if dies {
		k.kill()
		<-ctx.Done() // the acknowledgement never comes
		return 0, ctx.Err()
	}
	return seq, err
}

// killed lives through one story in which the Confirmer dies once, and returns what the log then holds.
func killed(t *testing.T, at int, before bool) (observed []string, calls int) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newProvider(1, faults{}))
		for i := range 5 {
			id := fmt.Sprintf("u%d", i)
			w.provider.objects["user/"+id] = since(map[string]string{"status": "ACTIVE", "category": "OWNER", "kyc": "REGULAR"})
			w.claim(time.Duration(i)*time.Second, "USER_KYC_REGULAR", id, time.Now().Unix()+int64(i), events.Webhook)
		}
		ctx, kill := context.WithCancel(context.Background())
		log := &killer{MemoryLog: w.log, kill: kill, at: at, before: before}
		marks := &confirm.StoreMarks{Store: w.store}
		config := confirm.Config{API: w.provider, Log: log, Marks: marks, Parallel: 1}
		var crew sync.WaitGroup
		crew.Go(func() { w.deliver(context.Background()) })
		first, err := confirm.New(config)
		require.NoError(t, err)
		assert.ErrorIs(t, first.Run(ctx), context.Canceled)
		crew.Wait()

		ctx, stop := context.WithTimeout(context.Background(), time.Hour)
		defer stop()
		second, err := confirm.New(config)
		require.NoError(t, err)
		assert.ErrorIs(t, second.Run(ctx), context.DeadlineExceeded)
		observed, calls = w.observed(), w.provider.spent()
		assert.Zero(t, second.Counts().Open)
	})
	return observed, calls
}

func TestLaw6_AKillAfterTheAppendAndBeforeTheMarkDoublesNothing(t *testing.T) {
	t.Parallel()
	for at := 1; at <= 5; at++ {
		observed, calls := killed(t, at, false)
		assert.Len(t, observed, 5, "one answer for each claim")
		assert.Equal(t, 5, calls, "and nothing is asked for twice")
	}
}

func TestLaw6_AKillBeforeTheAppendCostsOneCall(t *testing.T) {
	t.Parallel()
	for at := 1; at <= 5; at++ {
		observed, calls := killed(t, at, true)
		assert.Len(t, observed, 5)
		assert.Equal(t, 6, calls)
	}
}

func TestNothingIsAskedForBeforeTheLogsEndIsReached(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		for i := range 3000 { // claims, and their answers far behind them
			id := fmt.Sprintf("u%d", i)
			_, err := w.log.Append(context.Background(), events.Event{
				Type: "USER_KYC_REGULAR", Ref: events.Ref{Source: "mangopay", Kind: "user", ID: id}, Date: time.Now().Unix(),
			})
			require.NoError(w.t, err)
		}
		for i := range 3000 {
			id := fmt.Sprintf("u%d", i)
			_, err := w.log.Append(context.Background(), events.Event{
				Type: events.Observed, Ref: events.Ref{Source: "mangopay", Kind: "user", ID: id}, Date: time.Now().Unix(),
				Data: []byte(`{"values":{"kyc":"REGULAR"}}`),
			})
			require.NoError(w.t, err)
		}
		c, err := confirm.New(confirm.Config{API: w.provider, Log: slowly{w.log}, Marks: &confirm.StoreMarks{Store: w.store}})
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		require.ErrorIs(t, c.Run(ctx), context.DeadlineExceeded)
		assert.Zero(t, w.provider.spent())
		assert.Zero(t, c.Counts().Held)
		assert.EqualValues(t, 6000, c.Counts().Seq)
	})
}

// slowly is a log that is read a hundred records at a time, with a pause after each.
type slowly struct{ *projections.MemoryLog }

func (s slowly) Open(ctx context.Context, p projections.Position) (projections.Cursor, error) {
	c, err := s.MemoryLog.Open(ctx, p)
	return &pieces{Cursor: c}, err
}

// pieces is its cursor.
type pieces struct {
	projections.Cursor
	left []projections.Record
}

func (p *pieces) Next(ctx context.Context) (out []projections.Record, err error) {
	wait(ctx, time.Now().Add(time.Second))
	if len(p.left) == 0 {
		if p.left, err = p.Cursor.Next(ctx); err != nil {
			return nil, err
		}
	}
	n := min(100, len(p.left))
	out, p.left = p.left[:n], p.left[n:]
	return out, nil
}

func TestTheMarkWaitsForWhatCannotBeConfirmedButNotForEver(t *testing.T) {
	t.Parallel()
	for most, behind := range map[uint64]projections.Seq{50: 0, 1_000_000: 201} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			t.Parallel()
			scene(t, faults{}, func(w *world) {
				w.config.MaxBehind = most
				w.provider.objects["user/odd"] = since(map[string]string{"kyc": "LIGHT"}) // and no UserStatus, ever
				w.now("USER_ACCOUNT_CLOSED", "odd", time.Hour)
				for i := range 100 {
					id := fmt.Sprintf("u%d", i)
					w.provider.objects["user/"+id] = since(map[string]string{"kyc": "REGULAR"})
					w.claim(time.Minute, "USER_KYC_LIGHT", id, time.Now().Add(-time.Hour).Unix(), events.Webhook)
				}
				w.run(24 * time.Hour)
				n := w.latest.Counts()
				assert.Equal(t, 1, n.Held, "it is still tried")
				assert.Equal(t, behind, n.Behind, "records that a restart reads again")
				assert.Equal(t, behind == 0, n.Released == 1)
			})
		})
	}
}

func TestANewerConfirmerFencesTheMarks(t *testing.T) {
	t.Parallel()
	store := projections.NewMemoryStore()
	older, newer := &confirm.StoreMarks{Store: store}, &confirm.StoreMarks{Store: store}
	at := projections.Position{Stream: "s", Created: time.Unix(1, 0), Seq: 7, Time: time.Unix(2, 0)}
	p, err := older.Load(context.Background())
	require.NoError(t, err)
	assert.Equal(t, projections.Position{}, p)
	require.NoError(t, older.Save(context.Background(), at))
	p, err = newer.Load(context.Background())
	require.NoError(t, err)
	assert.Equal(t, at, p)
	require.ErrorIs(t, older.Save(context.Background(), at), projections.ErrFenced)
	require.NoError(t, newer.Save(context.Background(), at))
}

func TestEachSourceHasAMarkOfItsOwn(t *testing.T) {
	t.Parallel()
	store := projections.NewMemoryStore()
	one, other := &confirm.StoreMarks{Store: store}, &confirm.StoreMarks{Store: store, Source: "other"}
	for _, marks := range []*confirm.StoreMarks{one, other} {
		p, err := marks.Load(context.Background())
		require.NoError(t, err)
		assert.Equal(t, projections.Position{}, p)
	}
	at := projections.Position{Stream: "s", Created: time.Unix(1, 0), Seq: 7, Time: time.Unix(2, 0)}
	require.NoError(t, one.Save(context.Background(), at), "the other one does not fence it")
	require.NoError(t, other.Save(context.Background(), at))
}

// faulty is a log that fails as told.
type faulty struct {
	*projections.MemoryLog
	mu      sync.Mutex
	appends []error // one for each append of an observation; then nil
	opens   []error
}

func (f *faulty) next(list *[]error) (err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(*list) > 0 {
		err, *list = (*list)[0], (*list)[1:]
	}
	return err
}

func (f *faulty) Append(ctx context.Context, es ...events.Event) (projections.Seq, error) {
	if err := f.next(&f.appends); err != nil {
		return 0, err
	}
	return f.MemoryLog.Append(ctx, es...)
}

func (f *faulty) Open(ctx context.Context, p projections.Position) (projections.Cursor, error) {
	if err := f.next(&f.opens); err != nil {
		return nil, err
	}
	return f.MemoryLog.Open(ctx, p)
}

// runFor runs a Confirmer of one open claim over a log that fails, for an hour at most.
func runFor(t *testing.T, appends, opens []error) (n confirm.Counts, observed []string, err error) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, newProvider(1, faults{}))
		w.provider.objects["user/u"] = since(map[string]string{"kyc": "REGULAR"})
		w.now("USER_KYC_REGULAR", "u", 0)
		w.deliver(context.Background())
		c, e := confirm.New(confirm.Config{
			API: w.provider, Log: &faulty{MemoryLog: w.log, appends: appends, opens: opens}, Marks: &confirm.StoreMarks{Store: w.store},
		})
		require.NoError(t, e)
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		err = c.Run(ctx)
		n, observed = c.Counts(), w.observed()
	})
	return n, observed, err
}

func TestALogThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	away := []error{projections.ErrAway, projections.ErrFull, errors.New("something else")}
	n, observed, err := runFor(t, away, away)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Len(t, observed, 1)
	assert.Zero(t, n.Open)
	assert.EqualValues(t, 4, n.Calls, "what could not be appended is read again")
}

func TestAnAnswerThatCannotBeAppendedSettlesNothing(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		now := time.Now().Unix()
		w.provider.objects["user/u"] = &object{values: map[string][]change{"status": {{0, "ACTIVE"}, {now + 200, "CLOSED"}}}}
		w.over = &faulty{MemoryLog: w.log, appends: []error{nil, projections.ErrAway}}
		w.now("USER_ACCOUNT_CLOSED", "u", -3*time.Hour) // is refused: it is read at once, and once more a window later
		w.run(time.Hour)
		assert.Equal(t, []string{`user/u {"values":{"status":"ACTIVE"}}`, `user/u {"values":{"status":"CLOSED"}}`}, w.observed())
	})
}

func TestWhatTryingAgainCannotMendEndsTheRun(t *testing.T) {
	t.Parallel()
	for _, lasting := range []error{projections.ErrRewound, projections.ErrRecreated, projections.ErrHole, events.ErrNewer} {
		_, _, err := runFor(t, nil, []error{fmt.Errorf("the log: %w", lasting)})
		require.ErrorIs(t, err, lasting)
	}
	_, _, err := runFor(t, []error{projections.ErrReadOnly}, nil)
	require.ErrorIs(t, err, projections.ErrReadOnly)
}

func TestNoMoreResourcesAreHeldThanThereIsRoomForAndNoneIsLost(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		w.config.MaxOpen, w.config.Share = 10, 1
		for i := range 200 {
			id := fmt.Sprintf("u%d", i)
			w.provider.objects["user/"+id] = since(map[string]string{"kyc": "REGULAR"})
			w.now("USER_KYC_REGULAR", id, 0)
		}
		w.run(6 * time.Hour)
		assert.Len(t, w.observed(), 200)
		for v, err := range projections.Read(w.store, views.Users, "mangopay").List(context.Background()) {
			require.NoError(t, err)
			assert.True(t, v.Value.KYC.Backed)
		}
	})
}

func TestEveryProblemOfAConfigurationIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := confirm.New(confirm.Config{Share: 2, Reserve: -1, Parallel: -1, Timeout: -1, MaxOpen: -1})
	require.ErrorIs(t, err, confirm.ErrConfig)
	for _, field := range []string{"API", "Log", "Marks", "Share", "Reserve", "Parallel", "Timeout", "MaxOpen"} {
		assert.ErrorContains(t, err, field)
	}
}
