package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// rebuilding are the stores whose live side is folded, and stays for all rounds.
type rebuilding struct {
	*stored
	sides map[string]*sides // by case, from the first round on
}

// sides is a store with sides of the read models in it.
type sides struct {
	*projections.Generations
	shows func(context.Context) error // proves what is seen by other means than the port
	close func() error
}

// sidesIn opens the store of each case.
var sidesIn = map[string]func(context.Context, *stored) (*sides, error){
	caseMemory:   inMemory,
	caseKV:       inBuckets,
	casePostgres: inTables,
}

func inMemory(context.Context, *stored) (*sides, error) {
	return newSides(projections.NewMemoryStore(), func() error { return nil }), nil
}

func inBuckets(ctx context.Context, s *stored) (*sides, error) {
	nc, err := s.connect()
	if err != nil {
		return nil, err
	}
	store, err := jetstream.OpenStore(ctx, nc, jetstream.StoreConfig{})
	if err != nil {
		nc.Close()
		return nil, err
	}
	return newSides(store, func() error { defer nc.Close(); return store.Close() }), nil
}

func inTables(_ context.Context, s *stored) (*sides, error) {
	on := newSides(s.store, func() error { return nil })
	on.shows = func(ctx context.Context) error { return s.shows(ctx, s.named("users"), s.want) }
	return on, nil
}

func newSides(store projections.Store, closing func() error) *sides {
	return &sides{
		Generations: projections.NewGenerations(store, views.All()...),
		shows:       func(context.Context) error { return nil }, close: closing,
	}
}

// live is the store of a case with its live side folded.
func (r *rebuilding) live(ctx context.Context, name string) (*sides, error) {
	if on := r.sides[name]; on != nil {
		return on, nil
	}
	on, err := sidesIn[name](ctx, r.stored)
	if err != nil {
		return nil, err
	}
	r.sides[name] = on
	log, done, err := r.log(ctx, r.batch)
	if err != nil {
		return nil, err
	}
	defer done()
	_, err = r.project(ctx, log, on)
	return on, err
}

// anew rebuilds the users in one store and proves the side that is then live.
func (r *rebuilding) anew(ctx context.Context, name string) (lap, error) {
	on, err := r.live(ctx, name)
	if err != nil {
		return lap{}, err
	}
	if name == casePostgres {
		if err := r.rest(ctx); err != nil {
			return lap{}, err
		}
	}
	log, done, err := r.log(ctx, r.batch)
	if err != nil {
		return lap{}, err
	}
	defer done()
	l, err := r.timed(ctx, on, log)
	if err == nil {
		err = errors.Join(verify(ctx, on, r.want), on.shows(ctx))
	}
	return l, errors.Join(err, on.Discard(ctx, views.Users.Plural()))
}

// timed measures one rebuild.
func (r *rebuilding) timed(ctx context.Context, on *sides, log projections.Log) (lap, error) {
	commits := commitMeanwhile(ctx, on)
	var report projections.RebuildReport
	var folded time.Duration
	l, err := timed(r.events, func() (err error) {
		began := time.Now()
		report, err = on.Rebuild(ctx, projections.RebuildConfig{
			Log: log, Model: views.Users.Plural(), Rows: 2 * r.users,
			Progress: func(p projections.RebuildProgress) {
				if p.Phase == "fold" {
					folded = time.Since(began)
				}
			},
		})
		return err
	})
	waited, failed := commits()
	l.folded, l.waited = folded, waited
	return l, errors.Join(err, failed, r.whole(report))
}

// whole proves that a rebuild compared and swapped everything.
func (r *rebuilding) whole(is projections.RebuildReport) error {
	all := is.LiveRows == r.users && is.RebuiltRows == r.users && is.Seq == projections.Seq(r.events)
	if all && is.Compared && is.Swapped && is.LiveDigest == is.RebuiltDigest {
		return nil
	}
	return fmt.Errorf("of %d users at event %d: %d live, %d rebuilt at %d, compared %t, equal %t, swapped %t",
		r.users, r.events, is.LiveRows, is.RebuiltRows, is.Seq, is.Compared, is.LiveDigest == is.RebuiltDigest, is.Swapped)
}

// close closes what was opened.
func (r *rebuilding) close() error {
	var errs []error
	for _, on := range r.sides {
		errs = append(errs, on.close())
	}
	return errors.Join(append(errs, r.stored.close())...)
}

// commitEvery is how often the live side is written while it is rebuilt.
const commitEvery = 20 * time.Millisecond

// commitMeanwhile writes the live side again and again, as a projector does that folds what comes in, but without any rows.
// It ends with the swap. longest tells how long one such commit took at the most.
func commitMeanwhile(ctx context.Context, on *sides) (longest func() (time.Duration, error)) {
	var most time.Duration
	var failed error
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		often := time.NewTicker(commitEvery)
		defer often.Stop()
		at, err := on.Checkpoint(ctx, views.Users.ID(), 0)
		for going := true; err == nil && going; {
			began := time.Now()
			err = on.Commit(ctx, projections.Commit{Model: views.Users.ID(), From: at, To: at})
			most = max(most, time.Since(began))
			select {
			case <-often.C:
			case <-stop:
				going = false
			}
		}
		if !errors.Is(err, projections.ErrSwapped) {
			failed = err
		}
	}()
	return func() (time.Duration, error) {
		close(stop)
		<-ended
		return most, failed
	}
}
