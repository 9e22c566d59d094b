package hookcare

import (
	"context"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// event is a reading as the log is told of it. The Url stays out: it holds the secret token.
func (c *Care) event(t events.Type, r reading) events.Event {
	data, _ := events.Canonical(events.HookReading{ // text and numbers always render
		At: r.at.UnixMilli(), N: c.n.Add(1), Replica: c.cfg.Replica, HookID: r.ID, Status: r.Status, Validity: r.Validity,
	})
	return events.Event{
		Type: events.HookUpdated, Date: r.at.Unix(), Data: data,
		Ref: events.Ref{Source: c.cfg.Source, Kind: views.KindHook, ID: string(t)},
	}
}

// tell appends readings.
func (c *Care) tell(ctx context.Context, es []events.Event) error {
	if len(es) == 0 {
		return nil
	}
	if _, err := c.cfg.Log.Append(ctx, es...); err != nil {
		return fmt.Errorf("hookcare: telling the log how hooks stand: %w", err)
	}
	c.count(func(n *Counts) { n.Readings += uint64(len(es)) })
	return nil
}

// News tells whether a reading of a hook is worth an event: it says something else than the read model, answers a conflict
// or failures that the provider may have counted otherwise, or the last one that was told is older than a heartbeat.
func News(v projections.View[views.Hook], said events.HookReading, heartbeat time.Duration) bool {
	h := v.Value
	if differs(h.HookID, said.HookID) || differs(h.Status, said.Status) || said.Validity != unknown && differs(h.Validity(), said.Validity) {
		return true
	}
	last, open := told(v.History)
	return open || last == 0 || said.At-last*1000 >= heartbeat.Milliseconds() || h.LastFailure >= (last+1)*1000
}

// unknown is a Validity that tells nothing (SDKs know it): the read model keeps what it knew.
const unknown = "UNKNOWN"

// differs tells whether something was said that is not known.
func differs(known, said string) bool { return said != "" && said != known }

// told is when the API last said something of a hook, in Unix seconds, and whether a conflict came after it, which asks for
// another reading (fold rule 24).
func told(history []projections.Line) (last int64, conflict bool) {
	for _, l := range history {
		switch {
		case l.Event == string(events.HookUpdated):
			last, conflict = l.Date, false
		case l.Verdict == fsm.Conflict:
			conflict = true
		}
	}
	return last, conflict
}
