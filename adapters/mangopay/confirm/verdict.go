package confirm

import "github.com/hookfold/hookfold/events"

// Verdict is what became of reading one resource.
type Verdict uint8

// The verdicts.
const (
	Confirmed     Verdict = iota // the API says what was claimed
	Superseded                   // the API says something else, and is believed: a later state, or the claim was forged
	NotYetVisible                // the API contradicts a claim that may be too new for it: read again
	NotYetFound                  // the API does not know the resource, which may be too new for it: read again
	NotFound                     // the API does not know the resource: forged, or of another environment
	Unconfirmable                // no answer that says anything (401, 403, 429, 5xx, SCA): nothing is appended; tried again
	verdicts
)

// verdictNames are the names of the verdicts, as labels of metrics.
var verdictNames = [verdicts]string{"confirmed", "superseded", "not_yet_visible", "not_yet_found", "not_found", "unconfirmable"}

// String names the verdict.
func (v Verdict) String() string {
	if v < verdicts {
		return verdictNames[v]
	}
	return "unknown"
}

// Verdicts lists them all.
func Verdicts() []Verdict {
	all := make([]Verdict, verdicts)
	for v := range all {
		all[v] = Verdict(v)
	}
	return all
}

// appraisal is what answers are worth.
type appraisal struct {
	events  []events.Event
	verdict Verdict
}

// appraiseAbsence judges that the API did not know the resource at a time. Before a window has passed since the last claim
// it may only not know it yet.
func (r *resource) appraiseAbsence(t int64) appraisal {
	if t < r.latest() {
		return appraisal{verdict: NotYetFound}
	}
	return appraisal{verdict: NotFound, events: []events.Event{r.observation(t, events.Reading{Missing: true})}}
}

// appraise judges answers by folding them with what is held: only what the models believe is appended, and only if it
// answers a claim or changes what they show (fold rule 13).
func (r *resource) appraise(calls []read, got result) (a appraisal) {
	if got.err != nil || r.lacks(calls, got) {
		a.verdict = Unconfirmable
	}
	for _, said := range got.said {
		e, v, ok := r.weigh(said)
		if ok {
			a.events = append(a.events, e)
		}
		a.verdict = worse(a.verdict, v)
	}
	return a
}

// lacks tells whether an answer says nothing of an open machine that it was asked for.
func (r *resource) lacks(calls []read, got result) bool {
	want := set(0)
	for _, g := range calls {
		want |= g.tells()
	}
	for _, said := range got.said {
		want &^= tells(r.ref.Kind, said.values)
	}
	return want&r.open != 0
}

// worse is the verdict that says most of two.
func worse(a, b Verdict) Verdict { return max(a, b) }

// weigh judges one answer. false: there is nothing to append.
func (r *resource) weigh(said answer) (e events.Event, v Verdict, ok bool) {
	told := tells(r.ref.Kind, said.values)
	if r.ref.Kind == KindDocument {
		return r.observation(said.at, events.Reading{Values: said.values, Attributes: said.attributes}), Confirmed, true
	}
	before := r.stands()
	whole := r.observation(said.at, events.Reading{Values: said.values, Attributes: said.attributes})
	after := r.standsWith(whole)
	believed := told & after.backed()
	v = r.compare(before, after, told, believed, said.at)
	if !r.needed(before, after, believed) {
		return events.Event{}, v, false
	}
	values := map[string]string{}
	for m := range believed.each {
		values[table[m].name] = said.values[table[m].name]
	}
	return r.observation(said.at, events.Reading{Values: values, Attributes: said.attributes}), v, true
}

// needed tells whether believed answers are worth a record: one answers an open claim, or one that was asked for changes
// what the models show.
func (r *resource) needed(before, after standings, believed set) bool {
	for m := range (believed & r.open).each {
		if !before[m].backed || before[m].value != after[m].value {
			return true
		}
	}
	return false
}

// compare gives the verdict on an answer of a time.
func (r *resource) compare(before, after standings, told, believed set, t int64) Verdict {
	v := Confirmed
	for m := range (told & r.open).each {
		switch {
		case !believed.has(m) && r.claims.has(m) && r.newest[m] > t: // its time has not come
		case !believed.has(m):
			v = worse(v, NotYetVisible)
		case before[m].value != "" && before[m].value != after[m].value:
			v = worse(v, Superseded)
		}
	}
	return v
}

// observation is the event that tells a reading of the resource.
func (r *resource) observation(t int64, said events.Reading) events.Event {
	data, err := events.Canonical(said)
	if err != nil { // a Reading holds text only, which always renders
		panic(err)
	}
	return events.Event{Type: events.Observed, Ref: r.ref, Date: t, Data: data}
}

// standsWith asks the models how the resource would stand with one more observation.
func (r *resource) standsWith(e events.Event) standings {
	return fold(r.ref, append(r.records(), recordOf(e)))
}
