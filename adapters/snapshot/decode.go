package snapshot

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc64"
	"io"
	"io/fs"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// Why a file is left aside.
var (
	errRefused = errors.New("it cannot be used")
	errForeign = fmt.Errorf("%w: it is not a snapshot", errRefused)
	errLayout  = fmt.Errorf("%w: another version of Hookfold wrote it", errRefused)
	errDamaged = fmt.Errorf("%w: it is damaged", errRefused)
)

// rowsAtOnce is how many rows go into memory in one commit.
const rowsAtOnce = 1024

// contents are what a file holds.
type contents struct {
	store  *memory
	stands []projections.Position // of the lanes of models that are folded
}

// reader reads the values of a file. After the first error everything is zero.
type reader struct {
	file io.Reader     // stands at the sum when everything before it was read
	in   *bufio.Reader // everything before the sum
	sum  hash.Hash64
	size int64 // no length is greater
	err  error
}

func newReader(file io.Reader, size int64) *reader {
	r := &reader{file: file, sum: crc64.New(table), size: size}
	r.in = bufio.NewReaderSize(io.TeeReader(io.LimitReader(file, size-sumSize), r.sum), 1<<16)
	return r
}

// read reads a file whole. Nothing of it is used where the sum is not right. Errors: errRefused, and that the disk could
// not be read.
func read(ctx context.Context, from io.Reader, size int64, folded map[string]bool) (*contents, error) {
	r := newReader(from, size)
	if err := r.head(); err != nil {
		return nil, err
	}
	c := &contents{store: projections.NewMemoryStore()}
	for n := r.number(); n > 0 && r.err == nil; n-- {
		if err := r.model(ctx, c, folded); err != nil {
			return nil, err
		}
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	return c, nil
}

// head reads what a file begins with.
func (r *reader) head() error {
	if string(r.raw(uint64(len(magic)))) != magic {
		return r.or(errForeign)
	}
	if file, state := r.number(), r.number(); r.err == nil && (file != fileVersion || state != projections.StateVersion) {
		return errLayout
	}
	return r.err
}

// or is the error that there was of the disk, or this one.
func (r *reader) or(err error) error {
	if r.err != nil && !errors.Is(r.err, errDamaged) {
		return r.err
	}
	return err
}

// model reads one read model.
func (r *reader) model(ctx context.Context, c *contents, folded map[string]bool) error {
	name := r.text()
	slots := map[int]projections.Checkpoint{}
	for n := r.number(); n > 0 && r.err == nil; n-- {
		slots[int(r.number())] = r.checkpoint()
	}
	rows := r.number()
	keep := folded[name] || rows == 0
	if err := r.rows(ctx, c.store, name, slots, rows, keep); err != nil {
		return err
	}
	for slot, at := range slots {
		if !keep || r.err != nil {
			break
		}
		if err := c.store.Commit(ctx, projections.Commit{Model: name, Slot: slot, To: at}); err != nil {
			return errDamaged // the model is there twice
		}
		if folded[name] {
			c.stands = append(c.stands, at.Position)
		}
	}
	return r.err
}

// rows reads rows into the store, whose lanes still stand at the beginning.
func (r *reader) rows(ctx context.Context, store *memory, model string, slots map[int]projections.Checkpoint, n uint64, keep bool) error {
	some := make([]projections.Row, 0, rowsAtOnce)
	var before events.Ref
	var slot int
	for slot = range slots {
		break
	}
	for ; n > 0 && r.err == nil; n-- {
		row := r.row(before)
		before = row.Ref
		if some = append(some, row); len(some) < rowsAtOnce && n > 1 {
			continue
		}
		if keep && r.err == nil {
			if err := store.Commit(ctx, projections.Commit{Model: model, Slot: slot, Rows: some}); err != nil {
				return errDamaged
			}
		}
		some = some[:0]
	}
	return r.err
}

func (r *reader) checkpoint() projections.Checkpoint {
	c := projections.Checkpoint{Epoch: r.number()}
	c.Position = projections.Position{Stream: r.text(), Created: r.time(), Seq: projections.Seq(r.number()), Time: r.time()}
	return c
}

func (r *reader) row(before events.Ref) projections.Row {
	ref := events.Ref{Source: before.Source, Kind: before.Kind}
	if r.number() == 0 {
		ref.Source, ref.Kind = r.text(), r.text()
	}
	ref.ID = r.text()
	row := projections.Row{Ref: ref, Seq: projections.Seq(r.number())}
	if n := r.number(); n > 0 && r.err == nil {
		row.Index = map[string]string{}
		for ; n > 0 && r.err == nil; n-- {
			name := r.text()
			row.Index[name] = r.text()
		}
	}
	row.State = projections.Bytes(r.raw(r.number()))
	return row
}

// finish compares the sum, and sees that nothing else stands before it.
func (r *reader) finish() error {
	if r.err != nil {
		return r.err
	}
	if _, err := r.in.ReadByte(); !errors.Is(err, io.EOF) {
		return errDamaged
	}
	var sum [sumSize]byte
	if _, err := io.ReadFull(r.file, sum[:]); err != nil {
		return r.broken(err)
	}
	if binary.BigEndian.Uint64(sum[:]) != r.sum.Sum64() {
		return errDamaged
	}
	return nil
}

// broken keeps an error: that of the disk, or that the file holds what was never written so.
func (r *reader) broken(err error) error {
	var disk *fs.PathError
	switch {
	case r.err != nil:
	case errors.As(err, &disk):
		r.err = fmt.Errorf("snapshot: reading the file: %w", err)
	default:
		r.err = errDamaged
	}
	return r.err
}

// raw reads bytes, which are the caller's.
func (r *reader) raw(n uint64) []byte {
	if r.err == nil && n > uint64(r.size) {
		r.err = errDamaged
	}
	if r.err != nil {
		return nil
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r.in, b); err != nil {
		_ = r.broken(err)
		return nil
	}
	return b
}

// text reads a text. A short one is copied once.
func (r *reader) text() string {
	n := r.number()
	if n > uint64(r.in.Size()) {
		return string(r.raw(n))
	}
	b, err := r.in.Peek(int(n))
	if err != nil {
		_ = r.broken(err)
		return ""
	}
	s := string(b)
	_, _ = r.in.Discard(len(b)) // it is there
	return s
}

func (r *reader) number() uint64 {
	if r.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(r.in)
	if err != nil {
		_ = r.broken(err)
		return 0
	}
	return n
}

func (r *reader) time() time.Time {
	if r.err != nil {
		return time.Time{}
	}
	seconds, err := binary.ReadVarint(r.in)
	if err != nil {
		_ = r.broken(err)
		return time.Time{}
	}
	t := time.Unix(seconds, int64(r.number())).UTC()
	if t.IsZero() {
		return time.Time{}
	}
	return t
}
