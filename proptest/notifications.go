package proptest

import (
	"encoding/json"
	"net/url"
	"strconv"

	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

// Notifications draws what the provider may send: every type of the catalogue, types that it does not have, and
// identifiers of every kind that the documents allow: old numbers, new names, other scripts, signs that mean something
// in a URL, in a subject or in a key, and the longest.
func Notifications() *rapid.Generator[mangopay.Notification] {
	var types []events.Type
	for info := range mangopay.Catalogue() {
		types = append(types, info.Type)
	}
	return rapid.Custom(func(t *rapid.T) mangopay.Notification {
		return mangopay.Notification{
			Type: events.Type(rapid.OneOf(
				rapid.Map(rapid.SampledFrom(types), func(t events.Type) string { return string(t) }),
				rapid.StringMatching(`[A-Z][A-Z_é&=+%# ]{0,30}`),
			).Draw(t, "type")),
			ResourceID: rapid.OneOf(
				rapid.SampledFrom([]string{"user_m_01JQVHDG0S0TJP5KFX029211BF", "8494514", "a b", "a&b=c", "a.b.>", "*", "é", "%41", "<x>", `"q"`, "\u2028"}),
				rapid.StringMatching(`[0-9A-Za-z_-]{1,128}`),
				rapid.StringN(1, 20, 128),
			).Draw(t, "id"),
			Date: rapid.OneOf(rapid.Int64Range(Start, Start+3*day), rapid.Int64Range(1, mangopay.MaxDate)).Draw(t, "date"),
		}
	})
}

// Forms writes a notification in each form that `hookfold fold` reads: a JSON object, a query string and a URL.
func Forms(n mangopay.Notification) []string {
	q := url.Values{"EventType": {string(n.Type)}, "RessourceId": {n.ResourceID}, "Date": {strconv.FormatInt(n.Date, 10)}}
	object, err := json.Marshal(map[string]any{"EventType": n.Type, "RessourceId": n.ResourceID, "Date": n.Date})
	if err != nil {
		panic(err) // strings and a number always render
	}
	return []string{string(object), q.Encode(), "https://www.example.com/hooks?" + q.Encode()}
}
