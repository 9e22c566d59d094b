package events

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strconv"
)

// ID is the identity of an event: two events with one ID are copies of one event. It is also the Nats-Msg-Id under
// which a log stores the event.
type ID [16]byte

// String returns the identity as 32 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// ID digests what makes the event itself (fold rule 1): source, type, resource id and date, and for Hookfold's own
// events also the kind of resource and the data. A claim's kind is left out because it only follows from the type:
// an identity must not change on the day a catalogue learns a type.
func (e Event) ID() ID {
	own := e.Type.Own()
	var room [256]byte
	b := field(room[:0], e.Ref.Source)
	b = field(b, string(e.Type))
	b = field(b, e.Ref.ID)
	var digits [20]byte
	b = field(b, string(strconv.AppendInt(digits[:0], e.Date, 10)))
	if own {
		b = field(b, e.Ref.Kind)
		data := sha256.Sum256(e.Data)
		b = append(b, data[:]...)
	}
	sum := sha256.Sum256(b)
	return ID(sum[:16])
}

// field appends a length-prefixed field, so that no two lists of fields share their bytes.
func field(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}
