package backfill_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
)

// run runs a backfill that must succeed.
func run(t *testing.T, c backfill.Config, q backfill.Request) backfill.Report {
	t.Helper()
	b, err := backfill.New(c)
	require.NoError(t, err)
	r, err := b.Run(t.Context(), q)
	require.NoError(t, err)
	require.True(t, r.Done)
	return r
}

func TestWhatTheLogDoesNotHoldIsAppendedAndNoSuccessOfItsHook(t *testing.T) {
	t.Parallel()
	p, log := &provider{now: start, order: func(int) int { return 0 }}, &counted{Log: memory()}
	for i := range 4 {
		p.happens(kyc, fmt.Sprint("u", i), start.Unix()-int64(100*i)-10)
	}
	p.happens(closed, "u1", start.Unix()-50)
	held := catalogue.Notification{Type: kyc, ResourceID: "u2", Date: start.Unix() - 210}.Event("")
	held.Delivery.Origin = events.Webhook
	_, err := log.Append(t.Context(), held)
	require.NoError(t, err)
	log.offered = nil

	r := run(t, config(p, log), backfill.Request{})
	assert.Equal(t, []string{
		fmt.Sprint("USER_KYC_REGULAR u3 ", start.Unix()-310), fmt.Sprint("USER_KYC_REGULAR u1 ", start.Unix()-110), fmt.Sprint("USER_KYC_REGULAR u0 ", start.Unix()-10),
	}, names(log.offered), "from old to new, and the log is not offered what it holds")
	assert.Equal(t, 4, r.Seen)
	assert.Equal(t, 3, r.Appended)
	assert.Equal(t, 1, r.Calls)
	for _, e := range log.offered {
		assert.Equal(t, events.Backfill, e.Delivery.Origin)
		assert.Equal(t, events.Ref{Source: "mangopay", Kind: "user", ID: e.Ref.ID}, e.Ref)
	}
}

func TestWhatIsListedIsKnownToExistAlsoWhereTheLogHoldsItAlready(t *testing.T) {
	t.Parallel()
	p, log := &provider{now: start}, &counted{Log: memory()}
	p.happens(kyc, "held", start.Unix()-20)
	p.happens(kyc, "new", start.Unix()-10)
	_, err := log.Append(t.Context(), catalogue.Notification{Type: kyc, ResourceID: "held", Date: start.Unix() - 20}.Event(""))
	require.NoError(t, err)
	c := config(p, log)
	var listed []string
	c.Listed = func(refs ...events.Ref) {
		for _, r := range refs {
			listed = append(listed, r.Source+" "+r.Kind+" "+r.ID)
		}
	}
	run(t, c, backfill.Request{})
	assert.ElementsMatch(t, []string{"mangopay user held", "mangopay user new"}, listed)
}

func TestAnEventThatArrivesWhileTheListIsReadIsNotAppendedTwice(t *testing.T) {
	t.Parallel()
	p, log := &provider{now: start}, &counted{Log: memory()}
	p.happens(kyc, "u", start.Unix()-1)
	p.before = func(int) {
		_, err := log.Log.Append(t.Context(), catalogue.Notification{Type: kyc, ResourceID: "u", Date: start.Unix() - 1}.Event(""))
		assert.NoError(t, err)
	}
	r := run(t, config(p, log), backfill.Request{})
	assert.Equal(t, 0, r.Appended)
	assert.Empty(t, log.offered)
}

func TestACopyThatSpokeOfTheFutureDoesNotCount(t *testing.T) {
	t.Parallel()
	stored := start.Add(-90 * time.Minute)
	p, log := &provider{now: start}, projections.NewMemoryLog("log", func() time.Time { return stored }, 0)
	forged := catalogue.Notification{Type: kyc, ResourceID: "u", Date: start.Unix() - 10}.Event("")
	_, err := log.Append(t.Context(), forged)
	require.NoError(t, err)
	p.happens(kyc, "u", forged.Date)
	r := run(t, config(p, &counted{Log: log}), backfill.Request{})
	assert.Equal(t, 1, r.Appended, "read models refuse what was claimed more than an hour too early (fold rule 3)")
}

