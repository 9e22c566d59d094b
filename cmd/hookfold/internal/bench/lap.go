package bench

import (
	"runtime"
	"time"
)

// lap is one run of one contender.
type lap struct {
	n      int           // operations
	wall   time.Duration // from the first to the last
	cpu    time.Duration // of the whole process meanwhile; 0 where the system does not tell
	allocs uint64
	writes int             // messages that a bucket took
	rows   int             // that a store took
	held   float64         // bytes that are alive afterwards, above those before
	folded time.Duration   // up to the last event, where more is done after it
	waited time.Duration   // that others had to wait at the most
	bytes  float64         // what one resource takes
	waits  []time.Duration // of single requests, sorted
}

// rate is operations a second.
func (l lap) rate() float64 { return float64(l.n) / l.wall.Seconds() }

// perCore is operations in a second of processor time.
func (l lap) perCore() float64 {
	if l.cpu == 0 {
		return l.rate()
	}
	return float64(l.n) / l.cpu.Seconds()
}

// nanos is the time of one operation.
func (l lap) nanos() float64 { return float64(l.wall.Nanoseconds()) / float64(l.n) }

// cpuMicros is the processor time of one operation.
func (l lap) cpuMicros() float64 { return float64(l.cpu.Nanoseconds()) / 1e3 / float64(l.n) }

// perAlloc is the allocations of one operation.
func (l lap) perAlloc() float64 { return float64(l.allocs) / float64(l.n) }

// wait is the time in milliseconds within which a share of the requests was answered.
func (l lap) wait(share float64) float64 {
	i := min(int(share*float64(len(l.waits))), len(l.waits)-1)
	return float64(l.waits[i].Nanoseconds()) / 1e6
}

// watch measures what happens between start and stop; several such times add up.
type watch struct {
	begun  time.Time
	cpu    time.Duration
	allocs uint64
	sum    lap
}

// mallocs counts all objects that were ever allocated. It stops the world for a moment, so it is asked outside of the time.
func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// start begins a time.
func (w *watch) start() {
	w.allocs = mallocs()
	w.cpu, w.begun = processorTime(), time.Now()
}

// stop ends it.
func (w *watch) stop() {
	w.sum.wall += time.Since(w.begun)
	w.sum.cpu += processorTime() - w.cpu
	w.sum.allocs += mallocs() - w.allocs
}

// lap is all times together, of so many operations.
func (w *watch) lap(n int) lap {
	l := w.sum
	l.n = n
	return l
}

// timed measures one function.
func timed(n int, do func() error) (lap, error) {
	var w watch
	w.start()
	err := do()
	w.stop()
	return w.lap(n), err
}
