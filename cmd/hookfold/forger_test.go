//go:build unix

package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

const (
	genuine   = 50   // users that exist; of every fifth the forger knows the id
	forgers   = 64   // connections
	underWay  = 8    // calls at a time, for confirming: those that had begun before do not count
	windowful = 2300 // the provider's calls in 15 minutes
	share     = 0.5  // of them, for confirming: the default of --api-share
)

// madeUp are the claims that would be worth a lie, and some others, with how their ids begin.
var madeUp = []struct {
	of   events.Type
	like string
}{
	{catalogue.UserKYCRegular, "user_m_forged"},
	{catalogue.UserCategoryUpdatedToOwner, "user_m_forged"},
	{catalogue.UserAccountActivated, "user_m_forged"},
	{catalogue.IdentityVerificationValidated, "idnver_forged"},
	{catalogue.SCAEnrollmentSucceeded, "user_m_forged"},
	{catalogue.UserInflowsUnblocked, "user_m_forged"},
	{catalogue.UserOutflowsUnblocked, "user_m_forged"},
	{"KYC_SUCCEEDED", "kyc_forged"},
}

// TestAForgerOf10000ClaimsUnlocksNothing floods a server with claims about ids that nobody has and about users that exist,
// while the provider tells of its own. The provider is asked within the share of its limits that confirming has; what exists
// is confirmed before what does not; and at no record of the log did a decision that unlocks money rest on the forger's word
// and say that it is confirmed.
//
// With HOOKFOLD_FORGED=10000 it does what its name says, and waits until all users that exist are confirmed: minutes, because
// the limits take them, and a lie that is not five minutes old might be true of what the API does not show yet. Without, it sends a fifth of that and waits for five more users.
func TestAForgerOf10000ClaimsUnlocksNothing(t *testing.T) {
	t.Parallel()
	f, goal := newForgery(t), 0
	if text, whole := os.LookupEnv("HOOKFOLD_FORGED"); whole {
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		f.lies, goal = n, genuine
	}
	began := time.Now()
	f.flood(t)
	flooded, spent := time.Since(began), f.calls()
	filled := command(t, "backfill", "--since", "1h", "--admin", f.p.admin) // the provider's list vouches for those that exist
	require.Equal(t, exitDone, filled.code, filled.err)
	before, vouched, of := f.confirmed(t), f.calls(), f.ofReal()
	f.wait(t, before+5)
	vouchedFor, ofReal, after := f.confirmed(t)-before, f.ofReal()-of, f.calls()-vouched
	assert.GreaterOrEqual(t, 2*ofReal+underWay, after, "most calls are for what exists")
	f.wait(t, goal*4/5) // as many as the forger does not know
	most := time.Since(began)
	f.wait(t, goal)
	took, confirmed, calls := time.Since(began), f.confirmed(t), f.calls()
	f.within(t, began, calls)

	asked, absent := f.views(t)
	f.p.stop(t)
	f.judge(t, recordsIn(t, f.dir))
	t.Logf("%d forged claims in %v (%.0f/s), %d calls until then; %d of %d users that exist confirmed after %v (40 after %v, where it waits for all): %d by then, %d with the first "+
		"%d calls after the provider's list had vouched for them, %d of which were for users that exist; %d made-up ids were asked for, "+
		"%d are known not to exist, the others stay claimed; %d calls to confirm, and the provider counts %d of %d in 15 minutes",
		f.lies, flooded.Round(time.Second), float64(f.lies)/flooded.Seconds(), spent, confirmed, genuine, took.Round(time.Second), most.Round(time.Second), before,
		vouchedFor, after, ofReal, asked, absent, calls, f.tap.counted(), windowful)
}

// forgery is a provider, a server that asks it, and a forger.
type forgery struct {
	s   *sandboxProcess
	tap *tap
	p   *process
	dir string
	now int64

	lies int // how many claims are forged
}

// newForgery starts all of them, and has the hooks made.
func newForgery(t *testing.T) *forgery {
	t.Helper()
	f := &forgery{s: sandboxWith(t, "--behind", "0s"), dir: t.TempDir(), now: time.Now().Unix(), lies: 2_000}
	f.tap = tapTo(t, f.s.url)
	g := newGate(t)
	f.p = serveIn(t, f.dir, "--api-url", f.tap.url, "--client-id", "shop", "--api-key", "key", "--hook-url", g.url+"/hooks", "--backfill-every", "0")
	g.open(t, f.p)
	ensured := command(t, "hooks", "ensure", "--admin", f.p.admin)
	require.Equal(t, exitDone, ensured.code, ensured.err)
	return f
}

// calls are those that confirming made.
func (f *forgery) calls() (n int) {
	for _, path := range []string{"GET users", "GET identity-verifications", "GET kyc"} {
		_, calls := f.tap.about(path)
		n += calls
	}
	return n
}

// wait waits until so many users that exist are confirmed.
func (f *forgery) wait(t *testing.T, users int) {
	t.Helper()
	require.Eventually(t, func() bool { return f.confirmed(t) >= min(users, genuine) }, 10*time.Minute, 50*time.Millisecond)
}

// ofReal are those of them that were about users that exist.
func (f *forgery) ofReal() int {
	_, n := f.tap.about("GET users/user_m_real")
	return n
}

// within checks that the calls keep to the share, also at this moment: a quarter of it may be spent at once, and the rest
// evenly. What a job turns out to need beyond its plan is charged afterwards.
func (f *forgery) within(t *testing.T, began time.Time, calls int) {
	t.Helper()
	const allowed, extra = share * windowful, 16
	even := time.Since(began).Minutes() / 15 * allowed * 3 / 4
	assert.LessOrEqual(t, float64(calls), allowed/4+even+extra)
	assert.LessOrEqual(t, float64(calls), allowed)
	assert.LessOrEqual(t, f.tap.counted(), windowful)
}

