package proptest

import (
	"strconv"

	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections/views"
)

// Start is the date at which generated histories begin: Unix seconds, in April 2025.
const Start int64 = 1_743_620_000

// day in seconds.
const day = 24 * 3600

// Types lists the provider's event types about one kind of resource, in the order of the catalogue.
func Types(kind string) []events.Type {
	var out []events.Type
	for info := range mangopay.Catalogue() {
		if info.Kind == kind {
			out = append(out, info.Type)
		}
	}
	return out
}

// values lists, for every machine that an observation of a kind can hold, what it may say: the provider's literals, old
// spellings of them, and values that nobody knows.
var values = map[string]map[string][]string{
	mangopay.KindSession: {
		mangopay.MachineSession: {"PENDING", "REVIEW", "VALIDATED", "REFUSED", "OUT_OF_DATE", "OUTDATED", "EXPIRED", "TIMEOUT", "ARCHIVED", ""},
	},
	mangopay.KindUser: {
		mangopay.MachineStatus:   {"ACTIVE", "PENDING_USER_ACTION", "CLOSED", "FROZEN"},
		mangopay.MachineCategory: {"OWNER", "PAYER", "PLATFORM", "UNKNOWN", "RESELLER"},
		mangopay.MachineKYC:      {"LIGHT", "REGULAR", "STRONG"},
		mangopay.MachineSCA:      {"true", "false", "maybe"},
		mangopay.MachineInflows:  {"BLOCKED", "UNBLOCKED", "PARTLY"},
		mangopay.MachineOutflows: {"BLOCKED", "UNBLOCKED"},
	},
}

// Histories draws everything that was said about one resource of one of the kinds (idv_session, user, hook; all three
// where none is given), in the order in which it is to be shrunk and not of time: claims of all types, believed,
// stale and contradictory observations, unknown values, answers that the resource is not there, and ticks. Many share a
// second; some lie just inside and outside the window of staleness, some weeks apart, and a few are forged.
func Histories(kinds ...string) *rapid.Generator[[]events.Event] {
	if len(kinds) == 0 {
		kinds = []string{mangopay.KindSession, mangopay.KindUser, views.KindHook}
	}
	return rapid.Custom(func(t *rapid.T) []events.Event {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		if kind == views.KindHook {
			return hookFacts(t)
		}
		return chronicle(t, events.Ref{Source: mangopay.Source, Kind: kind, ID: kind + "_1"})
	})
}

// chronicler draws what is said about one resource. It holds few types and few dates, so that claims of one machine
// meet in one second.
type chronicler struct {
	ref   events.Ref
	types *rapid.Generator[events.Type]
	dates *rapid.Generator[int64]
}

// chronicle draws the history of one resource.
func chronicle(t *rapid.T, ref events.Ref) []events.Event {
	c := chronicler{
		ref:   ref,
		types: rapid.SampledFrom(rapid.SliceOfN(claimTypes(ref.Kind), 1, 6).Draw(t, "types")),
		dates: rapid.SampledFrom(rapid.SliceOfN(rapid.Custom(date), 1, 6).Draw(t, "dates")),
	}
	return rapid.SliceOfN(rapid.Custom(c.saying), 1, 14).Draw(t, "sayings")
}

// saying draws one thing that is said.
func (c chronicler) saying(t *rapid.T) events.Event {
	date := c.dates.Draw(t, "date")
	switch rapid.SampledFrom([]string{"claim", "claim", "claim", "claim", "observation", "observation", "tick", "missing", "forged"}).Draw(t, "basis") {
	case "observation":
		return observation(t, c.ref, date)
	case "missing":
		return observed(c.ref, date, events.Reading{Missing: true})
	case "tick":
		return events.Event{Type: events.Tick, Ref: c.ref, Date: date}
	case "forged":
		date = Start + rapid.SampledFrom([]int64{75 * 365 * day, -90 * day}).Draw(t, "forged by")
	}
	return events.Event{Type: c.types.Draw(t, "type"), Ref: c.ref, Date: date}
}

// claimTypes draws the type of a claim: mostly one that moves a machine, else another one of the catalogue or one that
// nobody knows.
func claimTypes(kind string) *rapid.Generator[events.Type] {
	var moving []events.Type
	for _, t := range Types(kind) {
		if info, _ := mangopay.Lookup(t); info.Machine != "" {
			moving = append(moving, t)
		}
	}
	return rapid.OneOf(
		rapid.SampledFrom(moving), rapid.SampledFrom(moving), rapid.SampledFrom(moving),
		rapid.SampledFrom(append(Types(kind), "SOMETHING_NEW", "USER_KYC_")))
}

// date draws when something happened: the offsets stand at the edges of the window, the places at those of the horizon.
func date(t *rapid.T) int64 {
	place := rapid.SampledFrom([]int64{0, 0, 1, 600, day, 3 * day, 60 * day, 61 * day}).Draw(t, "place")
	return Start + place + rapid.SampledFrom([]int64{0, 0, 1, 299, 300, 301}).Draw(t, "offset")
}

// observation draws what the API said of some machines of a resource.
func observation(t *rapid.T, ref events.Ref, date int64) events.Event {
	said := events.Reading{Values: map[string]string{}, Attributes: map[string]string{}}
	machines := values[ref.Kind]
	names := sorted(machines)
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, len(names), rapid.ID[string]).Draw(t, "machines") {
		said.Values[name] = rapid.SampledFrom(machines[name]).Draw(t, name)
	}
	if rapid.Bool().Draw(t, "with attributes") {
		said.Attributes[views.PersonType] = rapid.SampledFrom([]string{"LEGAL", "NATURAL", "ROBOT"}).Draw(t, "person")
		if ref.Kind == mangopay.KindSession {
			said.Attributes[views.UserID] = rapid.SampledFrom([]string{"user_1", "user_2"}).Draw(t, "user")
			said.Attributes[views.Created] = strconv.FormatInt(Start+rapid.SampledFrom([]int64{0, 5}).Draw(t, "created"), 10)
		}
	}
	return observed(ref, date, said)
}

// observed is an observation.
func observed(ref events.Ref, date int64, said events.Reading) events.Event {
	return events.Event{Type: events.Observed, Ref: ref, Date: date, Data: canonical(said)}
}

// canonical renders data that always renders.
func canonical(data any) []byte {
	b, err := events.Canonical(data)
	if err != nil {
		panic(err)
	}
	return b
}
