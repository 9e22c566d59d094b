package jetstream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

const (
	// lookups is how many last facts are read at a time, one each, and asked how many of by one request. A server answers at
	// most 1024 messages: the last of every value that a resource ever had.
	lookups, asked = 16, 64
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
			found[i], found[i].stream = known, 0
		}
		if err := f.know(t, found[i]); err != nil {
			return err
		}
		if found[i].stream != known.stream {
			t.still = 0
		} else if err := t.pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

// know remembers the last fact of a resource. Errors: ErrOtherModel.
func (f *Facts) know(t *train, last lastFact) error {
	if ours := t.facts[0].Model; last.model != "" && last.model != ours {
		return fmt.Errorf("%w (%s of kind %s; here from %s)", ErrOtherModel, last.model, t.facts[0].Ref.Kind, ours)
	}
	f.last[t.subjects] = last
	return nil
}

// stranger tells whether nobody looked yet whether anything was told of a resource.
func (f *Facts) stranger(t *train) bool {
	_, known := f.last[t.subjects]
	return !known
}

// acquaint reads the last facts of resources of which nobody looked yet whether anything was told.
func (f *Facts) acquaint(ctx context.Context, trains []*train) error {
	unknown := slices.DeleteFunc(slices.Clone(trains), func(t *train) bool { return !f.stranger(t) })
	found, err := f.lastOfEach(ctx, unknown)
	if err != nil {
		return err
	}
	for i, t := range unknown {
		if err := f.know(t, found[i]); err != nil {
			return err
		}
	}
	return nil
}

// lastOfEach reads the last fact of every train: of many at a time where one server keeps the stream, which has to know
// them, else of one at a time, of the leader.
func (f *Facts) lastOfEach(ctx context.Context, trains []*train) ([]lastFact, error) {
	if f.alone {
		found, err := f.lastOfMany(ctx, trains)
		if !errors.Is(err, errDirect) {
			return found, err
		}
	}
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

// lastOfMany asks a server that keeps the stream alone. Errors: errDirect where there is more than it tells at once.
func (f *Facts) lastOfMany(ctx context.Context, trains []*train) ([]lastFact, error) {
	found := make([]lastFact, 0, len(trains))
	for part := range slices.Chunk(trains, asked) {
		q := directRequest{}
		for _, t := range part {
			q.MultiLast = append(q.MultiLast, t.subjects)
		}
		within, cancel := context.WithTimeout(ctx, f.config.Timeout)
		answer, err := getDirect(within, f.nc, f.courier, f.config.Stream, q)
		cancel()
		if err != nil {
			return nil, err
		}
		newest := map[string]kept{}
		for _, k := range answer.messages {
			if of := withAnyValue(k.subject); k.seq > newest[of].seq {
				newest[of] = k
			}
		}
		for _, t := range part {
			last, err := decodeLast(newest[t.subjects].seq, newest[t.subjects].data)
			if err != nil {
				return nil, err
			}
			found = append(found, last)
		}
	}
	return found, nil
}

// withAnyValue is the subject of all facts of the resource that a fact's subject is of.
func withAnyValue(subject string) string {
	id := strings.LastIndexByte(subject, '.')
	to := strings.LastIndexByte(subject[:max(id, 0)], '.')
	if to < 0 {
		return subject
	}
	return subject[:to] + ".*" + subject[id:]
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
	return decodeLast(m.Sequence, m.Data)
}

// decodeLast reads what is to be remembered of a fact; sequence 0: there is none.
func decodeLast(stream uint64, data []byte) (lastFact, error) {
	if stream == 0 {
		return lastFact{}, nil
	}
	e, err := events.Decode(nil, data)
	if err != nil {
		return lastFact{}, errors.Join(errStrange, err)
	}
	fact, err := projections.DecodeFact(e)
	if err != nil {
		return lastFact{}, errors.Join(errStrange, err)
	}
	return lastFact{stream, fact.Seq, fact.Machine, fact.Model}, nil
}

// errStrange says that somebody else publishes into the stream.
var errStrange = errors.New("the stream of facts holds what is no fact: let nobody but Hookfold publish there")
