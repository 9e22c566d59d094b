package proptest

import (
	"context"
	"errors"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// OrderFree is law 3: of a set of records, every order of arrival and every repetition gives byte-equal documents.
//
// Each history is folded three ways and compared with the first. Without a log, in another order and with copies
// (projections.Documents, which admits everything). By projectors over a log, in any order, with copies, in batches of
// any size, stopped and started anew, with one slot or several, with a store that keeps values or bytes: compared for
// the records that the fold rules admit in every order, beside others that they refuse. And by a projector in the order
// of time, where nothing is refused however far the history reaches back: so whatever storage compacted underway.
//
// A history is everything that was said, about one resource or several; its order does not matter.
func OrderFree[V any](t TB, m projections.Model[V], histories *rapid.Generator[[]events.Event]) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		set := draw(t, histories)
		want := documents(t, m, set)
		compare(t, "law 3, without a log, in another order and with copies", want, documents(t, m, shuffled(t, m, set)))
		inAnyOrder(t, m, set)
		inOrderOfTime(t, m, set)
	})
}

// documents folds a set without a log.
func documents[V any](t TB, m projections.Model[V], set []events.Event) map[events.Ref]string {
	t.Helper()
	docs, err := projections.Documents([]projections.AnyModel{m}, records(set), projections.AsOf{})
	if err != nil {
		t.Fatalf("%s does not render: %v", m.Name, err)
	}
	out := map[events.Ref]string{}
	for _, d := range docs {
		out[d.Ref] = string(d.JSON)
	}
	return out
}

// shuffled draws an order of arrival and copies. A copy of a notification arrives in its own way (fold rule 1: no
// attribute of a copy enters a document), unless the way is what the model counts.
func shuffled[V any](t *rapid.T, m projections.Model[V], set []events.Event) []events.Event {
	out := slices.Clone(set)
	if len(set) == 0 {
		return out
	}
	for i, n := range rapid.SliceOfN(rapid.IntRange(0, len(set)-1), 0, 4).Draw(t, "copies") {
		c := set[n]
		if m.Same == nil && c.Basis() == events.Claim {
			c.Delivery = events.Delivery{Origin: events.Backfill, Received: c.Date*1000 + int64(i), Replica: "copy", Attempt: uint64(i)}
		}
		out = append(out, c)
	}
	return rapid.Permutation(out).Draw(t, "arrival")
}

// inAnyOrder compares projectors over what is admitted in every order, beside what is refused.
func inAnyOrder[V any](t *rapid.T, m projections.Model[V], set []events.Event) {
	p := promiseOf(m)
	stored := arrivalTime(t, set)
	kept, refused := p.kept(set, stored)
	want := documents(t, m, kept)
	a := drawArrival(t, stored)
	a.memory = m.Same == nil && a.memory // a log that drops copies would drop deliveries that are counted
	a.events = shuffled(t, m, kept)
	for _, e := range refused { // what is too far ahead may come at any time, what is too old when the newest is known
		if p.ahead(e, stored) {
			at := rapid.IntRange(0, len(a.events)).Draw(t, "refused at")
			a.events = slices.Insert(a.events, at, e)
		} else {
			a.events = append(a.events, e)
		}
	}
	compare(t, "law 3, by projectors, in any order", want, read(t, m, a, set))
}

// inOrderOfTime compares a projector that hears of everything in its order.
func inOrderOfTime[V any](t *rapid.T, m projections.Model[V], set []events.Event) {
	a := drawArrival(t, newestClaim(set))
	a.memory = false
	a.events = slices.Clone(set)
	promiseOf(m).sort(a.events)
	compare(t, "law 3, by a projector, in the order of time", documents(t, m, set), read(t, m, a, set))
}

// newestClaim is a time of storage at which no claim is dated ahead.
func newestClaim(set []events.Event) time.Time {
	newest := int64(1)
	for _, e := range set {
		newest = max(newest, e.Date)
	}
	return time.Unix(newest, 0)
}

// arrivalTime draws when the log stored everything: mostly later than all dates; else at the date of one of the claims,
// so that those dated further ahead are refused.
func arrivalTime(t *rapid.T, set []events.Event) time.Time {
	if len(set) == 0 || !rapid.Bool().Draw(t, "some are dated ahead") {
		return newestClaim(set)
	}
	return time.Unix(rapid.SampledFrom(set).Draw(t, "stored at the date of").Date, 0)
}

// drawArrival draws how a log is read and where rows are kept.
func drawArrival(t *rapid.T, stored time.Time) arrival {
	stops := rapid.SliceOfN(rapid.IntRange(0, 12), 0, 2).Draw(t, "stops")
	slices.Sort(stops)
	return arrival{
		stored: stored,
		sizes:  rapid.SliceOfN(rapid.IntRange(1, 5), 1, 4).Draw(t, "batches"),
		stops:  stops,
		slots:  rapid.IntRange(1, 3).Draw(t, "slots"),
		bytes:  rapid.Bool().Draw(t, "bytes"),
		memory: rapid.Bool().Draw(t, "memory log"),
	}
}

// read folds an arrival and reads the documents of all resources that a set concerns.
func read[V any](t TB, m projections.Model[V], a arrival, set []events.Event) map[events.Ref]string {
	t.Helper()
	store, err := a.fold(m, nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return readFrom(t, m, store, set)
}

// readFrom reads the documents of all resources that a set concerns.
func readFrom[V any](t TB, m projections.Model[V], store projections.Store, set []events.Event) map[events.Ref]string {
	t.Helper()
	out := map[events.Ref]string{}
	for _, e := range set {
		ref, ok := m.Key(projections.Record{Event: e})
		if !ok {
			continue
		}
		doc, err := projections.ReadDocument(context.Background(), store, m, ref.Source, ref.ID, projections.AsOf{})
		switch {
		case errors.Is(err, projections.ErrUnknown):
		case err != nil:
			t.Fatalf("reading %s %q: %v", ref.Kind, ref.ID, err)
		default:
			out[ref] = string(doc.JSON)
		}
	}
	return out
}

// compare fails with the first documents that differ.
func compare(t TB, how string, want, got map[events.Ref]string) {
	t.Helper()
	for ref, doc := range want {
		if got[ref] != doc {
			t.Fatalf("%s: %s %q differs\n want %s\n got  %s", how, ref.Kind, ref.ID, doc, got[ref])
		}
	}
	for ref, doc := range got {
		if _, known := want[ref]; !known {
			t.Fatalf("%s: %s %q has a document that it should not have\n got  %s", how, ref.Kind, ref.ID, doc)
		}
	}
}