func TestTheLogIsReadFromWhereItMatters(t *testing.T) {
	t.Parallel()
	now := start.Add(-100 * time.Hour)
	p, log := &provider{now: start}, projections.NewMemoryLog("log", func() time.Time { return now }, 0)
	for i := range 10 {
		_, err := log.Append(t.Context(), catalogue.Notification{Type: closed, ResourceID: fmt.Sprint("u", i), Date: now.Unix()}.Event(""))
		require.NoError(t, err)
	}
	place, err := log.Head(t.Context())
	require.NoError(t, err)
	now = start
	held := catalogue.Notification{Type: kyc, ResourceID: "u", Date: start.Unix() - 10}.Event("")
	_, err = log.Append(t.Context(), held)
	require.NoError(t, err)
	p.happens(kyc, "u", held.Date)
	c := config(p, log)
	var since time.Time
	c.From = func(_ context.Context, at time.Time) (projections.Position, error) { since = at; return place, nil }
	assert.Equal(t, 0, run(t, c, backfill.Request{Since: start.Add(-time.Hour)}).Appended)
	assert.Equal(t, start.Add(-2*time.Hour-15*time.Minute-time.Second).Unix(), since.Unix(), "the margin, and how early an event may be stored")
}

func TestAWindowOfManyPagesIsSplitUntilEachPartIsOne(t *testing.T) {
	t.Parallel()
	p, log := &provider{now: start}, memory()
	for i := range 1234 {
		p.happens(kyc, fmt.Sprint("u", i), start.Unix()-int64(i*i%400000)-10)
	}
	r := run(t, config(p, log), backfill.Request{})
	assert.Equal(t, 1234, r.Seen)
	assert.Equal(t, 1234, r.Appended)
	assert.Len(t, stored(t.Context(), log), 1234)
	for _, q := range p.asked {
		assert.Equal(t, 1, q.Page, "no second page is asked for, so no row can slip to a page that was read")
		assert.Equal(t, 100, q.PerPage)
	}
	assert.Less(t, r.Calls, 100)
}

func TestOneSecondOfManyPagesIsReadUntilEveryRowIsFound(t *testing.T) {
	t.Parallel()
	p, log := &provider{now: start}, memory()
	for i := range 450 {
		p.happens(kyc, fmt.Sprint("u", i), start.Unix()-1000)
	}
	shuffle := uint64(1)
	p.order = func(n int) int {
		shuffle = shuffle*6364136223846793005 + 1442695040888963407
		return int(shuffle >> 33)
	}
	r := run(t, config(p, log), backfill.Request{})
	assert.Equal(t, 450, r.Appended, "each reading has another order")
}

func TestRowsThatAreListedTwiceEndTheReadingByBeingCalm(t *testing.T) {
	t.Parallel()
	p, log := &provider{now: start}, memory()
	for i := range 300 {
		p.happens(kyc, fmt.Sprint("u", i%200), start.Unix()-1000)
	}
	assert.Equal(t, 200, run(t, config(p, log), backfill.Request{}).Appended)
}

func TestAListThatDoesNotTellItsPagesOrKeepItsBoundsIsReadAll(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*provider{
		"no pages told":  {now: start, headless: true},
		"bounds ignored": {now: start, bounds: func(int64) bool { return true }},
		"both":           {now: start, headless: true, bounds: func(int64) bool { return true }},
	} {
		log := memory()
		for i := range 345 {
			p.happens(kyc, fmt.Sprint("u", i), start.Unix()-int64(i*100)-10)
		}
		p.happens(kyc, "old", start.Unix()-100*86400)
		r := run(t, config(p, log), backfill.Request{})
		assert.Equal(t, 345, r.Appended, name)
	}
}

func TestRowsThatAreNoEventsAreCounted(t *testing.T) {
	t.Parallel()
	p, log := &provider{now: start}, memory()
	p.happens(kyc, "", start.Unix()-1)
	p.happens(kyc, string(make([]byte, 129)), start.Unix()-2)
	p.happens(kyc, "\xff", start.Unix()-3)
	p.happens(kyc, "good", start.Unix()-4)
	r := run(t, config(p, log), backfill.Request{})
	assert.Equal(t, 3, r.Types[0].Unreadable)
	assert.Equal(t, 1, r.Appended)
}

