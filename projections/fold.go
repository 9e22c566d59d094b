package projections

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
)

// View is one resource of a read model.
type View[V any] struct {
	Ref       events.Ref
	Value     V
	History   []Line // in fold order; behind the horizon one base line stands for all (fold rule 20)
	Conflicts int    // of the whole history, also behind the base line
	Gaps      int    // likewise
	Seq       Seq    // newest log record that is reflected; 0 without a log
	Parked    *Parked

	known bool
}

// Known tells whether anything was heard of the resource that makes a document (fold rule 8).
func (v View[V]) Known() bool { return v.known }

// AsOf asks for the past. The zero value is the present, for which no time is assumed.
type AsOf struct {
	time int64
	seq  Seq
	by   uint8
}

const (
	asOfNow uint8 = iota
	asOfTime
	asOfSeq
)

// AtTime is the state of knowledge about time t (Unix seconds): events dated later are left out, and a tick says that it
// is t (fold rule 19).
func AtTime(t int64) AsOf { return AsOf{time: t, by: asOfTime} }

// IsTime tells whether the moment is one of time.
func (a AsOf) IsTime() bool { return a.by == asOfTime }

// AtSeq is the state after the log record with this sequence.
func AtSeq(n Seq) AsOf { return AsOf{seq: n, by: asOfSeq} }

// Seq is the log record after which the moment is; false where it is not one of the log.
func (a AsOf) Seq() (Seq, bool) { return a.seq, a.by == asOfSeq }

// maxTime bounds the times that are asked for: the end of the year 9999, and as far before zero.
const maxTime = 253402300799

// ErrAsOf says that a moment cannot be read.
var ErrAsOf = errors.New("projections: not a moment: give Unix seconds, an RFC 3339 time, or seq:N for a log sequence")

// ParseAsOf reads a moment: Unix seconds, an RFC 3339 time, or "seq:N" for a log sequence. "" is the present.
func ParseAsOf(s string) (AsOf, error) {
	if s == "" {
		return AsOf{}, nil
	}
	if n, ok := strings.CutPrefix(s, "seq:"); ok {
		if seq, err := strconv.ParseUint(n, 10, 64); err == nil {
			return AtSeq(Seq(seq)), nil
		}
		return AsOf{}, ErrAsOf
	}
	if t, err := strconv.ParseInt(s, 10, 64); err == nil && -maxTime <= t && t <= maxTime {
		return AtTime(t), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return AtTime(t.Unix()), nil
	}
	return AsOf{}, ErrAsOf
}

// What a reader may be told.
var (
	// ErrUnknown says that nothing was ever heard of a resource.
	ErrUnknown = errors.New("projections: never heard of this resource")
	// ErrArchived says that the past that was asked for lies behind the horizon.
	ErrArchived = errors.New("projections: that moment lies behind the horizon: fold the archived log instead")
)

// Fold is the pure function that everything else agrees with: the view of one resource that a set of records gives, in
// whatever order they come and however often they are repeated. It admits every record (fold rule 4); records that the
// model's Key gives to another resource are the caller's mistake. An invalid model panics.
func Fold[V any](m Model[V], ref events.Ref, records []Record, at AsOf) View[V] {
	if p := m.problems(); len(p) > 0 {
		panic(fmt.Errorf("%w: %v", ErrModel, p))
	}
	m = m.filled()
	r := newResource(&m, ref)
	es := make([]entry, 0, len(records))
	for _, rec := range records {
		if when := m.When(rec); at.keeps(rec, when, m.Terms.PerSecond) {
			es = append(es, entry{record: rec, when: when})
		}
	}
	r.settle(es)
	if at.by == asOfTime {
		r.hear(m.tick(ref, at.time))
	}
	v, _ := r.view(AsOf{})
	return v
}

// entry is a record with its time.
type entry struct {
	record Record
	when   int64
}

// settle takes entries in any order. Of copies the first of the log stands.
func (r *resource[V]) settle(es []entry) {
	identity := func(a, b entry) int {
		x, y := r.model.Same(a.record), r.model.Same(b.record)
		return bytes.Compare(x[:], y[:])
	}
	slices.SortStableFunc(es, func(a, b entry) int {
		if a.when != b.when {
			return cmp.Compare(a.when, b.when)
		}
		return cmp.Or(identity(a, b), cmp.Compare(a.record.Seq, b.record.Seq))
	})
	es = slices.CompactFunc(es, func(a, b entry) bool { return a.when == b.when && identity(a, b) == 0 })
	r.ledger = ledger{times: make([]int64, 0, len(es)), records: make([]Record, 0, len(es))}
	for _, e := range es {
		r.insert(r.len(), e.record, e.when)
		r.advance(e.record, e.when)
		r.seq = max(r.seq, e.record.Seq)
	}
}

// keeps tells whether a record had been said by then.
func (a AsOf) keeps(rec Record, when, perSecond int64) bool {
	switch a.by {
	case asOfTime:
		return floor(when, perSecond) <= a.time
	case asOfSeq:
		return rec.Seq <= a.seq
	default:
		return true
	}
}

