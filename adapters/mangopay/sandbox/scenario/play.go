package scenario

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Play plays a story. It ends with the first step that fails; those behind finally are played all the same. Its error wraps
// ErrConfig, or is a [StepError].
func Play(ctx context.Context, s Story, c Config) error {
	c, err := c.complete()
	if err != nil {
		return err
	}
	p := &player{cfg: c, name: s.Name, vars: variables{"client": c.ClientID, "receiver": c.Receiver}}
	for _, step := range s.Steps {
		if err != nil && !step.Last {
			continue
		}
		if again := p.step(ctx, step, err != nil); err == nil {
			err = again
		}
	}
	return err
}

// player plays one story.
type player struct {
	cfg   Config
	name  string
	vars  variables
	token string // of the provider's API
}

// mostLast bounds a step that is played after another has failed, or after its caller has gone.
const mostLast = 30 * time.Second

// step plays one step and tells of it.
func (p *player) step(ctx context.Context, s Step, failed bool) error {
	if why := p.passOver(s); why != "" {
		p.cfg.Tell(Told{Step: s, PassedOver: why})
		return nil
	}
	if s.Last && failed {
		var done context.CancelFunc
		ctx, done = context.WithTimeout(context.WithoutCancel(ctx), mostLast)
		defer done()
	}
	err := p.turns(ctx, s)
	p.cfg.Tell(Told{Step: s, Err: err})
	return err
}

// passOver says why a step is not played; "": it is.
func (p *player) passOver(s Step) string {
	if s.needsHookfold() && p.cfg.ReadAPI == "" {
		return "there is no read API"
	}
	for _, name := range s.uses() {
		if _, there := p.vars[name]; !there && name != "i" {
			return "nothing has kept $" + name // a step before has failed
		}
	}
	return ""
}

// turns plays a step as often as it is to be.
func (p *player) turns(ctx context.Context, s Step) error {
	for turn := 1; turn <= s.times; turn++ {
		if s.times > 1 {
			p.vars["i"] = json.Number(strconv.Itoa(turn))
		}
		if err := p.play(ctx, s); err != nil {
			failed := &StepError{Name: p.name, Step: s, Err: err}
			if s.times > 1 {
				failed.Turn = turn
			}
			return failed
		}
	}
	return nil
}

// play plays one turn of a step.
func (p *player) play(ctx context.Context, s Step) error {
	switch s.verb {
	case verbExpect:
		return p.expect(ctx, s)
	case verbOperate:
		return p.operate(ctx, s)
	case verbSandbox:
		a, err := p.control(ctx, s)
		return p.judge(s, a, err)
	default:
		a, err := p.call(ctx, s)
		return p.judge(s, a, err)
	}
}

// judge compares what came back with what the story says, and keeps what it wants kept.
func (p *player) judge(s Step, a answer, err error) error {
	if err != nil {
		return err
	}
	wanted := a.status/100 == 2
	if len(s.status) > 0 {
		wanted = slices.Contains(s.status, a.status)
	}
	if !wanted {
		return fmt.Errorf("%w: the answer is %d%s", ErrDiffers, a.status, a.why())
	}
	if len(s.fields) == 0 && len(s.keeps) == 0 {
		return nil
	}
	doc, err := decode(string(a.body))
	if err != nil {
		return fmt.Errorf("%w: the answer is not JSON", ErrDiffers)
	}
	if differences := p.compare(s.fields, doc); differences != "" {
		return fmt.Errorf("%w: %s", ErrDiffers, differences)
	}
	return p.keep(s.keeps, doc)
}

// compare says where a document differs; "" where it does not.
func (p *player) compare(fields []field, doc any) string {
	var differences []string
	for _, f := range fields {
		if d := f.check(doc, p.vars); d != "" {
			differences = append(differences, d)
		}
	}
	return strings.Join(differences, "; ")
}

// keep remembers fields of a document.
func (p *player) keep(keeps []keeping, doc any) error {
	for _, k := range keeps {
		v, there := k.path.find(doc, p.vars)
		if !there || v == nil || v == "" {
			return fmt.Errorf("%w: there is no %s to keep as $%s", ErrDiffers, k.path.text, k.name)
		}
		p.vars[k.name] = v
	}
	return nil
}
