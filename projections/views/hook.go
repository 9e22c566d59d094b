package views

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"slices"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/projections"
)

// KindHook is the kind of the provider's hooks to us. There is one hook per EventType and a notification names none, so a
// hook's id is its EventType (fold rule 23); the provider's own id is an attribute.
const KindHook = "hook"

// Hook is what is known of one of the provider's hooks to us.
type Hook struct {
	Counter hook.Counter `json:"counter"`
	Unknown string       `json:"unknown,omitempty"` // a Validity that the machine does not know, verbatim
	HookID  string       `json:"hook_id,omitempty"`
	URL     string       `json:"url,omitempty"`
	Status  string       `json:"status,omitempty"` // ENABLED, DISABLED or what else the provider says
	Newest  int64        `json:"newest,omitempty"` // Unix milliseconds of the last delivery that we answered with 200
}

// Hooks is the read model of the provider's hooks to us, keyed by EventType. Its facts are what we answered and what the
// API said of a hook; a stored notification is a success of its hook if the provider itself delivered it.
var Hooks = projections.Model[Hook]{
	Name: "hooks", Version: 1, Kind: KindHook,
	Key:      hookKey,
	Same:     hookIdentity,
	When:     hookTime,
	Advances: func(r projections.Record) bool { return r.Event.Type != events.Tick },
	Apply:    applyHook,
	Values:   func(h Hook) []projections.Value { return []projections.Value{{Machine: "hook", Value: h.Validity()}} },
	Index:    func(h Hook) map[string]string { return keys("hook_id", h.HookID) },
	AlsoBy:   "hook_id",
	Document: func(v projections.View[Hook]) any { return hookDocument(v) },
	Terms: projections.Terms{
		PerSecond: 1000, Horizon: 3600, Future: -1, Lines: 100,
		Limit: 1_000_000, // successes of one hook in an hour: they cannot be folded together before the horizon has passed
	},
}

// hookKey gives deliveries and readings to their hook (fold rule 23).
func hookKey(r projections.Record) (events.Ref, bool) {
	e := r.Event
	if e.Basis() == events.Claim {
		return events.Ref{Source: e.Ref.Source, Kind: KindHook, ID: string(e.Type)}, e.Delivery.Origin == events.Webhook
	}
	return e.Ref, e.Ref.Kind == KindHook
}

// fact is a fact of a hook with what sorts it.
type fact struct {
	at      int64 // Unix milliseconds
	rank    int   // succeeded < failed < updated
	replica string
	n       uint64
	count   int
	reading events.HookReading
	event   events.Type
	data    string
}

// compare orders the facts of one millisecond (fold rule 23). Different readings that one line numbering gave one n end
// with INVALID, the restrictive one.
func (f fact) compare(g fact) int {
	invalid := func(f fact) bool { return f.reading.Validity == hook.Invalid.String() }
	strict := 0
	if invalid(f) != invalid(g) {
		strict = -1
		if invalid(f) {
			strict = 1
		}
	}
	return cmp.Or(cmp.Compare(f.rank, g.rank), cmp.Compare(f.replica, g.replica), cmp.Compare(f.n, g.n),
		strict, cmp.Compare(f.data, g.data))
}

// factOf reads a record of a hook.
func factOf(r projections.Record) fact {
	e := r.Event
	if e.Basis() == events.Claim {
		d := e.Delivery
		return fact{at: d.Received, replica: d.Replica, n: d.Attempt, count: 1, event: events.DeliverySucceeded}
	}
	f := fact{at: e.Date * 1000, count: 1, event: e.Type, data: string(e.Data)}
	switch e.Type {
	case events.DeliverySucceeded, events.DeliveryFailed:
		var a events.Attempt
		if json.Unmarshal(e.Data, &a) == nil && a.At != 0 {
			f.at, f.replica, f.n, f.count = a.At, a.Replica, a.N, max(a.Count, 1)
		}
		if e.Type == events.DeliveryFailed {
			f.rank = 1
		}
	case events.HookUpdated:
		f.rank = 2
		if json.Unmarshal(e.Data, &f.reading) == nil && f.reading.At != 0 {
			f.at, f.replica, f.n = f.reading.At, f.reading.Replica, f.reading.N
		}
	default:
		f.rank = 3
	}
	return f
}

func hookTime(r projections.Record) int64 { return factOf(r).at }

// hookIdentity makes a delivery of a notification that was stored twice one success, and a repeated delivery two.
func hookIdentity(r projections.Record) events.ID {
	if r.Event.Basis() != events.Claim {
		return r.Event.ID()
	}
	d := r.Event.Delivery
	b := binary.AppendVarint([]byte("delivery "), d.Received)
	b = binary.AppendUvarint(b, d.Attempt)
	sum := sha256.Sum256(append(b, d.Replica...))
	return events.ID(sum[:16])
}

