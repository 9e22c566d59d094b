package snapshot

import (
	"bufio"
	"context"
	"encoding/binary"
	"hash"
	"hash/crc64"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/hookfold/hookfold/projections"
)

// The file has a private format. A file of another version is not read, and the read models are folded anew:
//
//	file        magic version state-version n model*n sum(8 bytes)
//	model       name n (slot checkpoint)*n n row*n
//	checkpoint  epoch stream created seq time
//	row         same [source kind] id seq n (index value)*n state
//
// Numbers are unsigned varints, texts and states have their length before them, a time is Unix seconds (a signed varint)
// and nanoseconds. same is 1 where source and kind are those of the row before. The sum is CRC-64 of everything before.
const (
	magic       = "hookfold snapshot\n"
	fileVersion = 1
	sumSize     = 8
)

// table is that of the checksum.
var table = crc64.MakeTable(crc64.ECMA)

// writer writes the values of a file. After the first error it writes nothing.
type writer struct {
	out  *bufio.Writer
	sum  hash.Hash64
	room []byte
	size int64
	err  error
}

func newWriter(to io.Writer) *writer {
	sum := crc64.New(table)
	return &writer{out: bufio.NewWriterSize(io.MultiWriter(to, sum), 1<<16), sum: sum}
}

// store writes everything but the sum.
func (w *writer) store(ctx context.Context, cuts []projections.Cut) error {
	w.raw([]byte(magic))
	w.number(fileVersion)
	w.number(projections.StateVersion)
	w.number(uint64(len(cuts)))
	for _, c := range cuts {
		if err := w.model(ctx, c); err != nil {
			return err
		}
	}
	return w.err
}

// model writes one read model.
func (w *writer) model(ctx context.Context, c projections.Cut) error {
	w.text(c.Model)
	w.number(uint64(len(c.Slots)))
	for _, slot := range slices.Sorted(maps.Keys(c.Slots)) {
		w.number(uint64(slot))
		w.checkpoint(c.Slots[slot])
	}
	w.number(uint64(c.Len()))
	var before projections.Row
	for row := range c.Rows() {
		if err := w.row(row, before); err != nil {
			return err
		}
		if before = row; ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return w.err
}

func (w *writer) checkpoint(c projections.Checkpoint) {
	w.number(c.Epoch)
	w.text(c.Position.Stream)
	w.time(c.Position.Created)
	w.number(uint64(c.Position.Seq))
	w.time(c.Position.Time)
}

func (w *writer) row(row, before projections.Row) error {
	if row.Ref.Source == before.Ref.Source && row.Ref.Kind == before.Ref.Kind {
		w.number(1)
	} else {
		w.number(0)
		w.text(row.Ref.Source)
		w.text(row.Ref.Kind)
	}
	w.text(row.Ref.ID)
	w.number(uint64(row.Seq))
	w.number(uint64(len(row.Index)))
	for _, name := range slices.Sorted(maps.Keys(row.Index)) {
		w.text(name)
		w.text(row.Index[name])
	}
	state, err := row.State.MarshalBinary()
	if err != nil {
		return err
	}
	w.number(uint64(len(state)))
	w.raw(state)
	return w.err
}

// finish writes the sum.
func (w *writer) finish() error {
	if err := w.out.Flush(); err != nil {
		return err
	}
	w.raw(binary.BigEndian.AppendUint64(nil, w.sum.Sum64()))
	if w.err != nil {
		return w.err
	}
	return w.out.Flush()
}

func (w *writer) raw(b []byte) {
	if w.err == nil {
		_, w.err = w.out.Write(b)
		w.size += int64(len(b))
	}
}

func (w *writer) number(n uint64) {
	w.room = binary.AppendUvarint(w.room[:0], n)
	w.raw(w.room)
}

func (w *writer) text(s string) {
	w.room = append(binary.AppendUvarint(w.room[:0], uint64(len(s))), s...)
	w.raw(w.room)
}

func (w *writer) time(t time.Time) {
	w.room = binary.AppendUvarint(binary.AppendVarint(w.room[:0], t.Unix()), uint64(t.Nanosecond()))
	w.raw(w.room)
}
