package fsm

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// cellJSON fixes the names and the order of a cell's fields in JSON.
type cellJSON struct {
	State   string  `json:"state"`
	Event   string  `json:"event"`
	Verdict Verdict `json:"verdict"`
	Next    string  `json:"next"`
	Guard   string  `json:"guard"`
	Reason  string  `json:"reason"`
}

// JSON renders every cell as an array of objects, one to a line, in the order of Cells: state ("" is nothing known),
// event, verdict, next, guard ("", "name" or "!name"), reason. A guarded cell appears once for each outcome. The bytes
// are a function of the definition.
func (d *Definition) JSON() []byte {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	b.WriteString("[\n")
	for i, c := range d.Cells {
		row := cellJSON{State: c.From, Event: c.Event, Verdict: c.Verdict, Next: c.Next, Guard: c.Guard, Reason: c.Reason}
		if err := out.Encode(row); err != nil {
			panic(fmt.Sprintf("fsm: a checked cell does not render: %v", err)) // strings and a declared verdict always do
		}
		if i < len(d.Cells)-1 {
			b.Truncate(b.Len() - 1)
			b.WriteString(",\n")
		}
	}
	b.WriteString("]\n")
	return b.Bytes()
}
