package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// directRequest is a direct get of many messages (NATS ADR-31), which the client library does not have.
type directRequest struct {
	MultiLast []string `json:"multi_last,omitempty"`   // the last message of each of these subjects, at most 1024
	Next      string   `json:"next_by_subj,omitempty"` // or: messages whose subject matches
	Seq       uint64   `json:"seq,omitempty"`          // from this sequence on
	Batch     int      `json:"batch,omitempty"`        // at most so many
	MaxBytes  int      `json:"max_bytes,omitempty"`    // about; one more message may come
}

// direct is what a direct get found.
type direct struct {
	messages []kept
	upTo     uint64 // the answering server knows the stream up to here; 0: it did not say
	more     bool   // there are more messages than were asked for
}

// kept is one message of a stream.
type kept struct {
	subject string
	seq     uint64
	data    []byte
}

// errDirect says that the server answered a direct get otherwise than its documents say.
var errDirect = errors.New("the server's answer cannot be read")

// direct asks for many messages at once, of whichever server keeps the stream.
func (s *Store) direct(ctx context.Context, stream string, q directRequest) (direct, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	return getDirect(ctx, s.nc, s.courier, stream, q)
}

// getDirect asks until the context ends.
func getDirect(ctx context.Context, nc *nats.Conn, c *courier, stream string, q directRequest) (direct, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return direct{}, fmt.Errorf("jetstream: a request does not render: %w", err)
	}
	var found direct
	end := make(chan error, 1)
	reply, done := c.open(func(_ string, m *nats.Msg) { found.take(m, q.MultiLast == nil, end) })
	err = nc.PublishRequest("$JS.API.DIRECT.GET."+stream, reply, body)
	if err == nil {
		select {
		case err = <-end:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	done()
	if err != nil {
		return direct{}, explain(ctx, "reading from "+stream, err)
	}
	return found, nil
}

// take reads one part of the answer, and sends to end after the last. That nothing is found is said otherwise of the next
// messages than of the last ones, of which it would mean that one cannot be read.
func (d *direct) take(m *nats.Msg, next bool, end chan<- error) {
	status := m.Header.Get("Status")
	if status == "" {
		seq, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
		if err != nil {
			finish(end, errDirect)
			return
		}
		d.messages = append(d.messages, kept{m.Header.Get(jetstream.SubjectHeader), seq, m.Data})
		return
	}
	description := m.Header.Get("Description")
	switch {
	case status == "204":
		pending, err := strconv.ParseUint(m.Header.Get("Nats-Num-Pending"), 10, 64)
		if err != nil {
			err = errDirect
		}
		d.more = pending > 0
		d.upTo, _ = strconv.ParseUint(m.Header.Get("Nats-UpTo-Sequence"), 10, 64) // not every answer has it
		finish(end, err)
	case status == "404" && len(d.messages) == 0 && (next || description == "No Results"):
		finish(end, nil)
	case status == "503":
		finish(end, nats.ErrNoResponders)
	default:
		finish(end, fmt.Errorf("%w: %s %s", errDirect, status, description))
	}
}

// finish sends what ends an answer; whatever comes after it is not heard.
func finish(end chan<- error, err error) {
	select {
	case end <- err:
	default:
	}
}
