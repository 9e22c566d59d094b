package jetstream

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// mostLast bounds the resources whose last fact is remembered; of others it costs one read to know it again.
const mostLast = 100_000

// lastFact is the last fact of a resource, as far as it is known.
type lastFact struct {
	stream  uint64 // its sequence in the stream of facts; 0: none is there
	seq     projections.Seq
	machine string
	model   string
}

// train is what is to be told of one resource, one fact after the other.
type train struct {
	subjects string // of all facts of the resource
	facts    []projections.Fact
	still    int // how often it was refused without a reason
}

// Publish keeps facts: once each, those of one resource in their order, and returns when all of them are on the disk of
// whoever keeps the stream. They come in the order of the log, all that one record made in one call. Errors:
// projections.ErrAway; ErrOtherModel; ErrReadOnly without a Log.
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
	began := time.Now()
	defer func() { f.tally.spent.Add(int64(time.Since(began))) }()
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

// wave publishes some of what is to be told, and returns the resources of which something is still to be told.
func (f *Facts) wave(ctx context.Context, trains []*train) ([]*train, error) {
	trains = slices.DeleteFunc(trains, func(t *train) bool {
		all := len(t.facts)
		t.facts = f.last[t.subjects].untold(t.facts)
		f.tally.known.Add(uint64(all - len(t.facts)))
		return len(t.facts) == 0
	})
	if len(trains) == 0 {
		return nil, nil
	}
	facts, now := waiting(trains), trains
	if f.batches.suit(facts, f.config.Batch) {
		return trains, f.together(ctx, trains)
	}
	if f.batches.unsure(facts, f.config.Batch) {
		now = trains[:min(len(trains), sample)]
	}
	refused, err := f.singly(ctx, now)
	if err == nil && refused > 0 {
		err = f.acquaint(ctx, trains) // what is there of some is likely there of others
	}
	return trains, err
}

// singly publishes the next fact of every train as a message of its own, and tells how many were refused.
func (f *Facts) singly(ctx context.Context, trains []*train) (int, error) {
	began := time.Now()
	acks, err := f.send(ctx, trains)
	if err != nil {
		return 0, err
	}
	var refused []*train
	for i, t := range trains {
		if acks[i].err != nil { // every other error than a conflict ended the wave
			refused = append(refused, t)
			continue
		}
		f.told(t, acks[i].seq)
	}
	f.tally.single.Add(uint64(len(trains) - len(refused)))
	f.tally.refused.Add(uint64(len(refused)))
	if len(refused) == 0 {
		f.batches.learn(time.Since(began), len(trains))
	}
	return len(refused), f.lookUp(ctx, refused)
}

// told notes that the next fact of a train is kept.
func (f *Facts) told(t *train, stream uint64) {
	f.last[t.subjects] = lastFact{stream, t.facts[0].Seq, t.facts[0].Machine, t.facts[0].Model}
	t.facts, t.still = t.facts[1:], 0
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
	w := f.newFlight()
	defer w.done()
	for _, t := range trains {
		m, err := f.following(t, t.facts[0])
		if err != nil {
			return nil, err
		}
		if err := w.dispatch(ctx, m); err != nil {
			return nil, err
		}
	}
	return w.wait(ctx)
}

// newFlight begins a row of messages. Call done when it is over.
func (f *Facts) newFlight() *flight {
	w := &flight{nc: f.nc, timeout: f.config.Timeout, moved: make(chan struct{}, 1)}
	w.reply, w.done = f.courier.open(w.take)
	return w
}

// following renders a fact that is only to be stored where nothing came after the last one that is known of its train.
func (f *Facts) following(t *train, fact projections.Fact) (*nats.Msg, error) {
	m, err := f.message(fact)
	if err != nil {
		return nil, err
	}
	m.Header[expectSeq] = []string{strconv.FormatUint(f.last[t.subjects].stream, 10)}
	m.Header[jetstream.ExpectedLastSubjSeqSubjHeader] = []string{t.subjects}
	return m, nil
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
	return &nats.Msg{Subject: f.config.subject(fact.Ref, valueToken(fact.To)), Header: nats.Header(header), Data: data}, nil
}
