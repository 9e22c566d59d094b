package proptest

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
)

// draw draws a history and logs it readably: rapid shows the log of the smallest history that fails.
func draw(t *rapid.T, histories *rapid.Generator[[]events.Event]) []events.Event {
	set := histories.Draw(t, "history")
	t.Logf("%s", script(set))
	return set
}

// script writes a history for people, one event a line.
func script(set []events.Event) string {
	var b strings.Builder
	b.WriteString("the history:\n")
	for _, e := range set {
		fmt.Fprintf(&b, "  %d %s %s/%s %s", e.Date, e.Type, e.Ref.Kind, e.Ref.ID, e.Data)
		if e.Delivery != (events.Delivery{}) {
			fmt.Fprintf(&b, " by %+v", e.Delivery)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
