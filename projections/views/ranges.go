package views

import (
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/projections"
)

// Published is what the machines of one kind of resource publish.
type Published struct {
	Kind   string
	Model  string // name of the read model
	Ranges []projections.Range
}

// Machines tells what all read models publish, as transitions and facts tell it.
func Machines() []Published {
	return []Published{
		{mangopay.KindSession, Sessions.Name, sessionMachines.Ranges()},
		{mangopay.KindUser, Users.Name, userMachines.Ranges()},
		{KindHook, Hooks.Name, []projections.Range{rangeOf(hook.Machine.Definition()), rangeOf(hook.StatusMachine.Definition())}},
	}
}

// rangeOf is that of a machine which publishes its states.
func rangeOf(d *fsm.Definition) projections.Range {
	return projections.Range{Machine: d.Name, Values: d.States[1:]}
}
