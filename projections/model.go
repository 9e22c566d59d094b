package projections

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"time"

	"github.com/hookfold/hookfold/events"
)

// Model is everything needed to fold a log into one read model. Its functions are pure. The engine sorts, drops
// copies, refolds what arrives late, hides what is old and keeps the rest: a model only says what an instant does.
//
// A function that panics on a record parks the record's resource (law 11), but Key, which must not: nobody would know whose
// record it is. Where Document panics, readers of that document get an error. What a function panics with is shown to
// operators and logged, so it must hold nothing that is personal or secret.
// V survives encoding/json, because stores keep it so.
type Model[V any] struct {
	// Name is the plural under which the read model is served, e.g. "users"; Version rises whenever Apply changes its
	// mind, so that an old and a new read model can live side by side.
	Name    string
	Version int
	// Kind is the kind of the model's resources, as documents carry it.
	Kind string
	// Key tells which resource a record belongs to; false: not one of this model's.
	Key func(Record) (events.Ref, bool)
	// Apply folds one instant into the value and gives its lines. It never changes what its arguments point to.
	Apply func(V, Moment, *History) V
	// Document renders what readers get, as a value for encoding/json.
	Document func(View[V]) any

	// Keep is what the fold needs of a record. The rest is not held, and no other function of the model but Key sees it. nil:
	// everything, but where Same is nil not the arrival (Delivery and Time), which is no part of an event's identity: what
	// Apply made of it would depend on which of two copies came first.
	Keep func(Record) Record
	// Same is the identity of a record within the resource; nil: the event's own. Records of one identity have one time.
	Same func(Record) events.ID
	// When is the time by which records are ordered, in 1/PerSecond seconds; nil: the event's date in seconds.
	When func(Record) int64
	// Advances tells which records move the resource's newest time, and so its horizon; nil: claims only, because an
	// observation's time is not the resource's (fold rule 3).
	Advances func(Record) bool
	// Values appends the published value of each machine, in a fixed order, for transitions; nil: none. It only reads.
	Values func(*V, []Value) []Value
	// Backed tells whether an observation backs what a machine publishes (law 8), for facts; nil: nothing does. It only reads.
	Backed func(v *V, machine string) bool
	// Index gives secondary keys, e.g. the user of a session; nil: none. It is asked of values that are written, once a batch.
	Index func(V) map[string]string
	// IndexFields tells which field of the document shows a secondary key, as it is: {"user": "user_id"}. A list asked for a
	// value of such a field goes by the key, and a key that is called like another model's Kind lists what belongs to one
	// of that model's resources. nil: lists read every row.
	IndexFields map[string]string
	// AlsoBy names a secondary key by which a single document is found too, e.g. the provider's id of a hook; "": none.
	AlsoBy string

	Terms Terms

	plain plain
}

// plain tells which functions are the default ones, so that they need not be called.
type plain struct{ keep, when, advances bool }

// Terms are the limits of a model. Zero fields take the defaults of fold-rules; all times are seconds.
type Terms struct {
	PerSecond int64 // resolution of Model.When; 0: 1
	Horizon   int64 // how far behind the newest record history may still change; 0: 60 days
	Window    int64 // how long a claim is newer than what the API says; 0: 300; -1: Moment.Recent is not asked
	Future    int64 // how far ahead of its arrival a claim may be dated; 0: 3,600; -1: not judged
	Limit     int   // records of one resource inside the horizon before it is parked; 0: 1,000
	// Newest bounds what may still change by number, as Horizon does by age, for resources of which thousands are said in an
	// hour: a record that would stand behind the Newest newest admitted ones of its resource is behind the horizon. It is
	// refused when it arrives, and hidden in the base when it is there. Records of one time stay together. 0: no bound.
	//
	// Law 3 is then promised for what is inside both bounds, because only that is admitted in every order.
	Newest int
	// Spare is how many records behind the horizon are kept before they are folded together. They cost a little room, and
	// the past of most resources can be told without the archive. Documents do not depend on it. 0: 32; -1: none.
	Spare int
	// Lines keeps the last so many lines of the whole history; 0: all lines inside the horizon, behind one base line.
	Lines int
}

// The defaults of Terms.
const (
	DefaultHorizon = 60 * 24 * 3600
	DefaultWindow  = 300
	DefaultFuture  = 3600
	DefaultLimit   = 1000
	DefaultSpare   = 32
)

// Value is what one machine of a resource publishes.
type Value struct {
	Machine string
	Value   string // "" is unknown
}

// Moment is all that happened to one resource at one time. It is valid only while Model.Apply runs.
type Moment struct {
	Time    int64    // in the model's resolution
	Records []Record // of this time: no copies, ordered by identity

	past *past
}

// past is everything before a moment, as far as it is held.
type past struct {
	ledger
	scale
	window uint64 // Recent looks back less than this
}

// Recent gives the records of (Time − Window, Time), the newest first.
func (m Moment) Recent() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		p := m.past
		for i := p.len() - 1; i >= 0 && apart(p.held[i].when, m.Time) < p.window; i-- {
			if !yield(p.record(&p.held[i])) {
				return
			}
		}
	}
}