func TestTheNextRunGoesOnFromTheMarkWithItsMargin(t *testing.T) {
	t.Parallel()
	p, log, marks := &provider{now: start, late: 20}, memory(), &backfill.MemoryMarks{}
	c := config(p, log)
	c.Marks = marks
	p.happens(kyc, "listed later", start.Unix()-5)
	assert.Equal(t, 0, run(t, c, backfill.Request{}).Appended)
	m, err := marks.Load(t.Context(), kyc)
	require.NoError(t, err)
	assert.Equal(t, backfill.Mark{Since: m.Since, UpTo: start.Unix() + 1 - 900, Goal: 0}, m)

	p.now, p.asked = start.Add(time.Hour), nil
	assert.Equal(t, 1, run(t, c, backfill.Request{}).Appended, "what is listed late is overlapped")
	require.Len(t, p.asked, 1)
	assert.Equal(t, m.UpTo-1, p.asked[0].After)
}

func TestAClockThatIsAheadDoesNotPassTheProviders(t *testing.T) {
	t.Parallel()
	p, log, marks := &provider{now: start}, memory(), &backfill.MemoryMarks{}
	c := config(p, log)
	c.Marks, c.Now = marks, func() time.Time { return start.Add(40 * time.Minute) }
	run(t, c, backfill.Request{})
	m, err := marks.Load(t.Context(), kyc)
	require.NoError(t, err)
	assert.Equal(t, start.Unix()+1-900, m.UpTo, "nothing is said of a time that the provider had not reached")
}

func TestAClockThatIsBehindMissesNothingThatIsListed(t *testing.T) {
	t.Parallel()
	p, log := &provider{now: start.Add(10 * time.Minute)}, memory()
	for i := range 300 {
		p.happens(kyc, fmt.Sprint("u", i), start.Unix()-int64(i*1000)-1)
	}
	p.happens(kyc, "ahead", start.Add(9*time.Minute).Unix())
	c := config(p, log)
	c.Now = func() time.Time { return start }
	r := run(t, c, backfill.Request{})
	assert.Equal(t, [2]int{301, 301}, [2]int{r.Appended, r.Seen})
}

// A stand-in's clock may be days ahead, and a server's hours behind.
func TestAProviderWhoseClockIsFarAheadIsReadByItsOwnClock(t *testing.T) {
	t.Parallel()
	p, log := &provider{now: start.Add(3 * 24 * time.Hour)}, &counted{Log: memory()}
	p.happens(kyc, "u", start.Unix())
	p.happens(kyc, "v", p.Now().Unix()-3600)
	c := config(p, log)
	c.Now, c.Marks = func() time.Time { return start }, &backfill.MemoryMarks{}
	b, err := backfill.New(c)
	require.NoError(t, err)
	again := func(q backfill.Request) int {
		r, err := b.Run(t.Context(), q)
		require.NoError(t, err)
		return r.Appended
	}
	assert.Equal(t, 2, again(backfill.Request{}))
	assert.Equal(t, 0, again(backfill.Request{Since: start}), "a copy of a future that read models refuse is not replaced before it can be taken")
	p.wait(24 * time.Hour)
	p.happens(kyc, "w", p.Now().Unix()-3600)
	assert.Equal(t, 1, again(backfill.Request{}), "the clock ran on")
}

func TestWhatLiesBeyondTheReachIsReportedAndNotAskedFor(t *testing.T) {
	t.Parallel()
	p, log := &provider{now: start}, memory()
	since := start.Add(-60 * 24 * time.Hour)
	r := run(t, config(p, log), backfill.Request{Since: since})
	for _, q := range p.asked {
		assert.Greater(t, q.After, start.Add(-backfill.Reach).Unix())
	}
	var beyond *backfill.BeyondError
	require.ErrorAs(t, r.Beyond(), &beyond)
	assert.Equal(t, since.Unix(), beyond.From)
	assert.ErrorContains(t, r.Beyond(), "from 2026-09-21T12:00:00Z to 2026-10-06T12:09:59Z")
	assert.ErrorContains(t, r.Beyond(), "reconcile")
	assert.NoError(t, run(t, config(p, log), backfill.Request{}).Beyond())
	assert.NoError(t, run(t, config(p, log), backfill.Request{Since: start.Add(-44 * 24 * time.Hour)}).Beyond())
}

func TestADemandThatBeginsAfterTheMarkLeavesNoGapBehind(t *testing.T) {
	t.Parallel()
	p, log, marks := &provider{now: start}, memory(), &backfill.MemoryMarks{}
	c := config(p, log)
	c.Marks = marks
	run(t, c, backfill.Request{})
	p.now = start.Add(240 * time.Hour)
	p.happens(kyc, "between", start.Add(100*time.Hour).Unix())
	assert.Equal(t, 1, run(t, c, backfill.Request{Since: start.Add(239 * time.Hour)}).Appended)
}

