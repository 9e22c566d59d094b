package confirm

import "time"

// The pace at which one resource is asked for.
const (
	cooling    = 2 * time.Minute // after so long without a call, one call counts no longer
	firstGap   = 5 * time.Second
	longestGap = window * time.Second
	doubtGap   = 20 * time.Second

	firstAbsence   = window * time.Second
	longestAbsence = 24 * time.Hour
	firstTrouble   = 10 * time.Second
	longestTrouble = 6 * time.Hour
	longestOutage  = 5 * time.Minute
)

// grown is a time that grows by a factor with every repetition, from the first on, in milliseconds.
func grown(first, most time.Duration, factor, times int) int64 {
	for d := first; ; d *= time.Duration(factor) {
		if times--; times <= 0 || d >= most {
			return min(d, most).Milliseconds()
		}
	}
}

// absentFor is how long a resource that the API did not know so many times is left alone.
func absentFor(times int) int64 { return grown(firstAbsence, longestAbsence, 4, times) }

// troubled is how long a resource is left alone that could not be read so many times in a row.
func troubled(fails int) int64 { return grown(firstTrouble, longestTrouble, 3, fails) }

// out is how long the API as a whole is left alone after so many refusals in a row.
func out(outage int) int64 { return grown(time.Second, longestOutage, 2, outage) }

// gap is how long after a call a resource may be read again: the more often it was read lately, the longer.
func gap(heat int) int64 { return grown(firstGap, longestGap, 3, heat) }

// warm notes that a resource is read.
func (r *resource) warm(now int64) {
	if r.last != 0 {
		r.heat = max(r.heat-int((now-r.last)/cooling.Milliseconds()), 0)
	}
	r.heat++
	r.last = now
}

// soonest is when reading the resource can first tell something: a claim with a date to come stands until then,
// whatever the API says (fold rule 5).
func (r *resource) soonest(now int64) int64 {
	soonest := int64(-1)
	for m := range r.open.each {
		at := now
		if r.claims.has(m) && r.newest[m]*1000 > now {
			at = (r.newest[m] + 1) * 1000
		}
		if r.asking.has(m) {
			at = now
		}
		if soonest < 0 || at < soonest {
			soonest = at
		}
	}
	return soonest
}

// again says when a resource may be read again after a call. absent: the API did not know it.
func (r *resource) again(now int64, absent bool) {
	wait, final := gap(r.heat), r.earliest()
	if r.absences++; !absent {
		r.absences = 0
	}
	switch {
	case absent && r.absences == 1:
		wait = doubtGap.Milliseconds()
	case absent: // each new claim moves the moment from which this is final
		wait, final = max(absentFor(r.absences-1), (r.latest()+1)*1000-now), 0
	case r.open != 0 && r.open == r.asking:
		wait = max(wait, final-now) // nothing in between can be news
	}
	r.free = now + wait
	if now < final && final < r.free { // from then on every answer is believed
		r.free = max(final, now+wait/4)
	}
}

// earliest is when the first of the open machines comes to where every answer is believed, Unix milliseconds; 0: none is
// open.
func (r *resource) earliest() (ms int64) {
	for m := range r.open.each {
		if at := (r.final(m) + 1) * 1000; ms == 0 || at < ms {
			ms = at
		}
	}
	return ms
}