// tick says to one resource that it is a time, in seconds.
func (m *Model[V]) tick(ref events.Ref, t int64) entry {
	rec := Record{Event: events.Event{Type: events.Tick, Ref: ref, Date: t}}
	return entry{record: rec, when: m.Terms.scale(t)}
}

// floor divides towards minus infinity.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// view renders the resource as it stands, or as it stood.
func (r *resource[V]) view(at AsOf) (View[V], error) {
	if at.by != asOfNow {
		past, err := r.past(at)
		if err != nil {
			return View[V]{Ref: r.ref}, err
		}
		r = past
	}
	r = r.hidden()
	b := r.bottom()
	b.History.keep = or(r.model.Terms.Lines, all)
	if b.Records > 0 && r.model.Terms.Lines == 0 {
		b.History.Lines = append(b.History.Lines, b.line(r.model.Terms.PerSecond))
	}
	v := r.replay(b.Value, r.folded, r.len(), &b.History)
	h := b.History
	out := View[V]{Ref: r.ref, Value: v, History: h.Lines, Conflicts: h.Conflicts, Gaps: h.Gaps, Seq: r.seq, Parked: r.parked, known: h.Known}
	if !h.Known {
		return out, fmt.Errorf("%w: %s %q", ErrUnknown, r.ref.Kind, r.ref.ID)
	}
	return out, nil
}

// hidden is the resource with everything behind its horizon in the base, as documents show it.
func (r *resource[V]) hidden() *resource[V] {
	if r.inside() == r.folded {
		return r
	}
	s := *r
	s.ledger = r.upTo(r.len())
	s.compact(0)
	return &s
}

// past is the resource as it stood. It can be told as long as nothing is in the base that was not behind the horizon
// then.
func (r *resource[V]) past(at AsOf) (*resource[V], error) {
	s := *r
	s.ledger, s.marks, s.started, s.seq = ledger{}, nil, false, r.bottom().Seq
	for i, rec := range r.records {
		if at.keeps(rec, r.times[i], r.model.Terms.PerSecond) {
			s.insert(s.len(), rec, r.times[i])
			s.advance(rec, r.times[i])
			s.seq = max(s.seq, rec.Seq)
		}
	}
	switch {
	case at.by == asOfTime:
		s.hear(r.model.tick(r.ref, at.time))
	case r.parked != nil && at.seq < r.parked.Seq:
		s.parked = nil
	}
	if r.base != nil && (!s.behind(r.base.Last) || at.by == asOfSeq && r.base.Seq > at.seq) {
		return nil, fmt.Errorf("%w (%s %q)", ErrArchived, r.ref.Kind, r.ref.ID)
	}
	return &s, nil
}

// hear puts a tick among the records, unless the log had it.
func (r *resource[V]) hear(e entry) {
	at, known := r.place(e.record, e.when, r.model.Same)
	if known {
		return
	}
	r.insert(at, e.record, e.when)
	r.advance(e.record, e.when)
}

// line stands for everything behind the horizon (fold rule 20).
func (b *base[V]) line(perSecond int64) Line {
	return Line{
		Date: floor(b.Last, perSecond), Event: string(events.Base), Verdict: fsm.Noted,
		Why: fmt.Sprintf("%d earlier events, digest %s", b.Records, hex.EncodeToString(b.Digest[:])),
	}
}

// Document is one rendered resource.
type Document struct {
	Ref  events.Ref
	Seq  Seq
	JSON []byte // one line, without the newline
}

// Documents folds records into the documents of all resources that they concern, sorted by kind, id and source: what
// `hookfold fold` prints. It keeps no state; the order of the records does not matter. An invalid model panics.
func Documents(models []AnyModel, records []Record, at AsOf) ([]Document, error) {
	var out []Document
	for _, m := range models {
		docs, err := m.documents(records, at)
		if err != nil {
			return nil, err
		}
		out = append(out, docs...)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i].Ref, out[j].Ref
		if a.Kind != b.Kind {
			return a.Kind < b.Kind
		}
		if a.ID != b.ID {
			return a.ID < b.ID
		}
		return a.Source < b.Source
	})
	return out, nil
}

func (m Model[V]) documents(records []Record, at AsOf) ([]Document, error) {
	byRef := map[events.Ref][]Record{}
	for _, rec := range records {
		if ref, ok := m.Key(rec); ok {
			byRef[ref] = append(byRef[ref], rec)
		}
	}
	var out []Document
	for ref, recs := range byRef {
		v := Fold(m, ref, recs, at)
		if !v.known {
			continue
		}
		doc, err := m.render(v)
		if err != nil {
			return nil, err
		}
		out = append(out, doc)
	}
	return out, nil
}

// render gives a view's document: fixed key order, no HTML escapes, no trailing blanks (fold rule 2).
func (m Model[V]) render(v View[V]) (Document, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m.Document(v)); err != nil {
		return Document{}, fmt.Errorf("projections: document of %s %q does not render: %w", v.Ref.Kind, v.Ref.ID, err)
	}
	return Document{Ref: v.Ref, Seq: v.Seq, JSON: bytes.TrimSuffix(b.Bytes(), []byte("\n"))}, nil
}
