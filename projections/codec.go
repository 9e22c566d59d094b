package projections

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/hookfold/hookfold/fsm"
)

// rowVersion begins every row. It rises when the layout changes; a row of another version is rebuilt from the log.
//
// A row is: version, marks, sequence, newest time (if started), base, parked, skips, how many of its records are folded,
// and the records. Numbers are varints, most of them the distance to the one before; texts are numbered at their first use.
// What a record has in common with its resource is left out: a bare claim takes about 5 bytes.
const rowVersion = 1

// errNewerRow says that a row is not damaged, but of a layout that is not known here.
var errNewerRow = errors.New("a newer Hookfold wrote it: use that one, or rebuild the read model")

// The marks of a row.
const (
	rowStarted = 1 << iota
	rowBase
	rowParked
	rowSkips
	rowUnreadable // it is parked, and was not to be read
)

// MarshalBinary renders the fold state for a store.
func (r *resource[V]) MarshalBinary() ([]byte, error) {
	w := wireWriter{b: make([]byte, 0, 64+8*r.len())}
	if err := r.write(&w); err != nil {
		return nil, err
	}
	return w.b, nil
}

func (r *resource[V]) write(w *wireWriter) error {
	b, p, skips := r.base(), r.parked(), r.skips()
	w.byte(rowVersion)
	w.byte(bit(r.started, rowStarted) | bit(b != nil, rowBase) | bit(p != nil, rowParked) | bit(len(skips) > 0, rowSkips) |
		bit(p != nil && p.Unreadable, rowUnreadable))
	w.count(uint64(r.seq))
	if r.started {
		w.number(r.newest)
	}
	if b != nil {
		if err := b.write(w, r.of.model.digests()); err != nil {
			return fmt.Errorf("projections: state of %s %q does not render: %w", r.of.kind, r.id, err)
		}
	}
	if p != nil {
		w.count(uint64(p.Seq))
		w.string(p.Why)
	}
	if len(skips) > 0 {
		writeSkips(w, skips)
	}
	w.count(uint64(r.folded))
	w.count(uint64(r.len()))
	x := recordCodec{scale: r.scale()}
	for i := range r.held {
		x.write(w, &r.held[i])
	}
	return nil
}

// bit is the mark if it is set.
func bit(set bool, m byte) byte {
	if set {
		return m
	}
	return 0
}

// write renders a base. Only the value is JSON: it belongs to the model.
func (b *base[V]) write(w *wireWriter, digest bool) error {
	value, err := json.Marshal(b.Value)
	if err != nil {
		return err
	}
	w.bytes(value)
	w.count(uint64(b.Records))
	w.number(b.Last)
	w.count(uint64(b.Seq))
	if digest {
		w.b = append(w.b, b.Digest[:]...)
	}
	w.byte(bit(b.History.Known, 1))
	w.count(uint64(b.History.Conflicts))
	w.count(uint64(b.History.Gaps))
	w.count(uint64(len(b.History.Lines)))
	last := int64(0)
	for _, l := range b.History.Lines {
		w.number(l.Date - last)
		w.text(l.Event)
		w.text(l.Machine)
		w.byte(byte(l.Verdict))
		w.text(l.From)
		w.text(l.To)
		w.text(l.Why)
		w.count(uint64(l.Count))
		w.number(l.Until - l.Date)
		last = l.Date
	}
	return nil
}

// restore reads what MarshalBinary wrote, and nothing else: what it takes, it would write again byte for byte.
func restore[V any](d *desk[V], of *family[V], id string, b []byte) (r *resource[V], err error) {
	defer func() {
		if why := recover(); why != nil {
			err = fmt.Errorf("the model failed on its records: %v", why)
		}
		if err != nil {
			r, err = nil, fmt.Errorf("projections: stored state of %s %q cannot be read, rebuild the read model: %w", of.kind, id, err)
		}
	}()
	in := newWireReader(b)
	if v := in.byte(); v == 0 { // nothing is there, or nothing of ours
		return nil, errWire
	} else if v != rowVersion {
		return nil, fmt.Errorf("%w (version %d, this one reads %d)", errNewerRow, v, rowVersion)
	}
	r = newResource(of, id)
	if err := r.read(in, d.kinds); err != nil {
		return nil, err
	}
	r.refold(d, 0)
	d.again = wireWriter{b: d.again.b[:0]}
	if err := r.write(&d.again); err != nil || !bytes.Equal(d.again.b, b) {
		return nil, errWire
	}
	return r, nil
}