var errBroken = errors.New("broken")

func TestAnInterruptedRunGoesOnFromWhereItWas(t *testing.T) {
	t.Parallel()
	p, log, marks := &provider{now: start}, memory(), &backfill.MemoryMarks{}
	for i := range 2000 {
		p.happens(kyc, fmt.Sprint("u", i), start.Unix()-int64(i)*1000-1)
	}
	c := config(p, log)
	c.Marks = marks
	demand := backfill.Request{Since: start.Add(-30 * 24 * time.Hour)}
	p.fails = func(call int) error {
		if call == 20 {
			return errBroken
		}
		return nil
	}
	b, err := backfill.New(c)
	require.NoError(t, err)
	first, err := b.Run(t.Context(), demand)
	require.ErrorIs(t, err, errBroken)
	assert.False(t, first.Done)
	assert.Positive(t, first.Appended)
	assert.ErrorContains(t, err, "USER_KYC_REGULAR is in up to 2026-")

	p.now = p.now.Add(time.Minute)
	demand.Since = demand.Since.Add(time.Minute) // as a demand for the last 30 days that is made a minute later
	second := run(t, c, demand)
	assert.Equal(t, 2000, first.Appended+second.Appended)
	assert.Less(t, second.Seen, 2000-first.Appended+10, "what is in is not read again")
}

func TestNothingIsMarkedBeforeItIsDurable(t *testing.T) {
	t.Parallel()
	p, log, marks := &provider{now: start}, &counted{Log: memory(), fails: projections.ErrAway}, &backfill.MemoryMarks{}
	p.happens(kyc, "u", start.Unix()-100)
	c := config(p, log)
	c.Marks = marks
	attempts := 0
	c.Retry = func(_ context.Context, err error, attempt int) bool {
		attempts = attempt
		assert.ErrorIs(t, err, projections.ErrAway)
		return attempt < 3
	}
	b, err := backfill.New(c)
	require.NoError(t, err)
	_, err = b.Run(t.Context(), backfill.Request{})
	require.ErrorIs(t, err, projections.ErrAway)
	assert.Equal(t, 3, attempts)
	m, err := marks.Load(t.Context(), kyc)
	require.NoError(t, err)
	assert.Zero(t, m)
}

func TestThePaceIsAskedBeforeEveryRequest(t *testing.T) {
	t.Parallel()
	p, log := &provider{now: start}, memory()
	asked := 0
	c := config(p, log)
	c.Types = []events.Type{kyc, closed, kyc}
	c.Pace = func(context.Context) error { asked++; return nil }
	r := run(t, c, backfill.Request{})
	assert.Len(t, r.Types, 2, "a type that is named twice is read once")
	assert.Equal(t, p.calls, asked)

	c.Pace = func(context.Context) error { return errBroken }
	b, err := backfill.New(c)
	require.NoError(t, err)
	_, err = b.Run(t.Context(), backfill.Request{})
	assert.ErrorIs(t, err, errBroken)
}

func TestProgressTellsHowFarARunHasCome(t *testing.T) {
	t.Parallel()
	p, log := &provider{now: start}, memory()
	for i := range 500 {
		p.happens(kyc, fmt.Sprint("u", i), start.Unix()-int64(i*5000)-1)
	}
	var said []backfill.Progress
	c := config(p, log)
	c.Types = []events.Type{kyc, closed}
	c.Progress = func(p backfill.Progress) { said = append(said, p) }
	run(t, c, backfill.Request{})
	last := said[len(said)-1]
	assert.InDelta(t, 1, last.Share, 1e-9)
	assert.Equal(t, 2, last.Done)
	assert.Equal(t, 500, last.Appended)
	assert.Zero(t, last.Remaining)
	for i := range said[1:] {
		assert.GreaterOrEqual(t, said[i+1].Share, said[i].Share)
		assert.GreaterOrEqual(t, said[i+1].Calls, said[i].Calls)
		assert.GreaterOrEqual(t, said[i+1].Appended, said[i].Appended)
	}
}

