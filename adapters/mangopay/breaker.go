package mangopay

import (
	"strconv"
	"sync"
	"time"

	"github.com/hookfold/hookfold/fsm"
)

// circuit is the state of the circuit breaker. The zero value knows nothing of the provider.
type circuit uint8

// The states, in the order of the machine's definition.
const (
	unknown  circuit = iota
	closed           // requests go out
	open             // none go out: the provider was not well
	halfOpen         // the pause is over: the next request may probe
	probing          // one request probes, the others wait for what it finds
)

// The events of the machine.
const (
	answered    = "answered"    // any answer but a 5xx: the provider is there, whatever it thinks of the request
	unavailable = "unavailable" // a 5xx, a broken connection, or no answer in time
	elapsed     = "elapsed"     // the pause is over
	probe       = "probe"       // a request asks to be the one that finds out
	abandoned   = "abandoned"   // the probe was given up by its caller before it found anything out
)

// run is what the guard looks at: the failures in a row before this event, and how many open the breaker.
type run struct{ failures, limit int }

var lastStraw = fsm.Guard[run]{
	Meaning: "with this one the run of failures is long enough",
	Holds:   func(r run) bool { return r.failures+1 >= r.limit },
	Saw: func(r run) string {
		return "failures=" + strconv.Itoa(r.failures) + " limit=" + strconv.Itoa(r.limit)
	},
}

// circuitMachine is the table of the circuit breaker.
var circuitMachine = fsm.Must[circuit](fsm.Spec[run]{
	Name:    "circuit",
	Version: 1,
	States:  []string{"CLOSED", "OPEN", "HALF_OPEN", "PROBING"},
	Events:  []string{answered, unavailable, elapsed, probe, abandoned},
	Guards:  map[string]fsm.Guard[run]{"last_straw": lastStraw},
	Cells:   circuitCells,
})

var circuitCells = []fsm.Cell{
	{From: "", Event: answered, Verdict: fsm.First, Next: "CLOSED",
		Reason: "The first answer shows that the provider is there."},
	{From: "", Event: unavailable, Guard: "!last_straw", Verdict: fsm.First, Next: "CLOSED",
		Reason: "The first request failed: the run begins, and one failure may be chance."},
	{From: "", Event: unavailable, Guard: "last_straw", Verdict: fsm.First, Next: "OPEN",
		Reason: "The first request failed, and one failure is enough here."},
	{From: "", Event: elapsed, Verdict: fsm.Noted, Next: "",
		Reason: "No pause is running before anything was sent."},
	{From: "", Event: probe, Verdict: fsm.Noted, Next: "",
		Reason: "Nothing is known against the provider: the request goes out like any other."},
	{From: "", Event: abandoned, Verdict: fsm.Noted, Next: "",
		Reason: "A request that was given up says nothing about the provider."},

	{From: "CLOSED", Event: answered, Verdict: fsm.Applied, Next: "CLOSED",
		Reason: "The provider answers: a run of failures ends here."},
	{From: "CLOSED", Event: unavailable, Guard: "!last_straw", Verdict: fsm.Applied, Next: "CLOSED",
		Reason: "One more failure in a row, and still too few to stop asking."},
	{From: "CLOSED", Event: unavailable, Guard: "last_straw", Verdict: fsm.Applied, Next: "OPEN",
		Reason: "So many failures in a row are no chance: asking on would only add load to a provider that is not well."},
	{From: "CLOSED", Event: elapsed, Verdict: fsm.Noted, Next: "CLOSED",
		Reason: "No pause is running while requests go out."},
	{From: "CLOSED", Event: probe, Verdict: fsm.Noted, Next: "CLOSED",
		Reason: "Requests go out: none needs to probe."},
	{From: "CLOSED", Event: abandoned, Verdict: fsm.Noted, Next: "CLOSED",
		Reason: "A request that was given up says nothing about the provider."},

	{From: "OPEN", Event: answered, Verdict: fsm.Noted, Next: "OPEN",
		Reason: "The answer to a request from before the pause: it was luckier than those around it, and the pause stands."},
	{From: "OPEN", Event: unavailable, Verdict: fsm.Duplicate, Next: "OPEN",
		Reason: "A request from before the pause failed too, as was to be expected."},
	{From: "OPEN", Event: elapsed, Verdict: fsm.Applied, Next: "HALF_OPEN",
		Reason: "The pause is over: the provider may be well again."},
	{From: "OPEN", Event: probe, Verdict: fsm.Conflict, Next: "OPEN",
		Reason: "Nothing goes out while the pause lasts."},
	{From: "OPEN", Event: abandoned, Verdict: fsm.Noted, Next: "OPEN",
		Reason: "A request that was given up says nothing about the provider."},

	{From: "HALF_OPEN", Event: answered, Verdict: fsm.Applied, Next: "CLOSED",
		Reason: "A late answer to an older request shows as much as a probe would."},
	{From: "HALF_OPEN", Event: unavailable, Verdict: fsm.Applied, Next: "OPEN",
		Reason: "An older request has failed only now: the provider is still not well."},
	{From: "HALF_OPEN", Event: elapsed, Verdict: fsm.Duplicate, Next: "HALF_OPEN",
		Reason: "The pause is over already."},
	{From: "HALF_OPEN", Event: probe, Verdict: fsm.Applied, Next: "PROBING",
		Reason: "One request goes out to find out, and only one."},
	{From: "HALF_OPEN", Event: abandoned, Verdict: fsm.Noted, Next: "HALF_OPEN",
		Reason: "No probe was out."},

	{From: "PROBING", Event: answered, Verdict: fsm.Applied, Next: "CLOSED",
		Reason: "The provider answers again."},
	{From: "PROBING", Event: unavailable, Verdict: fsm.Applied, Next: "OPEN",
		Reason: "The provider is still not well: the next pause is longer."},
	{From: "PROBING", Event: elapsed, Verdict: fsm.Noted, Next: "PROBING",
		Reason: "The pause is over already; what the probe finds decides."},
	{From: "PROBING", Event: probe, Verdict: fsm.Conflict, Next: "PROBING",
		Reason: "One request probes already: a second one could only add load."},
	{From: "PROBING", Event: abandoned, Verdict: fsm.Applied, Next: "HALF_OPEN",
		Reason: "The probe was given up before it found anything out: the next request may try."},
}

