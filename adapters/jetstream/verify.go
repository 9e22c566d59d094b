package jetstream

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/projections"
)

// verify compares a position with what the log holds now. Errors: ErrRecreated, ErrRewound, ErrHole, ErrAway.
func (l *Log) verify(ctx context.Context, p projections.Position, info *jetstream.StreamInfo) error {
	if l.foreign != nil {
		return l.verifyForeign(ctx, p, info)
	}
	if p == (projections.Position{}) {
		return l.verifyBeginning(info)
	}
	if err := l.verifyStream(p, info); err != nil {
		return err
	}
	switch {
	case p.Seq == 0:
		return l.verifyBeginning(info)
	case uint64(p.Seq) < info.State.FirstSeq:
		return l.verifyArchived(p.Seq, info)
	}
	return l.verifyRecord(ctx, p)
}

// verifyStream compares the log's name, when it was made, and how far it goes.
func (l *Log) verifyStream(p projections.Position, info *jetstream.StreamInfo) error {
	switch {
	case p.Stream != "" && p.Stream != l.config.Stream:
		return fmt.Errorf("jetstream: %w (the position is of stream %s, the log is %s)",
			projections.ErrRecreated, p.Stream, l.config.Stream)
	case !p.Created.Equal(info.Created):
		return fmt.Errorf("jetstream: %w (stream %s was made %s, the position knows one made %s)",
			projections.ErrRecreated, l.config.Stream, info.Created.UTC(), p.Created.UTC())
	case uint64(p.Seq) > info.State.LastSeq:
		return fmt.Errorf("jetstream: %w (the log ends at sequence %d, %d was read)",
			projections.ErrRewound, info.State.LastSeq, p.Seq)
	}
	return nil
}

// verifyBeginning refuses a log whose first records are gone without having been archived.
func (l *Log) verifyBeginning(info *jetstream.StreamInfo) error {
	if first := firstSeq(info); first > l.config.Archived+1 {
		return fmt.Errorf("jetstream: %w (the log begins with sequence %d; if the records before are archived, "+
			"set Archived to %d)", projections.ErrHole, first, first-1)
	}
	return nil
}

// verifyArchived judges a position whose record is gone: only the one just before the first record can go on.
func (l *Log) verifyArchived(at projections.Seq, info *jetstream.StreamInfo) error {
	if first := firstSeq(info); at+1 < first || at > l.config.Archived {
		return fmt.Errorf("jetstream: %w (the log begins with sequence %d now, records up to %d were read)",
			projections.ErrHole, first, at)
	}
	return nil
}

// verifyRecord compares the time at which the newest record that was read was stored.
func (l *Log) verifyRecord(ctx context.Context, p projections.Position) error {
	m, err := l.record(ctx, p.Seq)
	switch {
	case err != nil:
		return err
	case m == nil:
		return fmt.Errorf("jetstream: %w (sequence %d was read before and is not there)", projections.ErrHole, p.Seq)
	case !m.Time.Equal(p.Time):
		return fmt.Errorf("jetstream: %w (sequence %d was stored %s, what was read before was stored %s)",
			projections.ErrRewound, p.Seq, m.Time.UTC(), p.Time.UTC())
	}
	return nil
}

// record reads one record from the leader; nil if it is not there.
func (l *Log) record(ctx context.Context, seq projections.Seq) (*nats.RawStreamMsg, error) {
	m, err := l.leader.GetMsg(l.config.Stream, uint64(seq), nats.Context(ctx))
	if errors.Is(err, nats.ErrMsgNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, explain(ctx, fmt.Sprintf("reading sequence %d", seq), err)
	}
	return m, nil
}

// firstSeq is the sequence of the first record that is there or will be.
func firstSeq(info *jetstream.StreamInfo) projections.Seq {
	if info.State.Msgs == 0 {
		return projections.Seq(max(info.State.FirstSeq, info.State.LastSeq+1))
	}
	return projections.Seq(info.State.FirstSeq)
}
