package live

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	looplab "github.com/looplab/fsm"

	"github.com/hookfold/hookfold/fsm"
)

// Nothing is what callbacks see as e.Src, and what their names use, for the state "" (nothing known).
const Nothing = "NOTHING_KNOWN"

func toLooplab(state string) string {
	if state == "" {
		return Nothing
	}
	return state
}

// normalise gives every callback its full name and reports all that fit nothing or the same thing twice.
func normalise(d *fsm.Definition, given looplab.Callbacks) (looplab.Callbacks, error) {
	if problem := reserved(d); problem != nil {
		return nil, problem
	}
	var problems []error
	full := looplab.Callbacks{}
	by := map[string]string{}
	for _, name := range sortedNames(given) {
		target, ok := fullName(d, name)
		switch {
		case !ok:
			problems = append(problems, fmt.Errorf("%w: %q names no event or state of %s", ErrCallbacks, name, d.Name))
		case given[name] == nil:
			problems = append(problems, fmt.Errorf("%w: %q is nil", ErrCallbacks, name))
		case full[target] != nil:
			problems = append(problems, fmt.Errorf("%w: %q and %q are the same callback", ErrCallbacks, by[target], name))
		default:
			full[target], by[target] = given[name], name
		}
	}
	return full, errors.Join(problems...)
}

// reserved refuses a machine whose names looplab's callbacks would confuse.
func reserved(d *fsm.Definition) error {
	for _, s := range d.States {
		if s == Nothing || s == "state" || slices.Contains(d.Events, s) {
			return fmt.Errorf("%w: the state %q of %s has a meaning of its own, or is an event too: rename it", ErrCallbacks, s, d.Name)
		}
	}
	if slices.Contains(d.Events, "event") {
		return fmt.Errorf("%w: the event %q of %s has a meaning of its own: rename it", ErrCallbacks, "event", d.Name)
	}
	return nil
}

func sortedNames(cb looplab.Callbacks) []string {
	names := make([]string, 0, len(cb))
	for name := range cb {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// fullName resolves looplab's names of callbacks: before_, leave_, enter_ and after_ with an event, a state or the word
// event or state, and the short forms, a bare state (enter_) or event (after_).
func fullName(d *fsm.Definition, name string) (string, bool) {
	event := func(s string) bool { return s == "event" || slices.Contains(d.Events, s) }
	state := func(s string) bool {
		return s == "state" || s == Nothing || s != "" && slices.Contains(d.States, s)
	}
	kinds := []struct {
		prefix string
		fits   func(string) bool
	}{{"before_", event}, {"leave_", state}, {"enter_", state}, {"after_", event}}
	for _, k := range kinds {
		if target, cut := strings.CutPrefix(name, k.prefix); cut && k.fits(target) {
			return name, true
		}
	}
	switch {
	case name == "event" || name == "state":
		return "", false
	case state(name):
		return "enter_" + name, true
	case event(name):
		return "after_" + name, true
	}
	return "", false
}
