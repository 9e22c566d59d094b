package confirm

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// core is what a Confirmer knows and decides. It takes the log's records in order and the API's answers, and says which
// resource to read next. It has no clock, goroutine, network or randomness; one goroutine at a time may use it. Times are
// Unix milliseconds by our clock, unless they are said to be others.
type core struct {
	source    string
	resources map[events.Ref]*resource
	queue     queue
	found     *memory[struct{}] // resources that the API knew
	missing   *memory[absence]  // and that it did not
	quota     *quota
	last      place // the newest record taken
	most      int   // resources that are held at most
	behind    projections.Seq

	lag    int64 // by how much the provider's clock, which dates claims, is behind ours, at least about; milliseconds
	pause  int64 // nothing is to be read before
	outage int   // calls in a row that the API as a whole refused
	counts Counts
}

// absence is what is remembered of a resource that the API does not know.
type absence struct {
	times int
	until int64 // it is not asked for again before
}

// newCore makes a core that knows nothing.
func newCore(c Config, q *quota) *core {
	return &core{
		source: c.Source, resources: map[events.Ref]*resource{}, quota: q,
		found: remembering[struct{}](c.Remember), missing: remembering[absence](c.Remember),
		most: c.MaxOpen, behind: projections.Seq(c.MaxBehind),
	}
}

// full tells whether no more records may be taken until some resources are done with.
func (c *core) full() bool { return len(c.resources) >= c.most }

// take takes the log's next record.
func (c *core) take(now int64, rec *projections.Record) {
	at := c.last
	c.last = place{seq: rec.Seq, time: rec.Time.UnixNano()}
	e := &rec.Event
	if e.Ref.Source != c.source {
		return
	}
	switch e.Basis() {
	case events.Claim:
		c.claim(now, rec, at)
	case events.Observation:
		c.observe(now, e, at)
	}
}

// claim takes a claim: it opens its resource.
func (c *core) claim(now int64, rec *projections.Record, at place) {
	cl := claimed{ref: rec.Event.Ref, typ: rec.Event.Type, date: rec.Event.Date}
	if !rec.Time.IsZero() {
		cl.arrived = rec.Time.Unix()
	}
	m, ok := asks(&cl)
	if !ok {
		return
	}
	c.counts.Claims++
	r := c.resource(cl.ref)
	if rec.Event.Delivery.Origin == events.Backfill {
		c.vouch(r)
	}
	if r.claim(&cl, m, at) && r.since == 0 {
		r.since = arrival(now, rec.Time)
	}
	c.enqueue(now, r)
}

// arrival is when a record was stored.
func arrival(now int64, t time.Time) int64 {
	if t.IsZero() {
		return now
	}
	return min(now, t.UnixMilli())
}

// resource finds what is held of a resource, or begins to hold it.
func (c *core) resource(ref events.Ref) *resource {
	if r := c.resources[ref]; r != nil {
		return r
	}
	ref.Source, ref.ID = c.source, strings.Clone(ref.ID) // they may be parts of something long
	r := &resource{ref: ref, spot: spot{index: -1}, lane: fresh}
	b := briefly(ref)
	if _, known := c.found.get(b); known {
		r.lane = trusted
	} else if a, known := c.missing.get(b); known {
		r.lane, r.free = doubted, a.until
	}
	c.resources[ref] = r
	return r
}

// vouch notes that a resource exists, whatever the API said of it before.
func (c *core) vouch(r *resource) {
	if r.lane == trusted {
		return
	}
	if c.queue.take(r); r.lane == doubted {
		r.free = 0
	}
	r.lane = trusted
	c.missing.forget(briefly(r.ref))
}

// exists takes note that a trusted source named a resource.
func (c *core) exists(now int64, ref events.Ref) {
	b := briefly(ref)
	c.found.put(b, struct{}{})
	c.missing.forget(b)
	if r := c.resources[ref]; r != nil {
		c.vouch(r)
		c.enqueue(now, r)
	}
}

// observe takes an observation from the log: ours, or somebody else's.
func (c *core) observe(now int64, e *events.Event, at place) {
	var said events.Reading
	if json.Unmarshal(e.Data, &said) != nil {
		return // it says nothing
	}
	r := c.resources[e.Ref]
	switch {
	case said.Missing:
		c.absent(r, e.Ref, e.Date)
	default:
		c.found.put(briefly(e.Ref), struct{}{})
	}
	if r != nil && !said.Missing {
		c.vouch(r)
		r.answer(*e, true, at)
		r.settle(tells(e.Ref.Kind, said.Values), e.Date)
		r.rejudge(now)
	}
	if r != nil {
		c.enqueue(now, r)
	}
	if user := said.Attributes[views.UserID]; e.Ref.Kind == KindDocument && user != "" {
		c.lead(now, events.Ref{Source: e.Ref.Source, Kind: mangopay.KindUser, ID: user}, e.Date, at)
	}
}

// tells are the machines that an observation holds.
func tells(kind string, values map[string]string) (s set) {
	for name := range values {
		if m, ok := machineOf(kind, name); ok {
			s |= setOf(m)
		}
	}
	return s
}

// lead has a user's level read because a document of the user changed at a time: no claim need say so.
func (c *core) lead(now int64, user events.Ref, t int64, at place) {
	r := c.resource(user)
	c.vouch(r)
	if r.ask(kyc, t, at); r.since == 0 {
		r.since = now
	}
	c.enqueue(now, r)
}

// absent notes that the API did not know a resource at a time. When that is final, everything that was claimed of it is
// answered.
func (c *core) absent(r *resource, ref events.Ref, t int64) {
	b := briefly(ref)
	a, _ := c.missing.get(b)
	a.times++
	a.until = t*1000 + absentFor(a.times)
	c.missing.put(b, a)
	c.found.forget(b)
	if r != nil && t >= r.latest() {
		c.drop(r)
	}
}

// drop is done with a resource.
func (c *core) drop(r *resource) {
	if r.flight {
		r.says, r.claims, r.open, r.asking = nil, 0, 0, 0
		r.calm()
		return
	}
	c.queue.take(r)
	delete(c.resources, r.ref)
}

// enqueue puts a resource where it waits for what comes next: its turn, or its end.
func (c *core) enqueue(now int64, r *resource) {
	if c.resources[r.ref] != r || r.flight {
		return
	}
	if r.open == 0 {
		c.queue.put(r, max(r.expires(c.lag), now))
		return
	}
	due := max(r.soonest(now), r.free)
	if r.spot.ready != nil && due <= now {
		return // it keeps its place in the lane
	}
	c.queue.put(r, due)
}