func TestARunTellsWhoAskedForItAndWhatIsInItsWay(t *testing.T) {
	t.Parallel()
	p, log := &provider{now: start}, memory()
	p.fails = func(call int) error {
		if call == 0 {
			return errBroken
		}
		return nil
	}
	c := config(p, log)
	c.Retry = func(context.Context, error, int) bool { return true }
	var problems []string
	run(t, c, backfill.Request{Progress: func(p backfill.Progress) { problems = append(problems, p.Problem) }})
	assert.Equal(t, []string{"", "broken", "", ""}, problems)
}

func TestEveryTypeMayHaveATimeOfItsOwn(t *testing.T) {
	t.Parallel()
	p, log := &provider{now: start}, memory()
	c := config(p, log)
	c.Types = []events.Type{kyc, closed, catalogue.UserKYCLight}
	since := start.Add(-time.Hour)
	r := run(t, c, backfill.Request{Since: since, SinceOf: map[events.Type]time.Time{closed: since.Add(-time.Hour), catalogue.UserKYCLight: {}}})
	margin := int64(900)
	assert.Equal(t, [2]int64{since.Unix() - margin, since.Unix() - 3600 - margin}, [2]int64{r.Types[0].From, r.Types[1].From})
	assert.Less(t, r.Types[2].From, start.Add(-44*24*time.Hour).Unix(), "as far back as is listed")
}

func TestPatienceWaitsForWhatPasses(t *testing.T) {
	t.Parallel()
	var waits []time.Duration
	retry := backfill.Patience(func(_ context.Context, d time.Duration) error { waits = append(waits, d); return nil })
	for attempt := 1; attempt <= 12; attempt++ {
		assert.Equal(t, attempt < 10, retry(t.Context(), fmt.Errorf("x: %w", mangopay.ErrUnavailable), attempt))
	}
	assert.Equal(t, []time.Duration{1e9, 2e9, 4e9, 8e9, 16e9, 32e9, 60e9, 60e9, 60e9}, waits)
	assert.True(t, retry(t.Context(), mangopay.ErrRateLimit, 1000), "a quota comes back")
	assert.False(t, retry(t.Context(), mangopay.ErrCredentials, 1))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	assert.False(t, backfill.Patience(nil)(gone, mangopay.ErrRateLimit, 1))
}

func TestAConfigurationNamesAllItsProblems(t *testing.T) {
	t.Parallel()
	_, err := backfill.New(backfill.Config{Margin: -1, Types: []events.Type{"hookfold.tick"}})
	require.ErrorIs(t, err, backfill.ErrConfig)
	for _, problem := range []string{"API", "Log", "Margin", "Types"} {
		assert.ErrorContains(t, err, problem)
	}
	b, err := backfill.New(config(&provider{now: start}, memory()))
	require.NoError(t, err)
	_, err = b.Run(t.Context(), backfill.Request{Types: []events.Type{""}})
	assert.ErrorIs(t, err, backfill.ErrConfig)
}

func TestTypesAreThoseThatMoveAMachine(t *testing.T) {
	t.Parallel()
	types := catalogue.Moving()
	assert.Contains(t, types, kyc)
	assert.NotContains(t, types, catalogue.IdentityVerificationTimeout, "another name of EXPIRED, which the provider does not list")
	assert.NotContains(t, types, events.Type("PAYIN_NORMAL_SUCCEEDED"))
	assert.Len(t, types, 23)
}

func TestMarksOfAStoreOutliveTheProcess(t *testing.T) {
	t.Parallel()
	store := projections.NewMemoryStore()
	marks := backfill.StoreMarks{Store: store, Source: "mangopay"}
	m, err := marks.Load(t.Context(), kyc)
	require.NoError(t, err)
	assert.Zero(t, m)
	for i := range int64(3) {
		want := backfill.Mark{Since: start.Unix(), UpTo: start.Unix() + i, Goal: start.Unix() + 2 - i}
		require.NoError(t, marks.Save(t.Context(), kyc, want))
		got, err := backfill.StoreMarks{Store: store}.Load(t.Context(), kyc)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, other := range []backfill.StoreMarks{{Store: store, Source: "other"}} {
		m, err := other.Load(t.Context(), kyc)
		require.NoError(t, err)
		assert.Zero(t, m)
	}
	m, err = marks.Load(t.Context(), closed)
	require.NoError(t, err)
	assert.Zero(t, m)
}
