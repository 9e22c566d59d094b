package hookcare

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm/hook"
)

// Standing is how a hook that is wanted stands at the provider.
type Standing string

// The standings of a hook, from what must be done first.
const (
	Missing   Standing = "missing"   // there is none
	Elsewhere Standing = "elsewhere" // it points at somebody else's address
	Outdated  Standing = "outdated"  // it points at our ingress, by another token or scheme
	Invalid   Standing = "invalid"   // INVALID: the provider sends nothing more (S4)
	Disabled  Standing = "disabled"  // DISABLED: somebody switched it off
	Right     Standing = "right"     // it points at us, ENABLED and not INVALID
	Refused   Standing = "refused"   // the provider does not take a hook for this type: it may not know the type
)

// Action is what was done to a hook, or would be.
type Action string

// What can be done to a hook.
const (
	Create  Action = "create"
	Repoint Action = "repoint"
	Enable  Action = "enable"
	Revive  Action = "revive"
)

// HookReport is what became of one wanted hook. It is also a JSON document.
type HookReport struct {
	Type     events.Type `json:"event_type"`
	HookID   string      `json:"hook_id,omitempty"`
	Address  string      `json:"address,omitempty"` // where it points: host and path, secrets hidden
	Status   string      `json:"status,omitempty"`
	Validity string      `json:"validity,omitempty"`
	Was      Standing    `json:"was"`
	Is       Standing    `json:"is"`      // after what was done; in a dry run as it was
	Actions  []Action    `json:"actions"` // done in this order; in a dry run: to be done
	// Since is from when what the hook has missed is filled in, in Unix seconds; 0: as far back as can be, or nothing is.
	Since   int64  `json:"since"`
	Problem string `json:"problem,omitempty"` // why it is not right
}

// Report is what Ensure or Revive did. It is also a JSON document.
type Report struct {
	Dry    bool         `json:"dry"`
	Hooks  []HookReport `json:"hooks"`
	Extra  []HookReport `json:"extra"`  // hooks that point at us without being wanted; nothing is done to them
	Others int          `json:"others"` // hooks of types that are not wanted and point elsewhere
	Filled bool         `json:"filled"` // what hooks have missed was brought in
}

// Count is how many wanted hooks are in a standing.
func (r Report) Count(s Standing) int {
	n := 0
	for _, h := range r.Hooks {
		if h.Is == s {
			n++
		}
	}
	return n
}

// UnmetError names the hooks that are not as they are wanted.
type UnmetError struct{ Hooks []HookReport }

// Error tells what to do for each kind of problem.
func (e *UnmetError) Error() string {
	by := map[Standing][]string{}
	for _, h := range e.Hooks {
		by[h.Is] = append(by[h.Is], string(h.Type))
	}
	var parts []string
	for _, s := range []Standing{Missing, Elsewhere, Outdated, Invalid, Disabled, Refused} {
		if len(by[s]) > 0 {
			parts = append(parts, fmt.Sprintf("%s (%s): %s", s, strings.Join(by[s], ", "), advice[s]))
		}
	}
	return "hookcare: hooks are not as they are wanted: " + strings.Join(parts, "; ")
}

// advice says what to do about a standing.
var advice = map[Standing]string{
	Missing:   "run ensure again, and see its problem",
	Elsewhere: "point them at this ingress by ensure with repoint, if nobody else needs them (there is one hook for each type), or leave their types out",
	Outdated:  "run ensure again, and see its problem",
	Invalid:   "revive them; where that fails, in the provider's dashboard (Developers, Webhooks)",
	Disabled:  "enable them by ensure with enable, if they were not switched off on purpose",
	Refused:   "the provider may not know this event type: leave it out, or ask its support",
}

// ErrStillInvalid says that a hook stayed INVALID after all documented ways.
var ErrStillInvalid = errors.New("the hook stays INVALID after all documented ways: reset it in the provider's dashboard (Developers, Webhooks)")

// ErrUnchanged says that the provider took a change and does not show it.
var ErrUnchanged = errors.New("the provider took the change and does not show it: look at the hook in its dashboard")

// ErrUnwanted says that a type was named that is not among those of which a hook is wanted.
var ErrUnwanted = errors.New("hookcare: no hook of this event type is wanted: name one of the configured types")

// off tells whether a hook is sent nothing because of its failures.
func off(validity string) bool { return validity == hook.Invalid.String() }

// idle tells whether a hook is sent nothing because it is switched off.
func idle(status string) bool { return status == hook.Disabled.String() }
