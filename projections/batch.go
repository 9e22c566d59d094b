package projections

import (
	"context"
	"fmt"
)

// task is a record that is to be folded into a resource.
type task struct {
	record *Record
	folder folder
}

// workshop is one model at work, with room that is used again in every turn. It lives until something fails.
type workshop struct {
	model runner
	id    string
	hand  *hand
	tasks [][]task // by slot
	order []folder // resources that a slot's records concern, in the order in which they are first named
	rows  []Row
	news  []news
	made  []Transition
	past  *bygone
	facts []Fact // of one lane's share of a batch
}

// news is what became of one record.
type news struct {
	task
	effect Effect
	parked *Parked // set by the record that parked the resource
}

func newWorkshop(m runner, slots, atHand int) *workshop {
	return &workshop{model: m, id: m.ID(), hand: newHand(m, atHand), tasks: make([][]task, slots)}
}

// batch folds records into every lane and commits each lane's rows with its checkpoint.
func (p *Projector) batch(ctx context.Context, recs []Record, at Position, lanes map[lane]Checkpoint) error {
	p.turn++
	wanted := make([]bool, len(recs))
	for _, w := range p.work {
		p.share(w, recs, lanes, wanted)
	}
	p.ignored(recs, wanted)
	for _, w := range p.work {
		if err := p.bring(ctx, w); err != nil {
			return err
		}
		for _, slot := range p.slots {
			l := lane{w.id, slot}
			if at.Seq <= lanes[l].Position.Seq {
				continue
			}
			to, err := p.commit(ctx, w, l, lanes[l], at)
			if err != nil {
				return err
			}
			lanes[l] = to
		}
		p.tidy(w)
	}
	p.publish(lanes)
	return nil
}

// share deals a batch to the slots of a model, leaving out what a lane has folded before.
func (p *Projector) share(w *workshop, recs []Record, lanes map[lane]Checkpoint, wanted []bool) {
	behind := make([]Seq, p.cfg.Slots) // what each slot has folded
	held := make([]bool, p.cfg.Slots)
	for slot := range behind {
		c, mine := lanes[lane{w.id, slot}]
		behind[slot], held[slot] = c.Position.Seq, mine
	}
	for i := range recs {
		ref, ok := w.model.key(recs[i])
		if !ok {
			continue
		}
		wanted[i] = true
		slot := slotOf(ref, p.cfg.Slots)
		if held[slot] && recs[i].Seq > behind[slot] {
			w.tasks[slot] = append(w.tasks[slot], task{&recs[i], w.hand.take(ref)})
		}
	}
}

// ignored tells the observer of records that no model wants.
func (p *Projector) ignored(recs []Record, wanted []bool) {
	if p.cfg.Observe == nil {
		return
	}
	for i, rec := range recs {
		if !wanted[i] {
			p.cfg.Observe.Ignored(rec)
		}
	}
}

// bring loads the resources of a batch that are not at hand; what the store does not know begins anew.
func (p *Projector) bring(ctx context.Context, w *workshop) error {
	if len(w.hand.missing) == 0 {
		return nil
	}
	rows, err := p.cfg.Store.Load(ctx, w.id, w.hand.missing)
	if err != nil {
		return fmt.Errorf("projections: loading rows of %s: %w", w.id, err)
	}
	return w.hand.fill(rows)
}

// commit folds one lane's share of a batch: each resource is loaded once and written once.
func (p *Projector) commit(ctx context.Context, w *workshop, l lane, from Checkpoint, at Position) (Checkpoint, error) {
	if err := p.fold(ctx, w, w.tasks[l.slot], at.Seq); err != nil {
		return from, err
	}
	w.rows = w.rows[:0]
	changed := w.order[:0]
	for _, f := range w.order {
		if !f.changed() {
			continue
		}
		row := f.row()
		if unfit(f, &row, p.most) != "" {
			var err error
			if row, err = p.fit(ctx, w, f, w.tasks[l.slot], at.Seq); err != nil {
				return from, err
			}
		}
		changed, w.rows = append(changed, f), append(w.rows, row)
	}
	if err := p.tell(ctx, w, at); err != nil {
		return from, err
	}
	c := Commit{Model: w.id, Slot: l.slot, From: from, To: Checkpoint{Position: at, Epoch: from.Epoch}, Rows: w.rows}
	if err := p.cfg.Store.Commit(ctx, c); err != nil {
		return from, fmt.Errorf("projections: commit of %s at %d: %w", w.id, at.Seq, err)
	}
	for i, f := range changed {
		f.committed(c.Rows[i].Revision)
	}
	p.report(w, c)
	return c.To, nil
}

// fold folds records into their resources, and remembers what came of it if somebody wants to know.
func (p *Projector) fold(ctx context.Context, w *workshop, tasks []task, upTo Seq) error {
	w.order, w.news, w.made, w.facts = w.order[:0], w.news[:0], w.made[:0], w.facts[:0]
	for _, t := range tasks {
		if t.folder.begin(p.turn) {
			w.order = append(w.order, t.folder)
		}
		n, err := p.one(ctx, w, t, tasks, upTo)
		if err != nil {
			return err
		}
		p.gather(w, n)
		if p.cfg.Observe != nil {
			w.news = append(w.news, n)
		}
	}
	return nil
}

// gather keeps what is to be published of a record.
func (p *Projector) gather(w *workshop, n news) {
	if p.cfg.Facts == nil {
		return
	}
	for _, made := range n.effect.Transitions {
		w.facts = append(w.facts, n.folder.fact(*n.record, made))
	}
}

// one folds one record, or follows a decision.
func (p *Projector) one(ctx context.Context, w *workshop, t task, tasks []task, upTo Seq) (news, error) {
	if p.cfg.Observe == nil {
		w.made = w.made[:0]
	}
	stood, from := t.folder.parked(), len(w.made)
	n := news{task: t}
	if decision(t.record.Event.Type) {
		past, err := p.heard(ctx, w, t, tasks, upTo)
		if err != nil {
			return n, err
		}
		n.effect.Fate, w.made = Decided, t.folder.decide(*t.record, past, w.made)
	} else {
		n.effect.Fate, w.made = t.folder.fold(*t.record, w.made)
	}
	n.effect.Verdicts = t.folder.told()
	if len(w.made) > from {
		n.effect.Transitions = w.made[from:len(w.made):len(w.made)]
	}
	if now := t.folder.parked(); now != stood {
		n.parked = now
	}
	return n, nil
}

// renew replaces what was remembered of a record.
func (w *workshop) renew(n news) {
	for i := range w.news {
		if w.news[i].task == n.task {
			w.news[i] = n
		}
	}
}

// report tells the observer what was committed, and nothing that was not.
func (p *Projector) report(w *workshop, c Commit) {
	o := p.cfg.Observe
	if o == nil {
		return
	}
	for i := range w.news {
		n := &w.news[i]
		o.Folded(w.id, *n.record, n.effect)
		if n.parked != nil {
			o.Parked(w.id, n.folder.ref(), *n.parked)
		}
	}
	o.Committed(c)
}

// tidy ends a model's turn.
func (p *Projector) tidy(w *workshop) {
	for slot := range w.tasks {
		clear(w.tasks[slot])
		w.tasks[slot] = w.tasks[slot][:0]
	}
	clear(w.order)
	clear(w.news)
	w.past = nil
	if p.lends {
		w.hand.empty()
	} else {
		w.hand.rest()
	}
}
