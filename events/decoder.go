package events

// Decoder decodes envelopes as [Decode] does, and shares the texts that many events have in common: source, type, kind,
// origin and replica. All that it makes anew for an event is its id. The zero value is ready. One goroutine at a time may
// use it.
type Decoder struct {
	source, kind, origin, replica, typ shared
}

// Decode reads an event back from what [Encode] wrote. Data of the result shares its memory with data; its texts do not.
// Errors wrap [ErrNewer] or [ErrEnvelope].
func (d *Decoder) Decode(data []byte) (Event, error) {
	if e, ok := d.decodeFast(data); ok {
		return e, nil
	}
	return decodeAny(data)
}

// decodeFast is the function of that name, with shared texts.
func (d *Decoder) decodeFast(data []byte) (e Event, ok bool) {
	f, ok := scan(data)
	if !ok || !clean(f.id.in(data)) {
		return Event{}, false
	}
	e.Ref.Source = d.source.text(f.source.in(data), &ok)
	e.Type = Type(d.typ.text(f.typ.in(data), &ok))
	e.Ref.Kind = d.kind.text(f.kind.in(data), &ok)
	e.Delivery.Origin = Origin(d.origin.text(f.origin.in(data), &ok))
	e.Delivery.Replica = d.replica.text(f.replica.in(data), &ok)
	if !ok {
		return Event{}, false
	}
	e.Ref.ID = string(f.id.in(data))
	e.Date, e.Data = f.date, f.own
	e.Delivery.Received, e.Delivery.Attempt = f.received, uint64(f.attempt)
	return e, true
}

// What a table of shared texts holds at the most. Anybody can send a type that nobody knows.
const (
	mostShared    = 512 // texts; a full table begins anew
	longestShared = 128 // bytes; longer texts are not shared
)

// shared is a table of clean texts. It is asked by bytes, which makes no text of those that it has.
type shared struct {
	last  string
	texts map[string]string
}

// text is the text of some bytes, shared where that is possible. It takes ok back where they are not clean.
func (s *shared) text(b []byte, ok *bool) string {
	if string(b) == s.last {
		return s.last
	}
	t, known := s.texts[string(b)]
	if !known {
		if !clean(b) {
			*ok = false
			return ""
		}
		t = string(b)
		s.add(t)
	}
	s.last = t
	return t
}

// add lets a text be shared.
func (s *shared) add(t string) {
	if len(t) > longestShared {
		return
	}
	if s.texts == nil || len(s.texts) >= mostShared {
		s.texts = map[string]string{}
	}
	s.texts[t] = t
}
