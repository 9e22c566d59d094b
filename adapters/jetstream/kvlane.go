package jetstream

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// lane is one slot of one model that this process commits to.
//
// Of every row the checkpoint covers one version, or none. As a rule that is the stored one, and then its Row.Seq is not
// after the checkpoint's. A commit that did not come to its checkpoint leaves rows that are ahead; the covered version of
// such a row is written in it, as settled.
type lane struct {
	mark
	version uint64 // the bucket's sequence of the checkpoint
	proven  bool   // the rows were compared with the checkpoint,
	losses  uint64 // after the connection had been lost so many times

	busy  bool             // a commit is under way, whose rows are not to be taken for somebody else's
	ahead map[string]ahead // rows that are ahead of the checkpoint, by subject
	queue []passing        // the same, by Row.Seq; what is no longer in ahead is passed over
}

// ahead is a row that is ahead of its checkpoint.
type ahead struct {
	seq, settled projections.Seq
	old          bool // it is from before everything was counted anew
}

type passing struct {
	seq     projections.Seq
	subject string
}

// note remembers a row that is ahead.
func (l *lane) note(subject string, a ahead) {
	if l.ahead == nil {
		l.ahead = map[string]ahead{}
	}
	if before, known := l.ahead[subject]; known {
		a.settled = before.settled
	}
	l.ahead[subject] = a
	at, _ := slices.BinarySearchFunc(l.queue, a.seq, func(p passing, seq projections.Seq) int { return cmp.Compare(p.seq, seq) })
	l.queue = slices.Insert(l.queue, at, passing{a.seq, subject})
}

// settled is the version of a row that the checkpoint covers, of which this worker knows a version.
func (l *lane) settled(subject string, known projections.Seq) projections.Seq {
	if a, is := l.ahead[subject]; is {
		return a.settled
	}
	return known
}

// pass counts the rows that were ahead and are covered by a checkpoint at seq.
func (l *lane) pass(seq projections.Seq) {
	n := 0
	for ; n < len(l.queue) && l.queue[n].seq <= seq; n++ {
		p := l.queue[n]
		if a, is := l.ahead[p.subject]; is && a.seq == p.seq {
			l.ledger.replace(p.subject, a.settled, a.seq)
			delete(l.ahead, p.subject)
		}
	}
	l.queue = l.queue[n:]
}

// passed names the rows that were ahead, of this generation, and will be covered by a commit that does not write them.
func (l *lane) passed(k keys, c projections.Commit) []events.Ref {
	var out []events.Ref
	if len(l.queue) == 0 {
		return nil
	}
	written := make(map[string]bool, len(c.Rows))
	for _, row := range c.Rows {
		written[k.row(row.Ref)] = true
	}
	for _, p := range l.queue {
		if p.seq > c.To.Position.Seq {
			break
		}
		a, is := l.ahead[p.subject]
		if ref, err := k.ref(p.subject); is && !a.old && a.seq == p.seq && !written[p.subject] && err == nil {
			out = append(out, ref)
		}
	}
	return out
}

// covered reads which version of a stored row a checkpoint covers.
func (m mark) covered(f frame) projections.Seq {
	switch {
	case f.seq <= m.Position.Seq:
		return f.seq
	case f.generation == m.generation:
		return f.settled
	}
	return 0 // it stood there when everything was counted anew
}

// Checkpoint returns where a slot stands, as the bucket's leader knows it; the zero value if it never began. Errors:
// projections.ErrAway.
func (s *Store) Checkpoint(ctx context.Context, model string, slot int) (projections.Checkpoint, error) {
	ctx, cancel, err := s.link.request(ctx, patience)
	if err != nil {
		return projections.Checkpoint{}, err
	}
	defer cancel()
	b, err := s.bucket(ctx, model, false)
	if b == nil || err != nil {
		return projections.Checkpoint{}, err
	}
	m, _, err := s.checkpoint(ctx, b, slot)
	return m.Checkpoint, err
}

// checkpoint reads a slot's checkpoint and its version; 0: there is none.
func (s *Store) checkpoint(ctx context.Context, b *bucket, slot int) (mark, uint64, error) {
	k, err := s.newest(ctx, b, b.keys.checkpoint(slot))
	if err != nil || k.seq == 0 || len(k.data) == 0 {
		return mark{}, k.seq, err
	}
	m, err := decodeMark(k.data)
	if err != nil {
		return mark{}, 0, fmt.Errorf("jetstream: the checkpoint of %s slot %d: %w", b.model, slot, err)
	}
	return m, k.seq, nil
}

// newest reads the last message of a subject from the leader; the zero value if there is none.
func (s *Store) newest(ctx context.Context, b *bucket, subject string) (kept, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	m, err := s.leader.GetLastMsg(b.stream, subject, nats.Context(ctx))
	switch {
	case isNotFound(err):
		return kept{}, nil
	case err != nil:
		s.doubt(b, err)
		return kept{}, explain(ctx, "reading from "+b.stream, err)
	}
	return kept{m.Subject, m.Sequence, m.Data}, nil
}
