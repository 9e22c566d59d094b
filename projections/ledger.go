package projections

import (
	"bytes"
	"slices"
	"sort"

	"github.com/hookfold/hookfold/events"
)

// ledger holds the records of one resource by time, then identity. Once a snapshot shares its slices, they are only
// appended to, cut at the front, or copied, so that what the snapshot holds never changes.
type ledger struct {
	times   []int64 // of the records, in the model's resolution
	records []Record
	shared  bool // a snapshot may look at the same slices
}

// identify gives the identity of a record. It is a digest, so it is only asked for where two records have one time.
type identify func(Record) events.ID

func (l *ledger) len() int { return len(l.records) }

// place finds where a record belongs, and whether a copy of it stands there already.
func (l *ledger) place(rec Record, when int64, same identify) (at int, known bool) {
	n := l.len()
	if n == 0 || l.times[n-1] < when {
		return n, false
	}
	from, tie := slices.BinarySearch(l.times, when)
	if !tie {
		return from, false
	}
	id := same(rec)
	at, known = sort.Find(l.end(from)-from, func(i int) int {
		other := same(l.records[from+i])
		return bytes.Compare(id[:], other[:])
	})
	return from + at, known
}

// insert puts a record in its place.
func (l *ledger) insert(at int, rec Record, when int64) {
	switch {
	case at == l.len():
		l.shared = l.shared && (at < cap(l.times) || at < cap(l.records)) // else append copies both
		l.times, l.records = append(l.times, when), append(l.records, rec)
	case l.shared:
		l.times = slices.Concat(l.times[:at], []int64{when}, l.times[at:])
		l.records = slices.Concat(l.records[:at], []Record{rec}, l.records[at:])
		l.shared = false
	default:
		l.times, l.records = slices.Insert(l.times, at, when), slices.Insert(l.records, at, rec)
	}
}

// remove takes out the record that was inserted last.
func (l *ledger) remove(at int) {
	l.times, l.records = slices.Delete(l.times, at, at+1), slices.Delete(l.records, at, at+1)
}

// end is the end of the moment that begins at a place.
func (l *ledger) end(from int) int {
	end := from + 1
	for end < l.len() && l.times[end] == l.times[from] {
		end++
	}
	return end
}

// upTo is the ledger before a place, which nobody can append to.
func (l *ledger) upTo(at int) ledger {
	return ledger{times: l.times[:at:at], records: l.records[:at:at], shared: true}
}

// frozen is the ledger as it stands, whatever its owner does later.
func (l *ledger) frozen() ledger {
	if !l.shared { // that of a snapshot is: many goroutines may copy it at once
		l.shared = true
	}
	return l.upTo(l.len())
}

// cut drops the first records.
func (l *ledger) cut(n int) { l.times, l.records = l.times[n:], l.records[n:] }

// apart is the distance of two times in order. It is exact for all of them, also where it is no int64.
func apart(older, newer int64) uint64 { return uint64(newer) - uint64(older) }
