package live

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	looplab "github.com/looplab/fsm"

	"github.com/hookfold/hookfold/fsm"
)

// FSM is a live object: a state that events move and that calls back. It is safe for all goroutines; one event is taken
// at a time, with its callbacks, and others wait for their turn.
type FSM struct {
	definition *fsm.Definition
	judge      func(from uint8, event fsm.Column) judgement
	columns    map[string]fsm.Column
	callbacks  looplab.Callbacks // by full name

	turn chan struct{} // holds one token while no event is under way

	mu    sync.RWMutex
	state uint8
}

// judgement is what the table says of one event, and why.
type judgement struct {
	to      uint8
	verdict fsm.Verdict
	explain func() fsm.Explanation
}

// New gives a live object of a machine in an initial state, by name ("" is nothing known). facts is asked once for every
// event and before its callbacks; nil stands for the zero value. Callbacks have looplab's names and order; one that fits
// nothing, and two for the same thing, are refused with [ErrCallbacks].
func New[S ~uint8, F any](m *fsm.Machine[S, F], initial string, facts func() F, cb looplab.Callbacks) (*FSM, error) {
	d := m.Definition()
	state, ok := m.State(initial)
	if !ok {
		return nil, fmt.Errorf("%w: %s has no state %q (have %s)", ErrUnknown, d.Name, initial, strings.Join(d.States[1:], ", "))
	}
	callbacks, err := normalise(d, cb)
	if err != nil {
		return nil, err
	}
	f := &FSM{
		definition: d, callbacks: callbacks, state: uint8(state),
		columns: make(map[string]fsm.Column, len(d.Events)), turn: make(chan struct{}, 1),
		judge: judgeWith(m, facts),
	}
	for _, e := range d.Events {
		f.columns[e], _ = m.Column(e)
	}
	f.turn <- struct{}{}
	return f, nil
}

// judgeWith hides the types of a machine behind numbers.
func judgeWith[S ~uint8, F any](m *fsm.Machine[S, F], facts func() F) func(uint8, fsm.Column) judgement {
	return func(from uint8, event fsm.Column) judgement {
		var seen F
		if facts != nil {
			seen = facts()
		}
		out := m.Step(S(from), event, seen)
		return judgement{
			to: uint8(out.To), verdict: out.Verdict,
			explain: func() fsm.Explanation { return m.Explain(S(from), event, seen) },
		}
	}
}

// Current returns the name of the present state; "" is nothing known. In enter_ and after_ callbacks it is the new one.
func (f *FSM) Current() string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.definition.States[f.state]
}

// Explain tells what an event would do now, without doing it. It asks for the facts. The error wraps [ErrUnknown].
func (f *FSM) Explain(event string) (fsm.Explanation, error) {
	column, err := f.column(event)
	if err != nil {
		return fsm.Explanation{}, err
	}
	f.mu.RLock()
	from := f.state
	f.mu.RUnlock()
	return f.judge(from, column).explain(), nil
}

// Event takes one event. Where the table moves (first, applied, gap) looplab's callbacks run; an applied cell that stays
// runs before_ and after_ only. A duplicate and a noted event do nothing and are no error. A conflict is a
// [*RefusedError]; other errors wrap [ErrUnknown], [ErrCancelled], [ErrAsync], [ErrNested] or [ErrAfter].
//
// The context bounds only the wait for other events, and its values reach the callbacks: once the event has begun, its
// end is not stopped half way. A callback that fires another event must pass on the context that it was given; it may do
// so in enter_ and after_. In callbacks e.FSM tells the state and does nothing else: what is done to it is lost. If a callback
// panics, the panic goes on, and the object keeps the state that it had reached.
func (f *FSM) Event(ctx context.Context, name string, args ...any) error {
	column, err := f.column(name)
	if err != nil {
		return err
	}
	if outer, ok := ctx.Value(frameKey{f}).(*frame); ok {
		if entered, err := outer.enter(name); err != nil {
			return err
		} else if entered {
			defer outer.leave()
			return f.take(ctx, name, column, args)
		}
	}
	if err := f.wait(ctx, name); err != nil {
		return err
	}
	defer func() { f.turn <- struct{}{} }()
	return f.take(ctx, name, column, args)
}

func (f *FSM) column(event string) (fsm.Column, error) {
	column, ok := f.columns[event]
	if !ok {
		return 0, fmt.Errorf("%w: %s has no event %q (have %s)", ErrUnknown, f.definition.Name, event, strings.Join(f.definition.Events, ", "))
	}
	return column, nil
}

// wait takes the turn. A free turn is taken also under a cancelled context.
func (f *FSM) wait(ctx context.Context, name string) error {
	select {
	case <-f.turn:
		return nil
	default:
	}
	select {
	case <-f.turn:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("live: %s was not taken, another event was under way: %w", name, context.Cause(ctx))
	}
}

// take judges the event and has looplab call back. The caller holds the turn.
func (f *FSM) take(ctx context.Context, name string, column fsm.Column, args []any) error {
	f.mu.RLock()
	from := f.state
	f.mu.RUnlock()
	j := f.judge(from, column)
	switch {
	case j.verdict == fsm.Conflict:
		return &RefusedError{Machine: f.definition.Name, Explanation: j.explain()}
	case !j.verdict.Moves():
		return nil
	}
	src, dst := toLooplab(f.definition.States[from]), toLooplab(f.definition.States[j.to])
	fr := &frame{view: looplab.NewFSM(src, nil, nil)}
	fr.commit = func() { f.set(j.to); fr.view.SetState(dst) }
	defer fr.close()
	once := looplab.NewFSM(src, looplab.Events{{Name: name, Src: []string{src}, Dst: dst}}, f.relevant(fr, name, src, dst))
	ctx = context.WithValue(context.WithoutCancel(ctx), frameKey{f}, fr)
	return translate(name, once.Event(ctx, name, args...), fr.taken())
}

func (f *FSM) set(state uint8) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state = state
}

// relevant picks the callbacks of one transition. The first of those that looplab runs after the move commits the state.
func (f *FSM) relevant(fr *frame, event, src, dst string) looplab.Callbacks {
	cb := looplab.Callbacks{}
	for _, name := range []string{
		"before_" + event, "before_event", "leave_" + src, "leave_state", "enter_" + dst, "enter_state", "after_" + event, "after_event",
	} {
		if fn := f.callbacks[name]; fn != nil {
			cb[name] = fr.fence(fn)
		}
	}
	for _, name := range []string{"enter_" + dst, "after_" + event} {
		cb[name] = fr.committing(cb[name])
	}
	return cb
}

// translate turns looplab's answer into ours.
func translate(name string, err error, taken bool) error {
	var async looplab.AsyncError
	var stayed looplab.NoTransitionError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &stayed) && stayed.Err == nil:
		return nil
	case taken:
		return fmt.Errorf("%w: %s: %w", ErrAfter, name, err)
	case errors.As(err, &async):
		return fmt.Errorf("%w: %s has not been taken", ErrAsync, name)
	default:
		return fmt.Errorf("%w: %s: %w", ErrCancelled, name, err)
	}
}
