package proptest

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
)

// ExplainedModel is law 9 for a model: a history explains the present state. Every line has an event, a declared verdict
// and a reason that is a sentence. The lines of each machine form a chain from nothing known to the value that the model
// publishes, each beginning where the one before ended. A verdict that stays does stay, except the conflict of an
// observation that is believed; and the counts of conflicts and gaps are those of the lines.
func ExplainedModel[V any](t TB, m projections.Model[V], histories *rapid.Generator[[]events.Event]) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		byRef := map[events.Ref][]projections.Record{}
		for _, rec := range records(draw(t, histories)) {
			if ref, ok := m.Key(rec); ok {
				byRef[ref] = append(byRef[ref], rec)
			}
		}
		for ref, recs := range byRef {
			v := projections.Fold(m, ref, recs, projections.AsOf{})
			report(t, fmt.Sprintf("law 9, model %s, %s %q", m.Name, ref.Kind, ref.ID), unexplained(v))
		}
	})
}

// unexplained says what a view's history leaves open.
func unexplained[V any](v projections.View[V]) []string {
	c := chain{last: map[string]string{}}
	for i, l := range v.History {
		c.base = c.base || i == 0 && l.Event == string(events.Base)
		c.line(i, l)
	}
	if !c.base && (c.conflicts != v.Conflicts || c.gaps != v.Gaps) {
		c.add("the document counts %d conflicts and %d gaps, the lines %d and %d", v.Conflicts, v.Gaps, c.conflicts, c.gaps)
	}
	return c.problems
}

// chain follows the lines of a history.
type chain struct {
	base            bool // the history begins behind a base line, so that beginnings are not shown
	last            map[string]string
	conflicts, gaps int
	problems        []string
}

func (c *chain) add(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *chain) line(i int, l projections.Line) {
	at := fmt.Sprintf("line %d, %d %s %s %s %q→%q", i+1, l.Date, l.Event, l.Machine, l.Verdict, l.From, l.To)
	if l.Event == "" {
		c.add("%s has no event", at)
	}
	if !sentence(l.Why) && l.Event != string(events.Base) {
		c.add("%s has the reason %q, which is no sentence", at, l.Why)
	}
	if _, err := l.Verdict.MarshalText(); err != nil {
		c.add("%s has no verdict", at)
	}
	c.conflicts += count(l, fsm.Conflict)
	c.gaps += count(l, fsm.Gap)
	if l.Machine == "" {
		return
	}
	if from, known := c.last[l.Machine]; (known || !c.base) && from != l.From {
		c.add("%s begins elsewhere: %s stood at %q", at, l.Machine, from)
	}
	c.last[l.Machine] = l.To
	c.stays(at, l)
}

// stays checks that the verdict and the move agree.
func (c *chain) stays(at string, l projections.Line) {
	api := l.Event == string(events.Observed) || l.Event == string(events.HookUpdated)
	believed := api && l.Verdict == fsm.Conflict
	if !l.Verdict.Moves() && !believed && l.From != l.To {
		c.add("%s moves, and a %s must stay", at, l.Verdict)
	}
}

// count is for how many events a line with this verdict stands.
func count(l projections.Line, v fsm.Verdict) int {
	if l.Verdict != v {
		return 0
	}
	return max(1, l.Count)
}
