package confirm

import (
	"errors"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/events"
)

// job is one resource to read.
type job struct {
	ref   events.Ref
	calls []read
	of    *resource
}

// result is what a job's calls gave.
type result struct {
	said   []answer
	nobody bool  // what was claimed cannot be an id, so that nothing was asked
	absent int64 // when the API said that it does not know the resource, by its clock in Unix seconds; 0: it did not
	calls  int   // how many calls it took
	err    error // the last of the calls that failed
}

// answer is what one call said of the machines that it reads.
type answer struct {
	at         int64 // when the request started, by the provider's clock in Unix seconds (fold rule 13)
	values     map[string]string
	attributes map[string]string
}

// next gives the next job that may begin now, but none before hold. When there is none, wake says when to ask again at the
// latest; 0: not before something happens.
func (c *core) next(now, hold int64) (j job, ok bool, wake int64) {
	c.promote(now)
	if until := max(c.pause, hold); until > now {
		return job{}, false, until
	}
	for c.queue.lined() > 0 {
		if wait := c.quota.wait(time.UnixMilli(now)); wait > 0 {
			c.counts.Throttled++
			return job{}, false, now + wait.Milliseconds() + 1
		}
		r, _ := c.queue.next()
		if j, ok := c.begin(now, r); ok {
			return j, true, now
		}
		c.enqueue(now, r)
	}
	wake, _ = c.queue.wake()
	return job{}, false, wake
}

// promote gives every resource whose time has come its place in a lane, and lets go of those that are done with.
func (c *core) promote(now int64) {
	for {
		r, ok := c.queue.due(now)
		switch {
		case !ok:
			return
		case r.open != 0:
			c.queue.line(r)
		case r.trim(now-c.lag) || r.expires(c.lag) > now:
			c.queue.put(r, max(r.expires(c.lag), now+1))
		default:
			delete(c.resources, r.ref)
		}
	}
}

// begin makes a job of a resource, unless there is nothing to read: another answer may have come meanwhile.
func (c *core) begin(now int64, r *resource) (job, bool) {
	r.judge()
	j := job{ref: r.ref, of: r, calls: r.calls(now)}
	if len(j.calls) == 0 {
		return job{}, false
	}
	r.flight = true
	r.warm(now)
	c.charge(now, len(j.calls))
	return j, true
}

// calls are those that can tell something of what is open.
func (r *resource) calls(now int64) (out []read) {
	for g := range reads {
		for m := range (g.tells() & r.open).each {
			if r.asking.has(m) || r.newest[m]*1000 <= now {
				out = append(out, g)
				break
			}
		}
	}
	return out
}

// charge takes calls off the quota.
func (c *core) charge(now int64, calls int) {
	c.quota.charge(time.UnixMilli(now), calls)
	c.counts.Calls += uint64(calls)
}

// answered judges what a job gave: the events to append, and the verdict. The job is over when done or failed is called.
func (c *core) answered(now int64, j job, got result) ([]events.Event, Verdict) {
	c.charge(now, max(got.calls-len(j.calls), 0))
	c.health(now, got)
	c.compareClocks(now, got)
	var a appraisal
	switch {
	case got.nobody:
		a.verdict = NotFound
	case got.absent != 0:
		a = j.of.appraiseAbsence(got.absent)
	default:
		a = j.of.appraise(j.calls, got)
	}
	j.of.pace(now, a.verdict, got.err)
	if a.verdict == NotFound || a.verdict == NotYetFound {
		j.of.lane = doubted // it is in no lane while the job runs
	}
	c.counts.Verdicts[a.verdict]++
	return a.events, a.verdict
}

// mostLag bounds what is believed of the provider's clock: an answer's Date may be a cache's.
const mostLag = time.Hour

// compareClocks learns how far the provider's clock is behind. A record that is old by our clock may still weigh by its own.
func (c *core) compareClocks(now int64, got result) {
	for _, said := range got.said {
		c.lag = min(max(now-said.at*1000, 0), mostLag.Milliseconds())
	}
}

// pace says when the resource may be read again.
func (r *resource) pace(now int64, v Verdict, err error) {
	switch {
	case v != Unconfirmable:
		r.fails = 0
		r.again(now, v == NotYetFound)
	case wholly(err): // not the resource's fault
		r.free = now + troubled(1)
	default:
		r.fails++
		r.free = now + troubled(r.fails)
	}
}

// health slows everything down while the API as a whole refuses, and as long as it says.
func (c *core) health(now int64, got result) {
	if !wholly(got.err) {
		if len(got.said) > 0 || got.absent != 0 {
			c.outage = 0
		}
		return
	}
	c.outage++
	wait := out(c.outage)
	var e *mangopay.Error
	if errors.As(got.err, &e) {
		wait = max(wait, min(e.Retry, time.Hour).Milliseconds())
	}
	c.pause = max(c.pause, now+wait)
}

// wholly tells the errors that the next resource would meet as well.
func wholly(err error) bool {
	for _, all := range []error{mangopay.ErrRateLimit, mangopay.ErrUnavailable, mangopay.ErrCredentials, mangopay.ErrLockout} {
		if errors.Is(err, all) {
			return true
		}
	}
	return false
}

// done ends a job of which everything that is to be appended is in the log: not before does it settle anything.
func (c *core) done(now int64, j job, got result, appended []events.Event, v Verdict) {
	r := j.of
	r.flight = false
	for _, said := range got.said {
		r.settle(tells(r.ref.Kind, said.values), said.at)
	}
	c.counts.Appended += uint64(len(appended))
	for _, e := range appended {
		r.answer(e, false, place{})
	}
	if v == NotFound && (len(appended) == 0 || appended[0].Date >= r.latest()) { // nothing newer was claimed meanwhile
		c.drop(r)
		return
	}
	r.rejudge(now)
	c.enqueue(now, r)
}

// failed ends a job whose events could not be appended: it is read again.
func (c *core) failed(now int64, j job) {
	j.of.flight = false
	c.outage++
	c.pause = max(c.pause, now+out(c.outage))
	j.of.rejudge(now)
	c.enqueue(now, j.of)
}