// read fills a resource.
func (r *resource[V]) read(in *wireReader, k kinds) error {
	marks := in.byte()
	r.seq = Seq(in.count())
	if r.started = marks&rowStarted != 0; r.started {
		r.newest = in.number()
	}
	if marks&rowBase != 0 {
		b := &base[V]{}
		if err := b.read(in, r.of.model.digests()); err != nil {
			return err
		}
		r.change(func(x *rare[V]) { x.base = b })
	}
	if marks&rowParked != 0 {
		at := Seq(in.count())
		r.park(Parked{Seq: at, Why: in.string(), Unreadable: marks&rowUnreadable != 0})
	}
	if marks&rowSkips != 0 {
		skips := readSkips(in)
		r.change(func(x *rare[V]) { x.skips = skips })
	}
	folded := in.count()
	if err := r.readRecords(in, in.many(recordLeast), k); err != nil {
		return err
	}
	switch {
	case in.err != nil || in.left() > 0:
		return errWire
	case folded > uint64(r.len()) || folded > 0 && r.base() == nil:
		return fmt.Errorf("%d of its %d records cannot be behind its horizon", folded, r.len())
	case r.rare == nil && r.len() == 0 && r.seq == 0:
		return errors.New("it holds nothing")
	}
	r.folded = int32(folded)
	return r.checkNewest()
}

// checkNewest compares the newest time with the records: without a base all of them are there.
func (r *resource[V]) checkNewest() error {
	stored := *r
	r.started = false
	s := r.scale()
	for i := range r.held {
		rec := s.record(&r.held[i])
		r.advance(&rec, r.held[i].when)
	}
	if r.base() != nil && (!r.started || stored.started && r.newest <= stored.newest) || r.started == stored.started && r.newest == stored.newest {
		r.newest, r.started = stored.newest, stored.started
		return nil
	}
	return errors.New("its newest time is not one of its records")
}

// readRecords reads the records, which stand in order.
func (r *resource[V]) readRecords(in *wireReader, n int, k kinds) error {
	x := recordCodec{scale: r.scale(), kinds: k}
	r.ledger = ledger{held: make([]held, 0, n)}
	for range n {
		h := x.read(in)
		if in.err != nil {
			return in.err
		}
		rec := x.record(&h)
		if r.of.model.when(&rec) != h.when {
			return errors.New("a record is not of its time")
		}
		if at, known := r.place(&rec, h.when); known || at < r.len() {
			return errors.New("its records are not in order")
		}
		r.insert(r.len(), h)
	}
	return nil
}

// read fills a base.
func (b *base[V]) read(in *wireReader, digest bool) error {
	value := in.string()
	if in.err != nil {
		return in.err
	}
	if err := json.Unmarshal([]byte(value), &b.Value); err != nil {
		return err
	}
	b.Records, b.Last, b.Seq = in.small(), in.number(), Seq(in.count())
	if digest {
		in.fill(b.Digest[:])
	}
	b.History.Known = in.byte() == 1
	b.History.Conflicts, b.History.Gaps = in.small(), in.small()
	b.History.Lines = make([]Line, in.many(lineLeast))
	last := int64(0)
	for i := range b.History.Lines {
		l := &b.History.Lines[i]
		l.Date = last + in.number()
		l.Event, l.Machine, l.Verdict = in.text(), in.text(), fsm.Verdict(in.byte())
		l.From, l.To, l.Why = in.text(), in.text(), in.text()
		l.Count, l.Until = in.small(), l.Date+in.number()
		if l.Verdict > fsm.Noted {
			return errWire
		}
		last = l.Date
	}
	return in.err
}

// fill reads as many bytes as there is room.
func (r *wireReader) fill(room []byte) {
	if r.left() < len(room) {
		r.fail()
		return
	}
	r.at += copy(room, r.b[r.at:])
}

// small reads a count that is an int.
func (r *wireReader) small() int {
	n := r.count()
	if n > math.MaxInt {
		r.fail()
		return 0
	}
	return int(n)
}
