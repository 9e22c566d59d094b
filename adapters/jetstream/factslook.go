package jetstream

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

const (
	// lookups is how many last facts are read at a time.
	lookups = 16
	// standstills is how often a fact may be refused, although nothing came before it, until the server is taken to be away.
	standstills = 50
)

// lookUp reads the last facts of resources whose next one was refused.
func (f *Facts) lookUp(ctx context.Context, refused []*train) error {
	found, err := f.lastOfEach(ctx, refused)
	if err != nil {
		return err
	}
	for i, t := range refused {
		known := f.last[t.subjects]
		if found[i].stream == 0 { // what was known of it has left by age or for want of room
			found[i] = lastFact{0, known.seq, known.machine}
		}
		f.last[t.subjects] = found[i]
		if found[i].stream != known.stream {
			t.still = 0
		} else if err := t.pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

// lastOfEach reads the last fact of every train, some at a time.
func (f *Facts) lastOfEach(ctx context.Context, trains []*train) ([]lastFact, error) {
	found := make([]lastFact, len(trains))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i, t := range trains {
		group.Go(func() (err error) {
			found[i], err = f.lastOf(within, t.subjects)
			return err
		})
	}
	return found, group.Wait()
}

// pause waits a little where a fact was refused although it follows the last one: a cluster refuses what comes while the
// one before it is on its way to the other servers.
func (t *train) pause(ctx context.Context) error {
	if t.still++; t.still > standstills {
		return nats.ErrNoResponders
	}
	select {
	case <-time.After(time.Duration(t.still) * time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lastOf reads the last fact of a resource from the stream's leader; the zero value if there is none.
func (f *Facts) lastOf(ctx context.Context, subjects string) (lastFact, error) {
	ctx, cancel := context.WithTimeout(ctx, f.config.Timeout)
	defer cancel()
	m, err := f.leader.GetLastMsg(f.config.Stream, subjects, nats.Context(ctx))
	if isNotFound(err) {
		return lastFact{}, nil
	}
	if err != nil {
		return lastFact{}, err
	}
	e, err := events.Decode(m.Header, m.Data)
	if err != nil {
		return lastFact{}, errors.Join(errStrange, err)
	}
	fact, err := projections.DecodeFact(e)
	if err != nil {
		return lastFact{}, errors.Join(errStrange, err)
	}
	return lastFact{m.Sequence, fact.Seq, fact.Machine}, nil
}

// errStrange says that somebody else publishes into the stream.
var errStrange = errors.New("the stream of facts holds what is no fact: let nobody but Hookfold publish there")
