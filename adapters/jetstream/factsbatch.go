package jetstream

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/projections"
)

// An atomic batch (ADR-50): the server keeps the messages of a batch apart until the last one says that they are all, and
// then stores all of them or none. What a message expects to follow is compared with the stream as it was before the batch,
// so several facts of a resource expect the same.
const (
	// mostInBatch is how many messages a server takes in a batch.
	mostInBatch = 1000

	batchHeader  = "Nats-Batch-Id"
	placeHeader  = "Nats-Batch-Sequence"
	commitHeader = "Nats-Batch-Commit"

	// levelHeader makes a server refuse a batch whose level of the JetStream API is lower. Level 5 is NATS 2.15, the first
	// that syncs a batch once, and in which no expectation of a batch can take the place of another (nats-server #8376). The
	// leader of the stream has to be one, not only the server on the other end of the connection.
	levelHeader = "Nats-Required-Api-Level"
	batchLevel  = "5"
)

// knowsBatches tells whether the version of a server is one whose batches we use. What cannot be read is a version to come.
func knowsBatches(version string) bool { return !before(version, 15) }

// allowBatches makes a stream take batches, and tells whether it does.
func allowBatches(ctx context.Context, js jetstream.JetStream, have jetstream.StreamConfig) bool {
	if have.AllowAtomicPublish {
		return true
	}
	have.AllowAtomicPublish = true
	s, err := js.UpdateStream(ctx, have)
	return err == nil && s.CachedInfo().Config.AllowAtomicPublish // else one by one, as before
}

const (
	// sample is how many facts are published one by one to learn what that costs, and believed for how many batches it holds.
	sample, believed = 64, 64
	// A batch costs what a server needs to keep it apart on its disk, and for each fact more than one by one without a sync.
	// Both are taken for higher than they are, so that a batch is used where it is sooner beyond doubt.
	batchCost, messageCost = 3 * time.Millisecond, 75 * time.Microsecond
	// declinedWaves is how many waves go one by one after a server took no batch, until it is asked again.
	declinedWaves = 100
)

// batches tells when to publish facts as one batch.
type batches struct {
	allowed  bool // by server and stream
	declined int  // waves that still go one by one
	// single is what a fact cost among several that went one by one, the last two times; 0: not known.
	single [2]time.Duration
	since  int // batches since that was measured
}

// each is the less of what was measured: the first facts of a stream wait for its files, and others for another program.
func (b *batches) each() time.Duration { return min(b.single[0], b.single[1]) }

// suit tells whether so many facts are to be one batch. least is the configuration's.
func (b *batches) suit(facts, least int) bool {
	switch {
	case !b.allowed:
		return false
	case b.declined > 0:
		b.declined--
		return false
	case least > 0:
		return facts >= least
	}
	n := time.Duration(min(facts, mostInBatch))
	return n*b.each() > batchCost+n*messageCost
}

// unsure tells whether it is to be learned first what facts cost that go one by one.
func (b *batches) unsure(facts, least int) bool {
	return b.allowed && b.declined == 0 && least == 0 && b.each() == 0 && facts > sample
}

// learn notes how long facts took that went one by one. Of a few, the way there and back is most of it.
func (b *batches) learn(took time.Duration, facts int) {
	if facts >= sample/2 {
		b.single, b.since = [2]time.Duration{b.single[1], took / time.Duration(facts)}, 0
	}
}

// used notes that there was a batch.
func (b *batches) used() {
	if b.since++; b.since > believed {
		b.single, b.since = [2]time.Duration{}, 0
	}
}

// passenger is a fact on its way in a batch.
type passenger struct {
	train *train
	fact  projections.Fact
}

// waiting counts the facts of all trains.
func waiting(trains []*train) (n int) {
	for _, t := range trains {
		n += len(t.facts)
	}
	return n
}

// board chooses the facts of the next batch: the first in the order of the log.
func board(trains []*train) []passenger {
	all := make([]passenger, 0, waiting(trains))
	for _, t := range trains {
		for _, fact := range t.facts {
			all = append(all, passenger{t, fact})
		}
	}
	slices.SortStableFunc(all, func(a, b passenger) int { return cmp.Compare(a.fact.Seq, b.fact.Seq) })
	return all[:min(len(all), mostInBatch)]
}

// together publishes facts as one batch. Where it is refused, what is not known of its resources is read, so that the next
// batch can be right; where all was known, the facts go one by one, which tells what came between.
func (f *Facts) together(ctx context.Context, trains []*train) error {
	all := board(trains)
	last, err := f.batch(ctx, all)
	switch {
	case err == nil:
		for i, p := range all { // their sequences are in a row
			f.told(p.train, last-uint64(len(all)-1-i))
		}
		f.batches.used()
		f.tally.batches.Add(1)
		f.tally.batched.Add(uint64(len(all)))
		return nil
	case declined(err):
		f.batches.declined = declinedWaves
	case !conflict(err):
		return err
	}
	f.tally.refused.Add(1)
	if conflict(err) && slices.ContainsFunc(trains, f.stranger) {
		return f.acquaint(ctx, trains)
	}
	_, err = f.singly(ctx, trains)
	return err
}

// declined tells whether a server refused a batch as such: it knows no batches, or has no room for one more.
func declined(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && !conflict(err) && refused(err) == "" && portError(err) == nil
}

// batch publishes facts as one batch, and returns the sequence of the last.
func (f *Facts) batch(ctx context.Context, all []passenger) (last uint64, err error) {
	w := f.newFlight()
	defer w.done()
	id := nats.NewInbox()
	for i, p := range all {
		m, err := f.following(p.train, p.fact)
		if err != nil {
			return 0, err
		}
		m.Header[batchHeader] = []string{id}
		m.Header[placeHeader] = []string{strconv.Itoa(i + 1)}
		if i == 0 {
			m.Header[levelHeader] = []string{batchLevel}
		}
		if i == len(all)-1 {
			m.Header[commitHeader] = []string{"1"}
			err = w.dispatch(ctx, m)
		} else {
			err = f.nc.PublishMsg(m)
		}
		if err != nil {
			return 0, err
		}
	}
	acks, err := w.wait(ctx)
	if err != nil {
		return 0, err
	}
	return acks[0].seq, acks[0].err
}
