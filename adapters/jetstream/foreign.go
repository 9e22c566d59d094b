package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// Decoder reads one message of a stream that somebody else fills. It is a function of its arguments, which it does not
// keep. The zero Event without an error is a message that names no resource, such as the test of a provider's dashboard;
// it becomes an event of type events.Passed. With an error the message is one that cannot be read; it is kept and counted
// as events.Undecodable, and whatever follows is read.
//
// A Decoder that returns one of Hookfold's own types, such as events.Observed, vouches for it: make one only of messages
// that nobody but you can publish. Those of package events/mangopay refuse them.
type Decoder func(subject string, header map[string][]string, data []byte) (events.Event, error)

// ForeignConfig says which stream of somebody else's is read, and how. Stream and Decode are required.
type ForeignConfig struct {
	// Stream is the name of the stream.
	Stream string
	// Subject is where the notifications are; it may have wildcards. "": everything in the stream. Where the stream holds
	// other subjects as well, the server leaves those out, and it can no longer be proved that its disk lost nothing.
	Subject string
	// Decode reads the messages, e.g. mangopay.DecodeJSON.
	Decode Decoder
	// Source names provider, environment and client of all events. "": what the decoder says, and the name of the stream
	// for messages that it cannot read.
	Source string
	// AcceptLoss goes on where messages left the stream before they were read, by its limits, a purge or damage. An Import
	// then also begins anew with a stream that was made anew or lost its tail. Without it all of these are errors, except
	// that a first reading begins with the first message that is there.
	AcceptLoss bool
	// Timeout bounds a Head whose context has no deadline. 0: 5 seconds.
	Timeout time.Duration
	// Batch is the greatest number of records that Next returns. 0: 5000.
	Batch int
	// Gather is how long Next waits for a batch to become full while the server says that more records follow. 0: 10
	// milliseconds.
	Gather time.Duration
}

// Why a stream cannot be read as it is.
var (
	// ErrRetention says that reading a stream would take its messages from those for whom they are, or the other way round.
	ErrRetention = errors.New("jetstream: only a stream with limits retention keeps its messages for every reader: " +
		"publish into such a stream, and let the work queue or interest stream source it")
	// ErrSubject says that a stream holds nothing of what is to be read.
	ErrSubject = errors.New("jetstream: the stream does not hold the subject: check both names")
)

// foreign is how somebody else's stream is read.
type foreign struct {
	ForeignConfig
	filter string // what the server is to leave out everything else by; "": nothing
}

// OpenForeign opens a stream that somebody else made and fills, as a log that is only read: Append is
// projections.ErrReadOnly, and nothing of the stream is ever changed. Each event carries the origin events.Import, the
// stream's name as replica and the message's sequence as attempt. Sequences are the stream's and so may leave numbers out.
//
// What must hold instead: what the server sent arrived without a gap in the consumer's own count; the stream is the one that
// was read before, and holds what was read last, or dropped it in order; and no message left it unread. Where a stream
// holds nothing but our subject, a message that is missing must be one that the server knows to have been deleted.
//
// Errors: every problem of the configuration at once; ErrRetention, ErrSubject; projections.ErrAway, also for a stream that
// is not there.
func OpenForeign(ctx context.Context, nc *nats.Conn, c ForeignConfig) (*Log, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return open(ctx, nc, c.own(), func(ctx context.Context, l *Log) error {
		info, err := l.info(ctx)
		if err != nil {
			return err
		}
		filter, err := c.filterIn(info.Config)
		if err != nil {
			return err
		}
		l.foreign = &foreign{ForeignConfig: c, filter: filter}
		return verifyRetention(info)
	})
}

// own is what of the configuration every log has.
func (c ForeignConfig) own() LogConfig {
	return LogConfig{Stream: c.Stream, Timeout: c.Timeout, Batch: c.Batch, Gather: c.Gather}.withDefaults()
}

// Validate reports every problem of the configuration at once, as OpenForeign does. It needs no server.
func (c ForeignConfig) Validate() error {
	own := c.own()
	own.Stream = defaultStream // somebody else's may have any name that a server takes
	problems := []error{own.validate()}
	if c.Stream == "" || len(c.Stream) > 255 || strings.ContainsAny(c.Stream, " \t\r\n\f.*>/\\\x00") {
		problems = append(problems, fmt.Errorf("jetstream: Stream %q: name a stream that is there", c.Stream))
	}
	if c.Subject != "" && !isSubject(c.Subject) {
		problems = append(problems, fmt.Errorf("jetstream: Subject %q: give tokens with dots between, "+
			"of which one may be * and the last >", c.Subject))
	}
	if c.Decode == nil {
		problems = append(problems, errors.New("jetstream: Decode is missing: say how messages are read, "+
			"e.g. with mangopay.DecodeJSON"))
	}
	if len(c.Source) > longestName {
		problems = append(problems, fmt.Errorf("jetstream: Source: give at most %d bytes", longestName))
	}
	return errors.Join(problems...)
}

// filterIn is the filter by which the server leaves out what is not ours: none where everything is.
func (c ForeignConfig) filterIn(stream jetstream.StreamConfig) (string, error) {
	if c.Subject == "" || c.Subject == ">" {
		return "", nil
	}
	if stream.Mirror != nil || len(stream.Sources) > 0 || stream.SubjectTransform != nil {
		return c.Subject, nil // its own subjects do not tell what it holds
	}
	all, some := true, false
	for _, subject := range stream.Subjects {
		all = all && covers(c.Subject, subject)
		some = some || overlap(c.Subject, subject)
	}
	switch {
	case !some:
		return "", fmt.Errorf("%w (stream %s, subject %s)", ErrSubject, stream.Name, c.Subject)
	case all:
		return "", nil
	}
	return c.Subject, nil
}

// filter is the subject that a consumer asks for; "" for everything.
func (l *Log) filter() string {
	if l.foreign == nil {
		return ""
	}
	return l.foreign.filter
}

// foreignHead completes the position of the newest message that is ours. One at the stream's end may be somebody else's.
func (l *Log) foreignHead(ctx context.Context, p projections.Position) (projections.Position, error) {
	m, err := l.leader.GetLastMsg(l.config.Stream, orDefault(l.filter(), ">"), nats.Context(ctx))
	if errors.Is(err, nats.ErrMsgNotFound) {
		return p, nil
	}
	if err != nil {
		return projections.Position{}, explain(ctx, "asking for the newest message of stream "+l.config.Stream, err)
	}
	p.Seq, p.Time = projections.Seq(m.Sequence), m.Time.UTC()
	return p, nil
}
