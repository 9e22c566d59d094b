package jetstream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

const (
	// mostLast bounds the resources whose last fact is remembered; of others it costs one read to know it again.
	mostLast = 100_000
	// lookups is how many last facts are read at a time.
	lookups = 16
	// standstills is how often a fact may be refused, although nothing came before it, until the server is taken to be away.
	standstills = 50
)

// lastFact is the last fact of a resource, as far as it is known.
type lastFact struct {
	stream  uint64 // its sequence in the stream of facts; 0: none is there
	seq     projections.Seq
	machine string
}

// train is what is to be told of one resource, one fact after the other.
type train struct {
	subjects string // of all facts of the resource
	facts    []projections.Fact
	still    int // how often it was refused without a reason
}

// Publish keeps facts: once each, those of one resource in their order, and returns when all of them are on the disk of
// whoever keeps the stream. They come in the order of the log. Errors: projections.ErrAway; ErrReadOnly without a Log.
func (f *Facts) Publish(ctx context.Context, facts []projections.Fact) error {
	if f.config.Log == nil {
		return fmt.Errorf("jetstream: facts: %w", projections.ErrReadOnly)
	}
	select {
	case f.pipeline <- struct{}{}:
		defer func() { <-f.pipeline }()
	case <-ctx.Done():
		return explain(ctx, "waiting to publish facts", ctx.Err())
	}
	ctx, cancel, err := f.link.request(ctx, longest)
	if err != nil {
		return err
	}
	defer cancel()
	if len(f.last) > mostLast {
		clear(f.last)
	}
	for trains := f.trains(facts); len(trains) > 0; {
		if trains, err = f.wave(ctx, trains); err != nil {
			clear(f.last) // nothing that was known is certain
			return explain(ctx, "publishing facts", err)
		}
	}
	return nil
}

// trains sorts facts by resource.
func (f *Facts) trains(facts []projections.Fact) []*train {
	var out []*train
	by := map[events.Ref]*train{}
	for _, fact := range facts {
		t := by[fact.Ref]
		if t == nil {
			t = &train{subjects: f.config.subject(fact.Ref, "*")}
			by[fact.Ref], out = t, append(out, t)
		}
		t.facts = append(t.facts, fact)
	}
	return out
}

// subject is <prefix>.fact.<source>.<kind>.<to>.<id>.
func (c FactsConfig) subject(ref events.Ref, to string) string {
	return c.Prefix + ".fact." + events.Token(ref.Source) + "." + events.Token(ref.Kind) + "." + to + "." + events.Token(ref.ID)
}

// wave publishes the next fact of every resource, and returns the resources of which something is still to be told.
func (f *Facts) wave(ctx context.Context, trains []*train) ([]*train, error) {
	trains = slices.DeleteFunc(trains, func(t *train) bool {
		t.facts = f.last[t.subjects].untold(t.facts)
		return len(t.facts) == 0
	})
	acks, err := f.send(ctx, trains)
	if err != nil {
		return nil, err
	}
	var refused []*train
	for i, t := range trains {
		if acks[i].err != nil { // every other error than a conflict ended the wave
			refused = append(refused, t)
			continue
		}
		f.last[t.subjects] = lastFact{acks[i].seq, t.facts[0].Seq, t.facts[0].Machine}
		t.facts, t.still = t.facts[1:], 0
	}
	return trains, f.lookUp(ctx, refused)
}

// untold leaves out what is there already: what older records made, and what the last fact's record made up to its machine.
func (l lastFact) untold(facts []projections.Fact) []projections.Fact {
	for len(facts) > 0 && facts[0].Seq < l.seq {
		facts = facts[1:]
	}
	for i := 0; i < len(facts) && facts[i].Seq == l.seq; i++ {
		if facts[i].Machine == l.machine {
			return facts[i+1:]
		}
	}
	return facts
}

// send publishes the first fact of every train, without waiting for each.
func (f *Facts) send(ctx context.Context, trains []*train) ([]acknowledgement, error) {
	w := &flight{nc: f.nc, timeout: f.config.Timeout, moved: make(chan struct{}, 1)}
	w.reply, w.done = f.courier.open(w.take)
	defer w.done()
	for _, t := range trains {
		m, err := f.message(t.facts[0])
		if err != nil {
			return nil, err
		}
		m.Header[expectSeq] = []string{strconv.FormatUint(f.last[t.subjects].stream, 10)}
		m.Header[jetstream.ExpectedLastSubjSeqSubjHeader] = []string{t.subjects}
		if err := w.dispatch(ctx, m); err != nil {
			return nil, err
		}
	}
	return w.wait(ctx)
}

// message renders a fact. It has no message id: a server that remembers ids would have nothing to add.
func (f *Facts) message(fact projections.Fact) (*nats.Msg, error) {
	e, err := fact.Encode()
	if err != nil {
		return nil, err
	}
	header, data, err := events.Encode(e)
	if err != nil {
		return nil, fmt.Errorf("jetstream: a fact of %s %q cannot be stored: %w", fact.Ref.Kind, fact.Ref.ID, err)
	}
	delete(header, jetstream.MsgIDHeader)
	header[MachineHeader] = []string{events.Token(fact.Machine)}
	return &nats.Msg{Subject: f.config.subject(fact.Ref, events.Token(fact.To)), Header: nats.Header(header), Data: data}, nil
}

// lookUp reads the last facts of resources whose next one was refused.
func (f *Facts) lookUp(ctx context.Context, refused []*train) error {
	found := make([]lastFact, len(refused))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i, t := range refused {
		group.Go(func() (err error) {
			found[i], err = f.lastOf(within, t.subjects)
			return err
		})
	}
	if err := group.Wait(); err != nil {
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
