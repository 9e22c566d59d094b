package events

// Shared counts the texts that a decoder holds.
func (d *Decoder) Shared() (n int) {
	for _, s := range []shared{d.source, d.kind, d.origin, d.replica, d.typ} {
		n += len(s.texts)
	}
	return n
}

// IsCanonical is the look that Encode takes at data.
var IsCanonical = canonical
