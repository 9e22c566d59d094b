package bench

import (
	"context"
	"fmt"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/user"
	"github.com/hookfold/hookfold/projections"
)

// states are those of a user's machines on the floor.
type states struct {
	status   user.Status
	category user.Category
	kyc      user.KYC
	sca      user.SCA
}

// floor steps bare tables in a map.
func floor(w workload, n int) (lap, error) {
	held := make(map[events.Ref]*states, w.users)
	log := &replay{workload: w, n: n, batch: 5000}
	cursor, _ := log.Open(context.Background(), projections.Position{}) // nothing can fail: it is all in memory
	columns := newColumns()
	moved := 0
	for range (n + log.batch - 1) / log.batch {
		recs, err := cursor.Next(context.Background())
		if err != nil {
			return lap{}, err
		}
		for i := range recs {
			moved += columns.step(held, &recs[i].Event)
		}
	}
	log.watch.stop()
	if moved != n {
		return lap{}, fmt.Errorf("%d of %d events moved a machine", moved, n)
	}
	return log.watch.lap(n), nil
}

// columns finds the machine and the column of an event.
type columns map[events.Type]struct {
	machine string
	column  fsm.Column
}

func newColumns() columns {
	all := columns{}
	for _, t := range beginning[:eventsEach] {
		info, _ := mangopay.Lookup(t)
		c := all[t]
		c.machine = info.Machine
		switch info.Machine {
		case mangopay.MachineStatus:
			c.column, _ = user.StatusMachine.Column(string(t))
		case mangopay.MachineCategory:
			c.column, _ = user.CategoryMachine.Column(string(t))
		case mangopay.MachineKYC:
			c.column, _ = user.KYCMachine.Column(string(t))
		case mangopay.MachineSCA:
			c.column, _ = user.SCAMachine.Column(string(t))
		}
		all[t] = c
	}
	return all
}

// step moves one machine of one user and tells whether it moved, as a number.
func (all columns) step(held map[events.Ref]*states, e *events.Event) int {
	s := held[e.Ref]
	if s == nil {
		s = &states{}
		held[e.Ref] = s
	}
	c := all[e.Type]
	var verdict fsm.Verdict
	switch c.machine {
	case mangopay.MachineStatus:
		out := user.StatusMachine.Step(s.status, c.column, struct{}{})
		s.status, verdict = out.To, out.Verdict
	case mangopay.MachineCategory:
		out := user.CategoryMachine.Step(s.category, c.column, struct{}{})
		s.category, verdict = out.To, out.Verdict
	case mangopay.MachineKYC:
		out := user.KYCMachine.Step(s.kyc, c.column, struct{}{})
		s.kyc, verdict = out.To, out.Verdict
	case mangopay.MachineSCA:
		out := user.SCAMachine.Step(s.sca, c.column, struct{}{})
		s.sca, verdict = out.To, out.Verdict
	}
	if verdict.Moves() {
		return 1
	}
	return 0
}
