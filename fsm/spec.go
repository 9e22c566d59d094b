package fsm

// Cell declares what one event does in one state. A guarded cell is declared twice: with Guard "name" for the facts on
// which the guard holds, and with Guard "!name" for those on which it does not.
type Cell struct {
	From    string  // state; "" is nothing known
	Event   string  // event
	Guard   string  // "", "name" or "!name"
	Verdict Verdict // how the event fits the state
	Next    string  // state afterwards; equals From where the verdict stays
	Reason  string  // one plain sentence
}

// Guard decides between the two rows of a guarded cell.
type Guard[F any] struct {
	Meaning string         // what holds when the guard does, as a clause: "the user is not a natural person"
	Holds   func(F) bool   // pure
	Saw     func(F) string // the values that Holds looked at, for explanations
}

// Spec is a machine as data, before it has been checked.
type Spec[F any] struct {
	Name    string
	Version int
	// States lists the known states. The state "" (nothing known) is implied and always comes first.
	States []string
	// Observed lists the states that only an observation reaches. Every other one must be reachable by events.
	Observed []string
	// Events lists the columns of the table.
	Events []string
	// Cells declares every state × event pair, also those of "".
	Cells []Cell
	// Guards holds the guards that cells name.
	Guards map[string]Guard[F]
}
