package hookcare

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm/hook"
)

// Options say how far Ensure goes. What they leave out is reported.
type Options struct {
	Dry     bool // change nothing; say what would be done
	Repoint bool // point hooks of wanted types at us that point at somebody else's address
	Enable  bool // switch hooks on that were switched off
}

// Ensure brings the hooks to what is wanted: it creates the missing ones, points those at our ingress whose address is
// outdated, revives INVALID ones, has filled in what was missed, and tells the log how they stand. Hooks that point at
// somebody else's address are left alone unless Options.Repoint says otherwise, and so are DISABLED ones without
// Options.Enable: there is one hook for each type, and somebody may rely on it. Hooks of other types are never touched.
//
// It does what it can for each hook. Errors: [UnmetError] where hooks are not right afterwards; what the API refuses to all;
// ErrStillInvalid, the log's and Config.Fill's. In a dry run only the API's.
func (c *Care) Ensure(ctx context.Context, o Options) (Report, error) {
	every := func(Standing) bool { return true }
	return c.work(ctx, o.Dry, c.types, every, func(s Standing, r reading) []Action { return c.actions(s, r, o) })
}

// Revive brings INVALID hooks back by the documented ways, and has filled in what they missed. Hooks that are named it also
// switches on where they are DISABLED, and has filled in what they missed where somebody else has revived them already. No
// types: all wanted ones that are INVALID. Only hooks that point at us are revived. Errors: as of Ensure, for the hooks that
// it is about, and ErrUnwanted.
func (c *Care) Revive(ctx context.Context, types ...events.Type) (Report, error) {
	if slices.ContainsFunc(types, func(t events.Type) bool { return !slices.Contains(c.types, t) }) {
		return Report{}, ErrUnwanted
	}
	named := len(types) > 0
	if !named {
		types = c.types
	}
	about := func(s Standing) bool { return named || s == Invalid }
	return c.work(ctx, false, types, about, func(s Standing, _ reading) []Action {
		if s == Invalid || s == Disabled || s == Right {
			return []Action{Revive}
		}
		return nil
	})
}

// actions are what a hook needs, in order.
func (c *Care) actions(s Standing, r reading, o Options) []Action {
	var list []Action
	switch {
	case s == Missing:
		return []Action{Create}
	case s == Elsewhere && !o.Repoint:
		return nil
	case s == Outdated || s == Elsewhere:
		list = append(list, Repoint)
	}
	switch {
	case off(r.Validity):
		list = append(list, Revive) // old documents disable a hook as well when it becomes INVALID; this enables it again
	case idle(r.Status) && o.Enable:
		list = append(list, Enable)
	}
	return list
}

// task is one Ensure or Revive under way.
type task struct {
	*Care
	report   Report
	readings map[events.Type]reading
	holes    []Hole
	told     []events.Event
	errs     []error
}

// work does what the hooks of some types need that stand in a way that it is about.
func (c *Care) work(ctx context.Context, dry bool, types []events.Type, about func(Standing) bool, needs func(Standing, reading) []Action) (Report, error) {
	w := &task{Care: c, report: Report{Dry: dry, Hooks: []HookReport{}, Extra: []HookReport{}}}
	if err := w.ask(ctx, types, about, needs); err != nil {
		w.errs = append(w.errs, err)
	}
	if !dry {
		w.finish(ctx)
	}
	return w.report, errors.Join(w.errs...)
}

// ask does what is to be done at the provider.
func (w *task) ask(ctx context.Context, types []events.Type, about func(Standing) bool, needs func(Standing, reading) []Action) error {
	done, err := w.alone(ctx)
	if err != nil {
		return err
	}
	defer done()
	if w.readings, err = w.list(ctx); err != nil {
		return err
	}
	w.rest()
	for _, t := range types {
		h := w.Care.report(t, w.readings[t])
		plan := needs(h.Was, w.readings[t])
		switch {
		case !about(h.Was):
			continue
		case w.report.Dry && len(plan) > 0:
			h.Actions, h.Since = plan, w.hole(ctx, t).since()
		case !w.report.Dry && err == nil:
			err = w.do(ctx, &h, plan)
		}
		w.report.Hooks = append(w.report.Hooks, h)
	}
	return err
}

// rest reports the hooks that are not wanted.
func (w *task) rest() {
	for _, t := range slices.Sorted(maps.Keys(w.readings)) {
		switch r := w.readings[t]; {
		case slices.Contains(w.types, t):
		case w.door.ours(r.URL):
			w.report.Extra = append(w.report.Extra, w.Care.report(t, r))
		default:
			w.report.Others++
		}
	}
}

// do carries out what a hook needs. It returns an error that concerns all hooks; every other one is the hook's problem.
func (w *task) do(ctx context.Context, h *HookReport, plan []Action) error {
	r := w.readings[h.Type]
	for _, a := range plan {
		next, err := w.act(ctx, a, h.Type, r)
		if next.ID != "" {
			r = next
		}
		if err != nil {
			w.problem(h, r, err)
			if general(err) || ctx.Err() != nil {
				return err
			}
			return nil
		}
		h.Actions = append(h.Actions, a)
	}
	w.settle(h, r)
	if len(plan) > 0 {
		hole := w.hole(ctx, h.Type)
		h.Since, w.holes = hole.since(), append(w.holes, hole)
	}
	return nil
}

