package fsm

import "fmt"

// Verdict says how an event fits the state it met.
type Verdict uint8

// The six verdicts. Their names are fixed: they stand in documents.
const (
	_         Verdict = iota
	First             // nothing was known before; taken as it is
	Applied           // a documented arrow
	Duplicate         // says what is already so
	Gap               // legal only if an event was missed; moves, flagged
	Conflict          // contradicts the documents; stays, flagged, asks for an observation
	Noted             // belongs to the resource and changes no state
)

var verdictNames = [...]string{"", "first", "applied", "duplicate", "gap", "conflict", "noted"}

// Verdicts lists all verdicts in their fixed order.
func Verdicts() []Verdict { return []Verdict{First, Applied, Duplicate, Gap, Conflict, Noted} }

// String returns the name that documents carry.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return fmt.Sprintf("verdict(%d)", uint8(v))
}

// Moves tells whether an event with this verdict may change the state.
func (v Verdict) Moves() bool { return v == First || v == Applied || v == Gap }

// MarshalText writes the name; an undeclared verdict is an error.
func (v Verdict) MarshalText() ([]byte, error) {
	if v == 0 || int(v) >= len(verdictNames) {
		return nil, fmt.Errorf("fsm: no verdict %d", uint8(v))
	}
	return []byte(verdictNames[v]), nil
}

// UnmarshalText reads a name that MarshalText wrote.
func (v *Verdict) UnmarshalText(text []byte) error {
	for i, name := range verdictNames {
		if i > 0 && name == string(text) {
			*v = Verdict(i)
			return nil
		}
	}
	return fmt.Errorf("fsm: no verdict %q (have first, applied, duplicate, gap, conflict, noted)", text)
}
