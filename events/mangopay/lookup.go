package mangopay

import (
	"iter"
	"slices"

	"github.com/hookfold/hookfold/events"
)

// Info is one row of the catalogue.
type Info struct {
	Type    events.Type // the provider's EventType, verbatim
	Kind    string      // kind of resource whose identifier the notification carries, e.g. "user"
	Machine string      // machine that the event moves, e.g. [MachineKYC]; "" for none
	Alias   events.Type // the event type as which this one is read; "" for itself
	Meaning string      // one sentence
}

// index finds rows by type: the catalogue and the other spellings.
var index = indexed(catalogue[:], spellings[:])

func indexed(tables ...[]Info) map[events.Type]Info {
	rows := map[events.Type]Info{}
	for _, table := range tables {
		for _, row := range table {
			rows[row.Type] = row
		}
	}
	return rows
}

// Lookup returns what is known of an event type, and false for one that the catalogue does not have. It also knows the
// few other spellings that the provider's own sources use; those are not in [Catalogue] and have an Alias.
func Lookup(t events.Type) (Info, bool) {
	row, known := index[t]
	return row, known
}

// Catalogue goes through the 151 known event types in the order of the table.
func Catalogue() iter.Seq[Info] { return slices.Values(catalogue[:]) }

// Moving returns the event types that move a machine, in the order of the table: those of which a hook is wanted, and of
// which a missed one matters.
func Moving() []events.Type {
	var types []events.Type
	for _, row := range catalogue {
		if row.Machine != "" && row.Alias == "" {
			types = append(types, row.Type)
		}
	}
	return types
}

// Kind returns the kind of resource that an event type speaks of, or [KindUnknown].
func Kind(t events.Type) string {
	if row, known := index[t]; known {
		return row.Kind
	}
	return KindUnknown
}