// settle notes how a hook stands after all.
func (w *task) settle(h *HookReport, r reading) {
	after := w.Care.report(h.Type, r)
	h.HookID, h.Address, h.Status, h.Validity, h.Is = after.HookID, after.Address, after.Status, after.Validity, after.Is
	if w.door.ours(r.URL) {
		w.told = append(w.told, w.event(h.Type, r))
	}
}

// problem notes why a hook is not right.
func (w *task) problem(h *HookReport, r reading, err error) {
	w.settle(h, r)
	h.Problem = err.Error()
	if errors.Is(err, mangopay.ErrParam) && h.Is == Missing {
		h.Is = Refused
	}
	if errors.Is(err, ErrStillInvalid) {
		w.errs = append(w.errs, fmt.Errorf("hookcare: %s: %w", h.Type, err))
	}
}

// act does one thing.
func (w *task) act(ctx context.Context, a Action, t events.Type, r reading) (reading, error) {
	switch a {
	case Create:
		return w.create(ctx, t)
	case Repoint:
		return w.change(ctx, r, mangopay.HookChange{URL: w.door.whole}, func(r reading) bool { return w.door.ours(r.URL) })
	case Enable:
		return w.change(ctx, r, mangopay.HookChange{Status: hook.Enabled.String()}, func(r reading) bool { return !idle(r.Status) })
	}
	return w.revive(ctx, r)
}

// create makes a hook. Somebody else may have made it meanwhile, which the provider tells as a refusal.
func (w *task) create(ctx context.Context, t events.Type) (reading, error) {
	at := w.cfg.Now()
	a, err := w.cfg.API.CreateHook(ctx, t, w.door.whole, w.cfg.Tag)
	if made := (reading{Hook: a.Value, at: at}); err == nil && w.stands(made) != Right {
		return w.view(ctx, made)
	} else if err == nil {
		return made, nil
	}
	if !errors.Is(err, mangopay.ErrParam) {
		return reading{}, fmt.Errorf("hookcare: creating the hook: %w", err)
	}
	now, listErr := w.list(ctx)
	if listErr != nil {
		return reading{}, listErr
	}
	if now[t].ID == "" {
		return reading{}, fmt.Errorf("hookcare: creating the hook: %w", err)
	}
	return now[t], nil
}

// change updates a hook and looks whether the provider then shows it.
func (w *task) change(ctx context.Context, r reading, to mangopay.HookChange, shows func(reading) bool) (reading, error) {
	if _, err := w.cfg.API.UpdateHook(ctx, r.ID, to); err != nil {
		return r, fmt.Errorf("hookcare: changing the hook: %w", err)
	}
	next, err := w.view(ctx, r)
	if err == nil && !shows(next) {
		err = fmt.Errorf("hookcare: %w", ErrUnchanged)
	}
	return next, err
}

// view reads one hook.
func (w *task) view(ctx context.Context, r reading) (reading, error) {
	at := w.cfg.Now()
	a, err := w.cfg.API.Hook(ctx, r.ID)
	if err != nil {
		return r, fmt.Errorf("hookcare: reading the hook: %w", err)
	}
	return reading{Hook: a.Value, at: at}, nil
}

// hole is what a hook has missed: from the retry span before its last success. Where none is known, or the read model cannot
// be read, everything is.
func (w *task) hole(ctx context.Context, t events.Type) Hole {
	v, err := w.hooks.Get(ctx, string(t))
	if err != nil || v.Value.Newest == 0 {
		return Hole{Type: t}
	}
	return Hole{Type: t, Since: time.UnixMilli(v.Value.Newest).Add(-w.cfg.Margin)}
}

// finish tells the log, has the holes filled in, and names the hooks that are not right.
func (w *task) finish(ctx context.Context) {
	fail := func(err error) {
		if err != nil {
			w.errs = append(w.errs, err)
		}
	}
	fail(w.tell(ctx, w.told))
	if len(w.holes) > 0 && w.cfg.Fill != nil {
		err := w.cfg.Fill(ctx, w.holes)
		if w.report.Filled = err == nil; err != nil {
			fail(fmt.Errorf("hookcare: filling in what hooks missed: %w", err))
		}
	}
	unmet := slices.DeleteFunc(slices.Clone(w.report.Hooks), func(h HookReport) bool { return h.Is == Right || w.excused(h) })
	if len(unmet) > 0 {
		fail(&UnmetError{Hooks: unmet})
	}
}

// excused tells whether a hook need not be there: the catalogue holds types of several years, and nobody asked for this one
// by name.
func (w *task) excused(h HookReport) bool { return h.Is == Refused && len(w.cfg.Types) == 0 }

// general tells whether an error concerns all hooks.
func general(err error) bool {
	for _, e := range []error{
		mangopay.ErrCredentials, mangopay.ErrLockout, mangopay.ErrForbidden, mangopay.ErrRateLimit, mangopay.ErrUnavailable,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
