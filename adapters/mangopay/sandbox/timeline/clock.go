package timeline

import "time"

// clock is where the time stands, or from where and how fast it runs.
type clock struct {
	stands time.Time
	wall   time.Time // when it stood there; zero while it stands still
	speed  float64   // of the wall clock, once it runs
}

func (c *clock) now() time.Time {
	if c.wall.IsZero() {
		return c.stands
	}
	return c.stands.Add(time.Duration(float64(time.Since(c.wall)) * c.speed))
}

// stop lets the clock stand where it is.
func (c *clock) stop() { c.stands, c.wall = c.now(), time.Time{} }

// start lets a clock that stands run on.
func (c *clock) start() {
	if c.speed > 0 {
		c.wall = time.Now()
	}
}

// rebase keeps a running clock's distance from where it stood small, so that it cannot overflow at any speed. It is not done
// at each look: what every look rounds off would add up.
func (c *clock) rebase() {
	if !c.wall.IsZero() && time.Since(c.wall) > time.Minute {
		c.stop()
		c.start()
	}
}

// until is how long the wall clock takes to bring the time to at, 0 if that has passed. A clock that stands still never gets
// there.
func (c *clock) until(at time.Time) (wait time.Duration, ever bool) {
	left := at.Sub(c.now())
	if left <= 0 {
		return 0, true
	}
	if c.wall.IsZero() {
		return 0, false
	}
	// At least a microsecond, so that rounding cannot make Run turn on the spot; at most an hour, so that a rebase happens.
	return min(max(time.Duration(float64(left)/c.speed), time.Microsecond), time.Hour), true
}