// ErrModel is wrapped by every problem of a model or a configuration.
var ErrModel = errors.New("projections: not completely declared")

// ID names the model with its version, as stores know it.
func (m Model[V]) ID() string { return fmt.Sprintf("%s_v%d", m.Name, m.Version) }

// filled returns the model with its defaults in place.
func (m Model[V]) filled() Model[V] {
	if m.Keep == nil {
		m.Keep = everything
		if m.Same == nil {
			m.Keep, m.plain.keep = withoutArrival, true
		}
	}
	if m.Same == nil {
		m.Same = func(r Record) events.ID { return r.Event.ID() }
	}
	if m.When == nil {
		m.plain.when = true
		m.When = func(r Record) int64 { return r.Event.Date }
	}
	if m.Advances == nil {
		m.plain.advances = true
		m.Advances = func(r Record) bool { return r.Event.Basis() == events.Claim }
	}
	t := &m.Terms
	t.PerSecond = or(t.PerSecond, 1)
	t.Horizon = or(t.Horizon, DefaultHorizon)
	t.Window = or(t.Window, DefaultWindow)
	t.Future = or(t.Future, DefaultFuture)
	t.Limit = or(t.Limit, DefaultLimit)
	t.Spare = max(or(t.Spare, DefaultSpare), 0)
	return m
}

// everything keeps a record as it is.
func everything(r Record) Record { return r }

// withoutArrival keeps what was said.
func withoutArrival(r Record) Record {
	r.Time, r.Event.Delivery = time.Time{}, events.Delivery{}
	return r
}

// route tells which resource a record belongs to. A decision is about a resource of the kind that it names, whatever Key
// makes of it.
func (m *Model[V]) route(r Record) (events.Ref, bool) {
	if decision(r.Event.Type) {
		return r.Event.Ref, r.Event.Ref.Kind == m.Kind
	}
	return m.Key(r)
}

// digests tells whether documents show a digest of what is behind the horizon.
func (m *Model[V]) digests() bool { return m.Terms.Lines == 0 }

// strip leaves of a record what the model keeps.
func (m *Model[V]) strip(r *Record) {
	if m.plain.keep {
		r.Time, r.Event.Delivery = time.Time{}, events.Delivery{}
		return
	}
	*r = m.Keep(*r)
}

// when is the time of a record.
func (m *Model[V]) when(r *Record) int64 {
	if m.plain.when {
		return r.Event.Date
	}
	return m.When(*r)
}

// advances tells whether a record moves the newest time.
func (m *Model[V]) advances(r *Record) bool {
	if m.plain.advances {
		return r.Event.Basis() == events.Claim
	}
	return m.Advances(*r)
}

// ahead tells whether a claim is dated further ahead of its arrival than the future bound.
func (m *Model[V]) ahead(r *Record) bool {
	if m.Terms.Future < 0 || r.Time.IsZero() || r.Event.Basis() != events.Claim {
		return false
	}
	arrival := r.Time.Unix()
	return r.Event.Date > arrival && apart(arrival, r.Event.Date) > uint64(m.Terms.Future)
}

// horizon and window are the terms in the model's resolution.
func (m *Model[V]) horizon() uint64 { return uint64(m.Terms.scale(m.Terms.Horizon)) }
func (m *Model[V]) window() uint64  { return uint64(m.Terms.scale(max(m.Terms.Window, 0))) }

// scale turns seconds into the model's resolution, as far as it has numbers for them.
func (t Terms) scale(seconds int64) int64 {
	most := math.MaxInt64 / t.PerSecond
	return min(max(seconds, -most), most) * t.PerSecond
}

// or returns the value, or the default where it is zero.
func or[T int | int64](v, byDefault T) T {
	if v == 0 {
		return byDefault
	}
	return v
}

// problems lists what is missing.
func (m Model[V]) problems() []string {
	var out []string
	add := func(bad bool, what string) {
		if bad {
			out = append(out, fmt.Sprintf("model %q %s", m.Name, what))
		}
	}
	add(m.Name == "" || strings.ContainsAny(m.Name, "/. *>"), "needs a name without slashes, dots, stars or blanks")
	add(m.Version < 1, "needs a version from 1")
	add(m.Kind == "", "needs a kind")
	add(m.Key == nil, "needs Key")
	add(m.Apply == nil, "needs Apply")
	add(m.Document == nil, "needs Document")
	add(m.Index == nil && (len(m.IndexFields) > 0 || m.AlsoBy != ""), "names secondary keys and needs Index")
	t := m.Terms
	add(t.PerSecond < 0 || t.Horizon < 0 || t.Limit < 0 || t.Lines < 0 || t.Newest < 0, "has a negative term")
	add(t.Future < -1 || t.Spare < -1 || t.Window < -1, "has a future bound, a spare or a window below -1")
	add(t.Newest > 0 && t.Newest > or(t.Limit, DefaultLimit), "is parked at Limit before it comes to Newest")
	return out
}
