package projections

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/hookfold/hookfold/events"
)

// roomToPark is what is left free of a row, for the note on why its resource stands still.
const roomToPark = 1024

// whyTooLarge is why a resource stands still whose row would outgrow the store.
const whyTooLarge = "its row would be larger than the store takes"

// mostState is how large the state of a row may become before its resource is parked; 0: as large as it likes.
func mostState(s Store) int {
	if most := s.Features().StateBytes; most > 0 {
		return max(most-roomToPark, 1)
	}
	return 0
}

// unfit tells why no store can have a resource's row: the model gives no secondary keys for it, or its state is too large;
// "" where it can. The state is rendered once and for all.
func unfit(f folder, row *Row, most int) string {
	if f.parked() != nil {
		most += pick(most > 0, roomToPark, 0)
	} else if why := f.unkeyed(); why != "" {
		return why
	}
	if most == 0 {
		return ""
	}
	b, err := row.State.MarshalBinary()
	if err != nil {
		return "" // the store will say
	}
	row.State = Bytes(b)
	return pick(len(b) > most, whyTooLarge, "")
}

// fit folds a batch's records of one resource again, from what the store has of it, and parks it at the first that makes
// its row unfit (law 11). It does so record by record, so that where it stops does not depend on how batches are cut.
func (p *Projector) fit(ctx context.Context, w *workshop, f folder, tasks []task, upTo Seq) (Row, error) {
	rows, err := p.cfg.Store.Load(ctx, w.id, []events.Ref{f.ref()})
	if err != nil {
		return Row{}, fmt.Errorf("projections: loading a row of %s again: %w", w.id, err)
	}
	w.facts = slices.DeleteFunc(w.facts, func(told Fact) bool { return told.Ref == f.ref() }) // told anew, as far as it comes
	f.forget()
	for _, row := range rows {
		if err := f.load(row); err != nil {
			f.spoil(row)
		}
	}
	for _, t := range tasks {
		if t.folder != f {
			continue
		}
		undo := f.snapshot()
		n, err := p.one(ctx, w, t, tasks, upTo)
		if err != nil {
			return Row{}, err
		}
		row := f.row()
		if why := unfit(f, &row, p.most); why != "" {
			undo()
			f.stop(t.record.Seq, why)
			n = news{task: t, parked: f.parked()}
			n.effect.Fate = pick(decision(t.record.Event.Type), Decided, Waiting)
		}
		p.gather(w, n)
		w.renew(n)
	}
	slices.SortStableFunc(w.facts, func(a, b Fact) int { return cmp.Compare(a.Seq, b.Seq) })
	row := f.row()
	unfit(f, &row, p.most) // it is rendered, and was smaller before
	return row, nil
}
