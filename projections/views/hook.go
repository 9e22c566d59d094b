package views

import (
	"github.com/hookfold/hookfold/events"
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
	Status  string       `json:"status,omitempty"` // ENABLED, DISABLED or what else the provider says
	Newest  int64        `json:"newest,omitempty"` // Unix milliseconds of the last delivery that we answered with 200

	// FirstFailure and LastFailure are the times of the first and the newest failure of the present run that we know of, in
	// Unix milliseconds. They are zero while the counter is, and where only the API told of the failures.
	FirstFailure int64 `json:"first_failure,omitempty"`
	LastFailure  int64 `json:"last_failure,omitempty"`
	// Alerted is the greatest share of the budget of failures of which somebody was warned in the present run, in percent.
	Alerted int `json:"alerted,omitempty"`
}

// Hooks is the read model of the provider's hooks to us, keyed by EventType. Its facts are what we answered and what the
// API said of a hook; a stored notification is a success of its hook if the provider itself delivered it.
var Hooks = projections.Model[Hook]{
	Name: "hooks", Version: 1, Kind: KindHook,
	Key:      hookKey,
	Keep:     hookKeeps,
	Same:     hookIdentity,
	When:     hookTime,
	Advances: func(r projections.Record) bool { return r.Event.Type != events.Tick },
	Apply:    applyHook,
	Values: func(h *Hook, to []projections.Value) []projections.Value {
		return append(to, projections.Value{Machine: "hook", Value: h.Validity()}, projections.Value{Machine: "hook_status", Value: h.Status})
	},
	Index:    func(h Hook) map[string]string { return keys("hook_id", h.HookID) },
	AlsoBy:   "hook_id",
	Document: func(v projections.View[Hook]) any { return hookDocument(v) },

	IndexFields: map[string]string{"hook_id": "hook_id"},
	Terms: projections.Terms{
		PerSecond: 1000, Horizon: 3600, Window: -1, Future: -1, Lines: 100,
		// A hook whose notifications come by the thousand in an hour is a hook that works: each is a success, which sets the
		// counter to zero, so what older facts did to it is over. A late one may still find its place among 256.
		Newest: 256,
	},
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