// applyHook folds the facts of one millisecond (fold rules 23 to 25).
func applyHook(h Hook, m projections.Moment, out *projections.History) Hook {
	facts := make([]fact, len(m.Records))
	for i, r := range m.Records {
		facts[i] = factOf(r)
	}
	slices.SortFunc(facts, fact.compare)
	for _, f := range facts {
		switch f.event {
		case events.DeliverySucceeded:
			h = h.delivered(f, out)
		case events.DeliveryFailed:
			h = h.failed(f, out)
		case events.HookUpdated:
			h = h.updated(f, out)
		}
	}
	return h
}

func (h Hook) delivered(f fact, out *projections.History) Hook {
	next, o := h.Counter.Succeeded()
	out.AddRun(h.line(f, o, next), 1)
	h.Counter, h.Unknown, h.Newest = next, "", max(h.Newest, f.at)
	return h
}

func (h Hook) failed(f fact, out *projections.History) Hook {
	next, o := h.Counter.Failed(f.count)
	out.AddRun(h.line(f, o, next), min(f.count, hook.Limit))
	h.Counter, h.Unknown = next, ""
	return h
}

// updated takes what the API said of the hook. Url and Status never touch the counter (S4: changing the Url does not
// reset it).
func (h Hook) updated(f fact, out *projections.History) Hook {
	before := h
	for _, x := range []struct {
		to   *string
		said string
	}{{&h.HookID, f.reading.HookID}, {&h.URL, f.reading.URL}, {&h.Status, f.reading.Status}} {
		if x.said != "" {
			*x.to = x.said
		}
	}
	l := projections.Line{Date: f.at / 1000, Event: string(f.event), Machine: "hook", From: before.Validity()}
	switch f.reading.Validity {
	case hook.Valid.String():
		l.Verdict, l.Why = h.read(hook.Counter.Revived)
	case hook.Invalid.String():
		l.Verdict, l.Why = h.read(hook.Counter.Invalidated)
	case "":
		l.Verdict, l.Why = fsm.Noted, "The API told the hook's attributes, which leave validity and counter as they are."
	case "UNKNOWN":
		l.Verdict, l.Why = fsm.Noted, "The API told that it does not know the Validity; what was known is kept."
	default:
		l.Verdict, l.Why = h.strange(f.reading.Validity)
	}
	l.To = h.Validity()
	out.Add(l)
	return h
}

// read steps the counter by a reading of the Validity.
func (h *Hook) read(step func(hook.Counter) (hook.Counter, fsm.Outcome[hook.State])) (fsm.Verdict, string) {
	next, o := step(h.Counter)
	h.Counter, h.Unknown = next, ""
	return o.Verdict, hook.Machine.Definition().Reason(o.Cell)
}

// strange keeps a Validity that the machine does not know, verbatim (law 7). What follows is read as if nothing had been
// known before, as fold rule 10 has it for other machines.
func (h *Hook) strange(validity string) (fsm.Verdict, string) {
	before := h.Validity()
	if before == validity {
		return fsm.Duplicate, "The API tells the same Validity again, which is not known here."
	}
	if h.Counter.Validity == hook.Invalid {
		h.Counter.Failures = 0
	}
	h.Counter.Validity, h.Counter.Estimate, h.Unknown = hook.None, true, validity
	if before == "" {
		return fsm.First, "The API tells a Validity that is not known here; it is kept verbatim."
	}
	return fsm.Conflict, "The API tells a Validity that is not known here; it is kept verbatim, and what the counter means is open."
}

// line says what a delivery did.
func (h Hook) line(f fact, o fsm.Outcome[hook.State], next hook.Counter) projections.Line {
	return projections.Line{
		Date: f.at / 1000, Event: string(f.event), Machine: "hook", Verdict: o.Verdict,
		From: h.Validity(), To: next.Validity.String(), Why: hook.Machine.Definition().Reason(o.Cell),
	}
}

// Validity is the hook's Validity; "" unknown.
func (h Hook) Validity() string {
	if h.Unknown != "" {
		return h.Unknown
	}
	return h.Counter.Validity.String()
}

// HookDocument is the JSON document of a hook.
type HookDocument struct {
	Kind                string             `json:"kind"`
	ID                  string             `json:"id"` // EventType
	Source              string             `json:"source"`
	HookID              string             `json:"hook_id"`
	Status              string             `json:"status"`
	Validity            string             `json:"validity"`
	ConsecutiveFailures int                `json:"consecutive_failures"`
	Alerts              int                `json:"alerts"`
	Estimate            bool               `json:"estimate"`
	Conflicts           int                `json:"conflicts"`
	Gaps                int                `json:"gaps"`
	History             []projections.Line `json:"history"`
}

func hookDocument(v projections.View[Hook]) HookDocument {
	h := v.Value
	return HookDocument{
		Kind: v.Ref.Kind, ID: v.Ref.ID, Source: v.Ref.Source, HookID: h.HookID, Status: h.Status, Validity: h.Validity(),
		ConsecutiveFailures: h.Counter.Failures, Alerts: h.Counter.Alerts(), Estimate: h.Counter.Estimate,
		Conflicts: v.Conflicts, Gaps: v.Gaps, History: lines(v.History),
	}
}
