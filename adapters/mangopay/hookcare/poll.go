package hookcare

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// Poll is what one reading of all hooks found. It is also a JSON document.
type Poll struct {
	At       int64                    `json:"at"` // Unix seconds
	Ours     int                      `json:"ours"`
	Told     int                      `json:"told"` // readings that the log was told
	Standing map[events.Type]Standing `json:"standing"`
}

// Poll reads how all hooks stand and tells the log what is new ([News]), so that the read model is confirmed. What is not as
// it is wanted goes to the Logger when it is found and when it is over. Errors: the API's, the store's and the log's.
func (c *Care) Poll(ctx context.Context) (Poll, error) {
	p, err := c.poll(ctx)
	c.count(func(n *Counts) {
		if n.Polls++; err != nil {
			n.Failed++
		}
	})
	return p, err
}

func (c *Care) poll(ctx context.Context) (Poll, error) {
	done, err := c.alone(ctx)
	if err != nil {
		return Poll{}, err
	}
	defer done()
	p := Poll{At: c.cfg.Now().Unix(), Standing: map[events.Type]Standing{}}
	all, err := c.list(ctx)
	if err != nil {
		return p, err
	}
	var news []events.Event
	ours := map[events.Type]bool{}
	for t, r := range all {
		if !c.door.ours(r.URL) || t == "" || t.Own() {
			continue
		}
		ours[t] = true
		v, err := c.hooks.Get(ctx, string(t))
		if err != nil && !errors.Is(err, projections.ErrUnknown) {
			return p, fmt.Errorf("hookcare: reading what is known of hooks: %w", err)
		}
		if News(v, c.said(r), c.cfg.Heartbeat) {
			news = append(news, c.event(t, r))
		}
	}
	for _, t := range c.types {
		p.Standing[t] = c.stands(all[t])
	}
	p.Ours = len(ours)
	c.compare(p.Standing, ours)
	if err := c.tell(ctx, news); err != nil {
		return p, err
	}
	p.Told = len(news)
	return p, nil
}

// said is a reading without what is no news.
func (c *Care) said(r reading) events.HookReading {
	return events.HookReading{At: r.at.UnixMilli(), HookID: r.ID, Status: r.Status, Validity: r.Validity}
}

// compare says which hooks are no longer, or again, as they are wanted.
func (c *Care) compare(now map[events.Type]Standing, ours map[events.Type]bool) {
	c.mu.Lock()
	was := c.stood
	c.stood, c.ours = now, ours
	c.mu.Unlock()
	worse := map[Standing][]events.Type{}
	for _, t := range c.types {
		switch s := now[t]; {
		case s == Right && was[t] != "" && was[t] != Right:
			c.cfg.Logger.Info("a hook is as it is wanted again", "event_type", t)
		case s != Right && s != was[t]:
			worse[s] = append(worse[s], t)
		}
	}
	for _, s := range slices.Sorted(maps.Keys(worse)) { // one line for all: at a first start every hook is missing
		c.cfg.Logger.Warn("hooks are not as they are wanted: run ensure", "standing", s, "event_types", worse[s])
	}
}

// Run reads the hooks at intervals and warns of failures, at once where Committed hears of them, until the context ends. What
// fails goes to the Logger, and is done again.
func (c *Care) Run(ctx context.Context) {
	if err := c.cfg.Begin(ctx); err != nil && ctx.Err() == nil {
		c.cfg.Logger.Warn("the care of hooks begins before the read model is there: a warning may be given twice", "error", err)
	}
	polls, watch := time.NewTicker(c.cfg.Every), time.NewTicker(c.cfg.Watch)
	defer polls.Stop()
	defer watch.Stop()
	c.round(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-polls.C:
			c.round(ctx)
		case <-watch.C:
			c.warn(ctx)
		case <-c.alarm.wake:
			c.warn(ctx)
		}
	}
}

// round reads all hooks and warns.
func (c *Care) round(ctx context.Context) {
	if _, err := c.Poll(ctx); err != nil && ctx.Err() == nil {
		c.cfg.Logger.Warn("the hooks could not be looked after; the next try follows", "in", c.cfg.Every, "error", err)
	}
	c.warn(ctx, c.types...)
}

// warn gives the warnings that are due.
func (c *Care) warn(ctx context.Context, types ...events.Type) {
	if err := c.alarm.check(ctx, types...); err != nil && ctx.Err() == nil {
		c.cfg.Logger.Debug("a warning could not be noted yet", "error", err)
	}
}
