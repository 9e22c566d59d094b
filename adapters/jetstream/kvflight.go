package jetstream

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// windowMessages and windowBytes bound what one commit may have on its way. A server holds 10,000 messages and 128 MB
	// for one stream, and drops what is more.
	windowMessages = 4096
	windowBytes    = 16 << 20

	expectSeq = jetstream.ExpectedLastSubjSeqHeader
)

// acknowledgement is what the server said to one message.
type acknowledgement struct {
	seq uint64
	err error
}

// flight is a row of messages that are published without waiting for each.
type flight struct {
	nc      *nats.Conn
	timeout time.Duration // without any acknowledgement
	reply   string
	done    func()

	mu      sync.Mutex
	acks    []acknowledgement
	size    []int
	arrived int
	bytes   int // on their way
	failed  error
	moved   chan struct{} // an acknowledgement came
}

// newFlight begins a row. Call done when it is over.
func (s *Store) newFlight() *flight {
	f := &flight{nc: s.nc, timeout: s.config.Timeout, moved: make(chan struct{}, 1)}
	f.reply, f.done = s.courier.open(f.take)
	return f
}

// send publishes one message as soon as there is room for it. A message with a version is stored only where the key has
// that version; 0: where there is none.
func (f *flight) send(ctx context.Context, subject string, version *uint64, data []byte) error {
	m := &nats.Msg{Subject: subject, Data: data}
	if version != nil {
		m.Header = nats.Header{expectSeq: []string{strconv.FormatUint(*version, 10)}}
	}
	return f.dispatch(ctx, m)
}

// dispatch publishes a message, which is the flight's from then on, as soon as there is room for it.
func (f *flight) dispatch(ctx context.Context, m *nats.Msg) error {
	f.mu.Lock()
	n := len(f.acks)
	f.acks = append(f.acks, acknowledgement{})
	f.size = append(f.size, len(m.Data))
	f.bytes += len(m.Data)
	f.mu.Unlock()
	if err := f.until(ctx, func() bool { return n-f.arrived < windowMessages && (f.bytes < windowBytes || n == f.arrived) }); err != nil {
		return err
	}
	m.Reply = f.reply + "." + strconv.Itoa(n)
	return f.nc.PublishMsg(m)
}

// wait returns every acknowledgement, or the first error that is not a conflict.
func (f *flight) wait(ctx context.Context) ([]acknowledgement, error) {
	err := f.until(ctx, func() bool { return f.arrived == len(f.acks) })
	return f.acks, err
}

// until waits for a condition, as long as acknowledgements come.
func (f *flight) until(ctx context.Context, holds func() bool) error {
	var stall *time.Timer
	for {
		f.mu.Lock()
		fine, failed := holds(), f.failed
		f.mu.Unlock()
		switch {
		case failed != nil:
			return failed
		case fine:
			return nil
		case stall == nil:
			stall = time.NewTimer(f.timeout)
			defer stall.Stop()
		default:
			stall.Reset(f.timeout)
		}
		select {
		case <-f.moved:
		case <-stall.C:
			return jetstream.ErrAsyncPublishTimeout
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take reads one acknowledgement. It is on the courier's goroutine.
func (f *flight) take(rest string, m *nats.Msg) {
	n, err := strconv.Atoi(rest)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil || n < 0 || n >= len(f.acks) || f.acks[n] != (acknowledgement{}) {
		return
	}
	ack := readAck(m)
	f.acks[n] = ack
	f.arrived++
	f.bytes -= f.size[n]
	if ack.err != nil && !conflict(ack.err) && f.failed == nil {
		f.failed = ack.err
	}
	signal(f.moved)
}

// readAck reads what the server said. The usual answer is read without a JSON parser: {"stream":"NAME","seq":7}.
func readAck(m *nats.Msg) acknowledgement {
	const before = `"seq":`
	if at := bytes.Index(m.Data, []byte(before)); at >= 0 && !bytes.Contains(m.Data, []byte(`"error"`)) {
		digits := m.Data[at+len(before):]
		end := bytes.IndexAny(digits, ",} ")
		if seq, err := strconv.ParseUint(string(digits[:max(end, 0)]), 10, 64); err == nil && seq > 0 {
			return acknowledgement{seq: seq}
		}
	}
	if m.Header.Get("Status") == "503" {
		return acknowledgement{err: nats.ErrNoResponders}
	}
	var answer struct {
		Error *jetstream.APIError `json:"error"`
		Seq   uint64              `json:"seq"`
	}
	switch err := json.Unmarshal(m.Data, &answer); {
	case err != nil:
		return acknowledgement{err: errors.Join(jetstream.ErrInvalidJSAck, err)}
	case answer.Error != nil:
		return acknowledgement{err: answer.Error}
	case answer.Seq == 0:
		return acknowledgement{err: jetstream.ErrInvalidJSAck}
	}
	return acknowledgement{seq: answer.Seq}
}

// codeWrongLastConstant is how a clustered server, and one at some moments, refuses a compare-and-set.
const codeWrongLastConstant jetstream.ErrorCode = 10164

// conflict tells whether the server refused a message because its key has another version.
func conflict(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == codeWrongLastConstant)
}
