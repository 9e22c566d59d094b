package jetstream

import (
	"context"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// chunk is how many rows are read at once; a server gives at most 1024.
const chunk = 1000

// Load returns the rows that exist. It never returns what is older than this process knows: a server that is behind is
// asked again. Errors: projections.ErrAway.
func (s *Store) Load(ctx context.Context, model string, refs []events.Ref) ([]projections.Row, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	ctx, cancel, err := s.link.request(ctx, patience)
	if err != nil {
		return nil, err
	}
	defer cancel()
	b, err := s.bucket(ctx, model, false)
	if b == nil || err != nil {
		return nil, err
	}
	return s.load(ctx, b, refs)
}

func (s *Store) load(ctx context.Context, b *bucket, refs []events.Ref) ([]projections.Row, error) {
	var rows []projections.Row
	for len(refs) > 0 {
		n := min(chunk, len(refs))
		found, err := s.fresh(ctx, b, refs[:n])
		if err != nil {
			return nil, err
		}
		refs = refs[n:]
		for _, k := range found {
			if len(k.data) == 0 {
				continue // somebody deleted it by hand
			}
			row, f, err := b.decode(k)
			if err != nil {
				return nil, err
			}
			if !f.damaged {
				b.meet(k.subject, f)
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// fresh reads rows from a server that is not behind what this process knows.
func (s *Store) fresh(ctx context.Context, b *bucket, refs []events.Ref) ([]kept, error) {
	b.mu.Lock()
	floor, proof := b.floor, b.proof
	b.mu.Unlock()
	subjects := make([]string, 0, len(refs)+1)
	for _, ref := range refs {
		subjects = append(subjects, b.keys.row(ref))
	}
	if proof != "" {
		subjects = append(subjects, proof) // an answer without any message would not tell how far the server has come
	}
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		found, upTo, err := s.last(ctx, b, subjects)
		if err != nil {
			s.doubt(b, err)
			return nil, err
		}
		if upTo >= floor {
			return withoutProof(found, proof), nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, explain(ctx, fmt.Sprintf("reading from %s, which is behind by %d", b.stream, floor-upTo), ctx.Err())
		}
	}
}

// last reads the last message of each subject, in as many answers as it takes.
func (s *Store) last(ctx context.Context, b *bucket, subjects []string) (found []kept, upTo uint64, err error) {
	q := directRequest{MultiLast: subjects, Batch: len(subjects), MaxBytes: pageBytes}
	for {
		page, err := s.direct(ctx, b.stream, q)
		if err != nil {
			return nil, 0, err
		}
		if upTo == 0 {
			upTo = page.upTo
		}
		found = append(found, page.messages...)
		if !page.more || len(page.messages) == 0 {
			return found, upTo, nil
		}
		q.Seq = page.messages[len(page.messages)-1].seq + 1
	}
}

func withoutProof(found []kept, proof string) []kept {
	rows := found[:0]
	for _, k := range found {
		if k.subject != proof {
			rows = append(rows, k)
		}
	}
	return rows
}

// meet remembers a row that is ahead of the checkpoint of a slot that this process commits to: somebody who was fenced
// wrote it.
func (b *bucket) meet(subject string, f frame) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.lanes[f.slot]
	if l == nil || l.busy || f.seq <= l.Position.Seq || l.ahead[subject].seq == f.seq {
		return
	}
	l.note(subject, ahead{seq: f.seq, settled: l.covered(f), old: f.generation != l.generation})
}
