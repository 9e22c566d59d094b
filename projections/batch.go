package projections

import (
	"context"
	"fmt"
	"slices"

	"github.com/hookfold/hookfold/events"
)

// batch folds records into every lane and commits each lane's rows with its checkpoint.
func (p *Projector) batch(ctx context.Context, recs []Record, at Position, lanes map[lane]Checkpoint) error {
	p.ignored(recs)
	for _, m := range p.models {
		work := p.share(m, recs, lanes)
		for _, slot := range p.slots {
			l := lane{m.ID(), slot}
			if at.Seq <= lanes[l].Position.Seq {
				continue
			}
			to, err := p.commit(ctx, m, l, work[slot], lanes[l], at)
			if err != nil {
				return err
			}
			lanes[l] = to
		}
	}
	p.publish(lanes)
	return nil
}

// ignored tells the observer of records that no model wants.
func (p *Projector) ignored(recs []Record) {
	if p.cfg.Observe == nil {
		return
	}
	for _, rec := range recs {
		wanted := slices.ContainsFunc(p.models, func(m runner) bool { _, ok := m.key(rec); return ok })
		if !wanted {
			p.cfg.Observe.Ignored(rec)
		}
	}
}

// keyed is a record with the resource that a model gives it to.
type keyed struct {
	ref    events.Ref
	record Record
}

// share deals a batch to the slots, leaving out what a lane has folded before.
func (p *Projector) share(m runner, recs []Record, lanes map[lane]Checkpoint) map[int][]keyed {
	out := map[int][]keyed{}
	for _, rec := range recs {
		ref, ok := m.key(rec)
		if !ok {
			continue
		}
		slot := slotOf(ref, p.cfg.Slots)
		if c, held := lanes[lane{m.ID(), slot}]; held && rec.Seq > c.Position.Seq {
			out[slot] = append(out[slot], keyed{ref, rec})
		}
	}
	return out
}

// commit folds one lane's share of a batch: each resource is loaded once and written once.
func (p *Projector) commit(ctx context.Context, m runner, l lane, work []keyed, from Checkpoint, at Position) (Checkpoint, error) {
	held, order, err := p.load(ctx, m, work)
	if err != nil {
		return from, err
	}
	changed := map[events.Ref]bool{}
	news := make([]news, 0, len(work))
	for _, k := range work {
		n := tell(held[k.ref], k)
		changed[k.ref] = changed[k.ref] || n.effect.Fate == Admitted || n.parked != nil
		news = append(news, n)
	}
	c := Commit{Model: m.ID(), Slot: l.slot, From: from, To: Checkpoint{Position: at, Epoch: from.Epoch}}
	for _, ref := range order {
		if changed[ref] {
			c.Rows = append(c.Rows, held[ref].row())
		}
	}
	if err := p.cfg.Store.Commit(ctx, c); err != nil {
		return from, fmt.Errorf("projections: commit of %s at %d: %w", m.ID(), at.Seq, err)
	}
	for _, row := range c.Rows {
		held[row.Ref].committed(row.Revision)
	}
	p.report(m.ID(), c, news)
	return c.To, nil
}

// news is what became of one record.
type news struct {
	keyed
	effect Effect
	parked *Parked // set by the record that parked the resource
}

// tell folds a record into its resource.
func tell(f folder, k keyed) news {
	before := f.stuck()
	fate, made := f.fold(k.record)
	n := news{keyed: k, effect: Effect{Fate: fate, Transitions: made, Verdicts: f.told()}}
	if after := f.stuck(); after != before {
		n.parked = after
	}
	return n
}

// report tells the observer what was committed, and nothing that was not.
func (p *Projector) report(model string, c Commit, all []news) {
	o := p.cfg.Observe
	if o == nil {
		return
	}
	for _, n := range all {
		o.Folded(model, n.record, n.effect)
		if n.parked != nil {
			o.Parked(model, n.ref, *n.parked)
		}
	}
	o.Committed(c)
}

// load brings in the resources of a batch, in the order in which they are first named: those that are still at hand from
// the batches before, and the others from the store.
func (p *Projector) load(ctx context.Context, m runner, work []keyed) (map[events.Ref]folder, []events.Ref, error) {
	held := map[events.Ref]folder{}
	var order, missing []events.Ref
	for _, k := range work {
		if _, named := held[k.ref]; named {
			continue
		}
		order = append(order, k.ref)
		if held[k.ref] = p.hand.take(m.ID(), k.ref); held[k.ref] == nil {
			missing = append(missing, k.ref)
		}
	}
	if len(missing) > 0 {
		if err := p.fetch(ctx, m, missing, held); err != nil {
			return nil, nil, err
		}
	}
	for _, ref := range order {
		p.hand.keep(m.ID(), ref, held[ref])
	}
	return held, order, nil
}

// fetch loads resources from the store; what it does not know begins anew.
func (p *Projector) fetch(ctx context.Context, m runner, missing []events.Ref, held map[events.Ref]folder) error {
	rows, err := p.cfg.Store.Load(ctx, m.ID(), missing)
	if err != nil {
		return fmt.Errorf("projections: loading rows of %s: %w", m.ID(), err)
	}
	for _, row := range rows {
		if held[row.Ref], err = m.load(row); err != nil {
			return err
		}
	}
	for _, ref := range missing {
		if held[ref] == nil {
			held[ref] = m.fresh(ref)
		}
	}
	return nil
}
