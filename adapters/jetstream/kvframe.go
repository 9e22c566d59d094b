package jetstream

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"time"

	"github.com/hookfold/hookfold/projections"
)

// The values in a bucket have a private format. Whatever was written once is read for ever, or refused with errNewer:
//
//	row         1 seq settled generation slot n (index value)*n state
//	checkpoint  1 epoch generation count sum(8 bytes) stream created seq time
//
// Numbers are unsigned varints, texts have their length before them, a time is Unix seconds (a signed varint) and
// nanoseconds, the state is the rest.
const frameVersion = 1

var (
	errFrame = errors.New("it cannot be read: retry it in the quarantine, or delete the bucket, which is folded anew from the log")
	errNewer = errors.New("a newer Hookfold wrote it: use that one, or delete the bucket")
)

// frame is a row without what its key says.
type frame struct {
	seq projections.Seq // Row.Seq
	// settled is Row.Seq of the version that the checkpoint covered when this one was written; 0: none.
	settled    projections.Seq
	generation uint64 // of the checkpoint when this version was written: settled means nothing to another one
	slot       int
	index      map[string]string
	state      []byte
	damaged    bool // it cannot be read, and the rest is not known
}

func (f frame) encode() []byte {
	b := make([]byte, 0, len(f.state)+64)
	b = append(b, frameVersion)
	for _, n := range []uint64{uint64(f.seq), uint64(f.settled), f.generation, uint64(f.slot), uint64(len(f.index))} {
		b = binary.AppendUvarint(b, n)
	}
	for _, name := range slices.Sorted(maps.Keys(f.index)) {
		b = appendText(appendText(b, name), f.index[name])
	}
	return append(b, f.state...)
}

func decodeFrame(b []byte) (frame, error) {
	r := reader{rest: b}
	r.version()
	f := frame{seq: projections.Seq(r.number()), settled: projections.Seq(r.number()), generation: r.number(), slot: int(r.number())}
	switch n := r.number(); {
	case n > uint64(len(r.rest)):
		r.fail(errFrame)
	case n > 0:
		f.index = make(map[string]string, n)
		for range n {
			name := r.text()
			f.index[name] = r.text()
		}
	}
	f.state = r.rest
	return f, r.err
}

// mark is a checkpoint with what proves the rows.
type mark struct {
	projections.Checkpoint
	// generation rises when the rows are found to be other than the checkpoint says, and everything is counted anew.
	generation uint64
	ledger     ledger
}

func (m mark) encode() []byte {
	b := []byte{frameVersion}
	for _, n := range []uint64{m.Epoch, m.generation, m.ledger.count} {
		b = binary.AppendUvarint(b, n)
	}
	b = binary.BigEndian.AppendUint64(b, m.ledger.sum)
	b = appendTime(appendText(b, m.Position.Stream), m.Position.Created)
	return appendTime(binary.AppendUvarint(b, uint64(m.Position.Seq)), m.Position.Time)
}

func decodeMark(b []byte) (mark, error) {
	r := reader{rest: b}
	r.version()
	m := mark{Checkpoint: projections.Checkpoint{Epoch: r.number()}, generation: r.number()}
	m.ledger = ledger{count: r.number(), sum: r.sum()}
	m.Position = projections.Position{Stream: r.text(), Created: r.time(), Seq: projections.Seq(r.number()), Time: r.time()}
	if r.err == nil && len(r.rest) > 0 {
		r.err = errFrame
	}
	return m, r.err
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendTime(b []byte, t time.Time) []byte {
	return binary.AppendUvarint(binary.AppendVarint(b, t.Unix()), uint64(t.Nanosecond()))
}

// reader takes values off the front of a frame. After the first that is not there everything is zero.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.rest = nil
}

// version takes the first byte.
func (r *reader) version() {
	switch {
	case len(r.rest) == 0 || r.rest[0] == 0:
		r.fail(errFrame)
	case r.rest[0] > frameVersion:
		r.fail(fmt.Errorf("%w (layout %d)", errNewer, r.rest[0]))
	default:
		r.rest = r.rest[1:]
	}
}

func (r *reader) number() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail(errFrame)
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) text() string {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.fail(errFrame)
		return ""
	}
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}

func (r *reader) sum() uint64 {
	if len(r.rest) < 8 {
		r.fail(errFrame)
		return 0
	}
	v := binary.BigEndian.Uint64(r.rest)
	r.rest = r.rest[8:]
	return v
}

func (r *reader) time() time.Time {
	seconds, n := binary.Varint(r.rest)
	if n <= 0 {
		r.fail(errFrame)
		return time.Time{}
	}
	r.rest = r.rest[n:]
	t := time.Unix(seconds, int64(r.number())).UTC()
	if t.IsZero() {
		return time.Time{}
	}
	return t
}

// ledger proves a set of rows: how many there are, and the sum of a hash of each key with its Row.Seq.
type ledger struct{ count, sum uint64 }

// replace takes the version of a row that was there out, and puts another one in. 0 stands for no version.
func (l *ledger) replace(key string, before, after projections.Seq) {
	if before > 0 {
		l.count--
		l.sum -= proof(key, before)
	}
	if after > 0 {
		l.count++
		l.sum += proof(key, after)
	}
}

// proof is the hash of one version of a row. Its bits are mixed, because it is summed.
func proof(key string, seq projections.Seq) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	x := h.Sum64() ^ uint64(seq)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// digestOf stands for secondary keys in a Revision: 0 for none.
func digestOf(entries []string) uint64 {
	if len(entries) == 0 {
		return 0
	}
	h := fnv.New64a()
	for _, e := range entries {
		_, _ = h.Write(append([]byte(e), 0))
	}
	return h.Sum64() | 1
}