// flood sends the forged claims. In their midst real users come to be.
func (f *forgery) flood(t *testing.T) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: forgers}}
	defer client.CloseIdleConnections()
	var next atomic.Int64
	var group, provider errgroup.Group
	for range forgers {
		group.Go(func() error {
			for i := int(next.Add(1)); i <= f.lies; i = int(next.Add(1)) {
				if i == f.lies/2 {
					provider.Go(func() error { f.real(t); return nil })
				}
				if err := f.forge(client, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	require.NoError(t, provider.Wait())
}

// forge sends the i-th claim. Of every 100th a user that exists is told: that it may do what it may not.
func (f *forgery) forge(client *http.Client, i int) error {
	lie := madeUp[i%len(madeUp)]
	id, date := fmt.Sprintf("%s_%d", lie.like, i), f.now-int64(i*37%7200)
	if i%100 == 0 {
		lie.of, id = madeUp[(i/100)%3].of, userID(5*(i/100%(genuine/5)))
	}
	q := url.Values{"EventType": {string(lie.of)}, "RessourceId": {id}, "Date": {strconv.FormatInt(date, 10)}}
	res, err := client.Get(f.p.ingress + "?" + q.Encode())
	if err != nil {
		return err
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("the answer is %s: %w", res.Status, err)
	}
	return nil
}

// userID is the id of a user that exists.
func userID(i int) string { return fmt.Sprintf("user_m_real_%02d", i) }

// payer tells whether a user that exists is a PAYER, who may receive nothing from an OWNER. Of whom the forger knows, all are.
func payer(i int) bool { return i%5 == 0 }

// real makes the users that exist: PAYERs, and OWNERs who are verified.
func (f *forgery) real(t *testing.T) {
	for i := range genuine {
		user := "/_sandbox/users/" + userID(i)
		f.s.play(t, http.MethodPut, user, `{"FirstName":"Jeanne","LastName":"Moreau","Email":"j@example.com"}`)
		act := `{"kyc":"REGULAR"}`
		if payer(i) {
			act = `{"category":"PAYER"}`
		}
		f.s.play(t, http.MethodPost, user, act)
	}
}

// confirmed counts the users that exist and are known by the provider's word.
func (f *forgery) confirmed(t *testing.T) (n int) {
	t.Helper()
	for _, field := range []string{"confirmed.kyc=true&kyc_level=REGULAR", "confirmed.category=true&user_category=PAYER"} {
		status, body := f.p.read(t, "/v1/users?limit=500&"+field)
		require.Equal(t, http.StatusOK, status, "%s", body)
		n += strings.Count(string(body), `"kind":"user"`)
		assert.NotContains(t, string(body), "forged")
	}
	return n
}

// views looks at what the read API says of made-up ids: all are claimed, none is confirmed, and of those that were asked for
// the history says what came of it. It returns how many these are, and how many of them are known not to exist.
func (f *forgery) views(t *testing.T) (asked, absent int) {
	t.Helper()
	for kind, field := range map[string]string{"users": "confirmed.kyc=true", "idv-sessions": "confirmed=true"} {
		status, body := f.p.read(t, "/v1/"+kind+"?limit=500&"+field)
		require.Equal(t, http.StatusOK, status, "%s", body)
		assert.NotContains(t, string(body), "forged")
	}
	for call, path := range map[string]string{"GET users/user_m_forged": "/v1/users/", "GET identity-verifications/idnver_forged": "/v1/idv-sessions/"} {
		which, _ := f.tap.about(call)
		for _, c := range which {
			id := strings.Split(c, "/")[1]
			status, body := f.p.read(t, path+id)
			require.Equal(t, http.StatusOK, status, "%s: %s", id, body)
			assert.Contains(t, string(body), `"confirmed":`)
			assert.NotRegexp(t, `"confirmed":true|"confirmed":\{[^}]*true`, string(body))
			if asked++; strings.Contains(string(body), `"why":"The API knows no such resource."`) {
				absent++
			}
		}
	}
	assert.Positive(t, absent)
	return asked, absent
}

// judge folds every resource up to each of its records and decides.
func (f *forgery) judge(t *testing.T, records []projections.Record) {
	t.Helper()
	of := map[events.Ref][]projections.Record{}
	for _, r := range records {
		of[r.Event.Ref] = append(of[r.Event.Ref], r)
	}
	invented := 0
	for ref, rs := range of {
		lie := strings.Contains(ref.ID, "forged")
		if lie {
			invented++
		}
		if ref.Kind == catalogue.KindUser {
			f.decide(t, ref, rs, lie || isPayer(ref.ID))
		}
	}
	assert.Equal(t, f.lies-f.lies/100, invented, "every forged claim is kept")
}

// decide makes every decision about a user after each record. What a claim alone allows says so.
func (f *forgery) decide(t *testing.T, ref events.Ref, rs []projections.Record, refused bool) {
	t.Helper()
	for n := range rs {
		u := projections.Fold(views.Users, ref, rs[:n+1], projections.AsOf{}).Value
		for what, d := range map[string]views.Decision{
			"receive from an OWNER": views.MayReceiveFromOwner(u), "pay out": views.MayPayOut(u), "be verified": views.MayStartVerification(u),
		} {
			if refused && d.Allowed && d.Basis == views.Confirmed {
				t.Errorf("%s may %s by what is called confirmed, after record %d of %d", ref.ID, what, n+1, len(rs))
			}
		}
	}
}

// isPayer tells whether an id is that of a PAYER that exists.
func isPayer(id string) bool {
	for i := range genuine {
		if id == userID(i) {
			return payer(i)
		}
	}
	return false
}