// longestPause is the pause of a breaker that keeps opening, in pauses.
const longestPause = 16

// breaker keeps requests back from a provider that is not well. It is safe for concurrent use.
type breaker struct {
	limit int
	pause time.Duration
	told  func(from, to circuit) // hears of every change, under the lock

	mu       sync.Mutex
	state    circuit
	failures int // in a row
	factor   int // of the pause
	until    time.Time
}

// allow tells whether a request may go out now, and whether it is the probe; else how long to wait.
func (b *breaker) allow(now time.Time) (asProbe bool, retry time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == open && !now.Before(b.until) {
		b.step(elapsed)
	}
	out := b.step(probe)
	switch {
	case out.Verdict != fsm.Conflict:
		return out.To == probing, 0, true
	case out.From == open:
		return false, b.until.Sub(now), false
	}
	return false, b.pause / 4, false // a probe is out, and will not take a whole pause
}

// waits is how long the present pause lasts; 0 when none does.
func (b *breaker) waits(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state != open {
		return 0
	}
	return max(0, b.until.Sub(now))
}

// heard tells the breaker what became of a request.
func (b *breaker) heard(event string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.step(event)
	switch {
	case event == unavailable && out.To == open && out.From != open:
		b.failures = 0
		b.factor = min(max(1, 2*b.factor), longestPause)
		b.until = now.Add(time.Duration(b.factor) * b.pause)
	case event == unavailable && out.To == closed:
		b.failures++
	case event == answered && out.To == closed:
		b.failures, b.factor = 0, 0
	}
}

// step moves the state.
func (b *breaker) step(event string) fsm.Outcome[circuit] {
	column, _ := circuitMachine.Column(event) // one of the table's own
	out := circuitMachine.Step(b.state, column, run{b.failures, b.limit})
	if b.state = out.To; out.From != out.To {
		b.told(out.From, out.To)
	}
	return out
}
