package events

import "strconv"

// appendEnvelope appends the data of an event that was checked.
func appendEnvelope(b []byte, e Event) []byte {
	b = append(b, `{"v":1,"source":`...)
	b = appendText(b, e.Ref.Source)
	b = append(b, `,"type":`...)
	b = appendText(b, string(e.Type))
	b = append(b, `,"kind":`...)
	b = appendText(b, e.Ref.Kind)
	b = append(b, `,"id":`...)
	b = appendText(b, e.Ref.ID)
	b = append(b, `,"date":`...)
	b = strconv.AppendInt(b, e.Date, 10)
	b = appendDelivery(b, e.Delivery)
	if len(e.Data) > 0 {
		b = append(append(b, `,"data":`...), e.Data...)
	}
	return append(b, '}')
}

// appendDelivery appends what is known of the arrival.
func appendDelivery(b []byte, d Delivery) []byte {
	if d.Origin != "" {
		b = appendText(append(b, `,"origin":`...), string(d.Origin))
	}
	if d.Received != 0 {
		b = strconv.AppendInt(append(b, `,"received":`...), d.Received, 10)
	}
	if d.Replica != "" {
		b = appendText(append(b, `,"replica":`...), d.Replica)
	}
	if d.Attempt != 0 {
		b = strconv.AppendUint(append(b, `,"attempt":`...), d.Attempt, 10)
	}
	return b
}

// appendText appends a JSON string without HTML escapes.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return append(b, text(s)...)
		}
	}
	b = append(append(b, '"'), s...)
	return append(b, '"')
}

// text renders a JSON string of any kind. Text always renders, so there is no error to give.
func text(s string) []byte {
	raw, _ := plain(s)
	return raw
}
