package confirm

import (
	"strings"

	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// machine is one thing that a claim asks about.
type machine uint8

// The machines, in the order of their table.
const (
	session machine = iota
	status
	category
	kyc
	sca
	inflows
	outflows
	document // of no read model of ours: it only leads to a user
	machines
)

// read is one call of the API.
type read uint8

// The calls, in the order in which a job makes them: a user's comes first, because it tells whether there is one.
const (
	readUser read = iota
	readSCA
	readRegulatory
	readSession
	readDocument
	reads
)

// KindDocument is the kind of a KYC document, as the catalogue names it; observations of it carry the value "document".
const KindDocument = "kyc_document"

// table says of each machine how it is called, which kind of resource it belongs to and which call reads it.
var table = [machines]struct {
	name, kind string
	by         read
}{
	session:  {mangopay.MachineSession, mangopay.KindSession, readSession},
	status:   {mangopay.MachineStatus, mangopay.KindUser, readUser},
	category: {mangopay.MachineCategory, mangopay.KindUser, readUser},
	kyc:      {mangopay.MachineKYC, mangopay.KindUser, readUser},
	sca:      {mangopay.MachineSCA, mangopay.KindUser, readSCA},
	inflows:  {mangopay.MachineInflows, mangopay.KindUser, readRegulatory},
	outflows: {mangopay.MachineOutflows, mangopay.KindUser, readRegulatory},
	document: {"document", KindDocument, readDocument},
}

// regions finds what a view knows of a user's machine.
var regions = map[machine]func(*views.User) *projections.Region{
	status:   func(u *views.User) *projections.Region { return &u.Status },
	category: func(u *views.User) *projections.Region { return &u.Category },
	kyc:      func(u *views.User) *projections.Region { return &u.KYC },
	sca:      func(u *views.User) *projections.Region { return &u.SCA },
	inflows:  func(u *views.User) *projections.Region { return &u.Inflows },
	outflows: func(u *views.User) *projections.Region { return &u.Outflows },
}

// machineOf finds the machine of a kind by its name.
func machineOf(kind, name string) (machine, bool) {
	for m, t := range table {
		if t.kind == kind && t.name == name {
			return machine(m), true
		}
	}
	return 0, false
}

// asks tells which machine a claim is about. Claims of other resources, and those that move nothing, ask nothing. The type
// and the kind become the catalogue's: what is held must not keep a whole message of the log alive.
func asks(c *claimed) (machine, bool) {
	info, known := mangopay.Lookup(c.typ)
	if !known || info.Kind != c.ref.Kind || c.ref.ID == "" {
		return 0, false
	}
	c.typ, c.ref.Kind = info.Type, info.Kind
	if info.Kind == KindDocument {
		return document, true
	}
	return machineOf(info.Kind, info.Machine)
}

// set holds machines.
type set uint16

// setOf is the set of the given machines.
func setOf(ms ...machine) (s set) {
	for _, m := range ms {
		s |= 1 << m
	}
	return s
}

func (s set) has(m machine) bool { return s&(1<<m) != 0 }

// each goes through the machines of the set.
func (s set) each(yield func(machine) bool) {
	for m := range machines {
		if s.has(m) && !yield(m) {
			return
		}
	}
}

// by is the set of the machines that a call reads.
func (g read) tells() (s set) {
	for m, t := range table {
		if t.by == g {
			s |= 1 << m
		}
	}
	return s
}

// String names the machines of a set, for tests and debuggers.
func (s set) String() string {
	var names []string
	for m := range s.each {
		names = append(names, table[m].name)
	}
	return strings.Join(names, "+")
}
