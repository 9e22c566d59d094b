package confirm

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// start is when the clocks of these tests begin, Unix milliseconds.
const start = int64(1_743_600_000_000)

// claimOf is a record of a claim about a user.
func claimOf(seq int, id string, date int64) projections.Record {
	return projections.Record{Seq: projections.Seq(seq), Time: time.Unix(date, 0), Event: events.Event{
		Type: "USER_KYC_REGULAR", Ref: events.Ref{Source: "mangopay", Kind: "user", ID: id}, Date: date,
	}}
}

// small is a core of small size.
func small(c Config) *core {
	c = c.withDefaults()
	return newCore(c, newQuota(c.Share, 0))
}

func TestTheQuotaHoldsInEveryStretchWhateverTheDemand(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		share := rapid.Float64Range(0.01, 1).Draw(t, "share")
		q := newQuota(share, 8)
		now := time.UnixMilli(start)
		var at []time.Time
		for range rapid.IntRange(1, 6).Draw(t, "bursts") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "pause")))
			for range rapid.IntRange(1, 3000).Draw(t, "calls") / dearest {
				now = now.Add(q.wait(now))
				q.charge(now, dearest)
				at = append(at, now, now, now)
			}
		}
		for _, l := range limits {
			from, most := 0, 0
			for i, t := range at {
				for t.Sub(at[from]) > l.length {
					from++
				}
				most = max(most, i-from+1)
			}
			if allowed := max(int(share*float64(l.calls)), 2*dearest); most > allowed {
				t.Fatalf("%d calls in %s, and %d are allowed", most, l.length, allowed)
			}
		}
	})
}

func TestWhatTheProviderSaysIsLeftIsReservedUntilItsReset(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(start)
	w := func(made, left int, reset time.Duration) mangopay.Window {
		return mangopay.Window{Made: made, Remaining: left, Reset: now.Add(reset)}
	}
	assert.True(t, reserved(nil, 0.1, now).IsZero())
	assert.True(t, reserved([]mangopay.Window{w(90, 10, time.Hour)}, 0.1, now).IsZero(), "a tenth is left")
	assert.True(t, reserved([]mangopay.Window{w(100, 0, -time.Second)}, 0.1, now).IsZero(), "that was before the reset")
	assert.Equal(t, now.Add(time.Hour), reserved([]mangopay.Window{w(91, 9, time.Minute), w(99, 1, time.Hour)}, 0.1, now))
}

func TestTheTrustedGoFirstAndNobodyStarves(t *testing.T) {
	t.Parallel()
	var q queue
	for _, l := range []lane{doubted, fresh, trusted} {
		for i := range 100 {
			r := &resource{ref: events.Ref{ID: fmt.Sprint(l, i)}, lane: l, spot: spot{index: -1}}
			q.put(r, start)
			due, ok := q.due(start)
			require.True(t, ok)
			q.line(due)
		}
	}
	var turns [lanes]int
	for range 64 {
		r, ok := q.next()
		require.True(t, ok)
		turns[r.lane]++
	}
	assert.Equal(t, [lanes]int{48, 12, 4}, turns)
	assert.Equal(t, 236, q.lined())
}

func TestAResourceThatWaitsCanBeTakenOutOfTheQueueWhereverItStands(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		rs := make([]*resource, 8)
		for i := range rs {
			rs[i] = &resource{spot: spot{index: -1}, lane: lane(i % int(lanes))}
		}
		for _, step := range rapid.SliceOfN(rapid.IntRange(0, 31), 1, 60).Draw(t, "steps") {
			switch r := rs[step%8]; step / 8 {
			case 0:
				q.put(r, int64(step))
			case 1:
				q.take(r)
			case 2:
				if r, ok := q.due(20); ok {
					q.line(r)
				}
			default:
				q.next()
			}
		}
		for _, r := range rs {
			q.take(r)
		}
		if len(q.waiting)+q.lined() != 0 {
			t.Fatal("the queue is empty when all are taken out")
		}
	})
}

func TestAMemoryForgetsTheOldestAndKeepsWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	m := remembering[int](10)
	name := func(i int) brief { return briefly(events.Ref{ID: fmt.Sprint(i)}) }
	for i := range 1000 {
		m.put(name(i), i)
		_, kept := m.get(name(0))
		require.True(t, kept, "it is asked for again and again")
		require.LessOrEqual(t, len(m.young)+len(m.old), 20)
	}
	_, known := m.get(name(500))
	assert.False(t, known)
}

func TestACopyOfAClaimThatIsAnsweredIsNotReadAgain(t *testing.T) {
	t.Parallel()
	c := small(Config{})
	first := claimOf(1, "u", start/1000-3600)
	c.take(start, &first)
	j, ok, _ := c.next(start, 0)
	require.True(t, ok)
	got := result{calls: 1, said: []answer{{at: start / 1000, values: map[string]string{"kyc": "REGULAR"}}}}
	es, v := c.answered(start, j, got)
	require.Equal(t, Confirmed, v)
	c.done(start, j, got, es, v)
	second := first
	second.Seq = 3
	c.take(start, &second)
	_, ok, _ = c.next(start+longestGap.Milliseconds(), 0)
	assert.False(t, ok)
}

func TestAClaimThatComesWhileItsResourceIsReadIsNotTakenForAnswered(t *testing.T) {
	t.Parallel()
	c := small(Config{})
	first := claimOf(1, "u", start/1000-3600)
	c.take(start, &first)
	j, ok, _ := c.next(start, 0)
	require.True(t, ok)
	got := result{calls: 1, absent: start / 1000}
	es, v := c.answered(start, j, got)
	require.Equal(t, NotFound, v)
	second := claimOf(2, "u", start/1000)
	c.take(start, &second)
	c.done(start, j, got, es, v)
	assert.Len(t, c.resources, 1)
	_, ok, _ = c.next(start, 0)
	assert.False(t, ok)
	_, ok, _ = c.next(start+gap(1), 0)
	assert.True(t, ok, "the API may know it now")
}

func TestTwoAnswersOfOneInstantThatDifferKeepTheClaimOpen(t *testing.T) {
	t.Parallel()
	c := small(Config{})
	rec := claimOf(1, "u", start/1000-3600)
	c.take(start, &rec)
	for i, level := range []string{"REGULAR", "LIGHT"} { // of two Confirmers
		e := (&resource{ref: rec.Event.Ref}).observation(start/1000, events.Reading{Values: map[string]string{"kyc": level}})
		c.take(start, &projections.Record{Seq: projections.Seq(2 + i), Event: e})
	}
	_, ok, _ := c.next(start, 0)
	assert.True(t, ok)
}

func TestAResourceTakesTheRoomThatIsSaid(t *testing.T) {
	const n = 20_000
	var before, after runtime.MemStats
	c := small(Config{})
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range n {
		rec := claimOf(i+1, fmt.Sprintf("user_m_01HZX%020d", i), start/1000)
		c.take(start, &rec)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := (after.HeapAlloc - before.HeapAlloc) / n
	t.Logf("%d B for a resource with one claim", each)
	assert.Less(t, each, uint64(1024))
	runtime.KeepAlive(c)
}
