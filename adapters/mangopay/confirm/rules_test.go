package confirm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/confirm"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// since is a value that holds since ever.
func since(values map[string]string) *object {
	o := &object{person: "NATURAL", values: map[string][]change{}}
	for name, v := range values {
		o.values[name] = []change{{0, v}}
	}
	return o
}

// scene plays a few claims before a provider, in virtual time.
func scene(t *testing.T, f faults, play func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { play(newWorld(t, newProvider(1, f))) })
}

// now claims that something happened so long ago.
func (w *world) now(typ events.Type, id string, ago time.Duration) {
	w.claim(0, typ, id, time.Now().Add(-ago).Unix(), events.Webhook)
}

// observed lists the observations of the log: kind/id, and what they hold.
func (w *world) observed() (out []string) {
	cursor, err := w.log.Open(context.Background(), projections.Position{})
	require.NoError(w.t, err)
	recs, err := cursor.Next(context.Background())
	require.NoError(w.t, err)
	for _, r := range recs {
		if r.Event.Type == events.Observed {
			out = append(out, r.Event.Ref.Kind+"/"+r.Event.Ref.ID+" "+string(r.Event.Data))
		}
	}
	return out
}

// verdicts tells how often each verdict was given.
func (w *world) verdicts() string {
	var out []string
	for v, n := range w.latest.Counts().Verdicts {
		if n > 0 {
			out = append(out, fmt.Sprintf("%s %d", confirm.Verdict(v), n))
		}
	}
	return strings.Join(out, ", ")
}

func TestAClaimIsConfirmedByTheOneCallThatKnowsIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ   events.Type
		id    string
		paths []string
		said  string
	}{
		{
			"USER_KYC_REGULAR", "u", []string{"users/u"},
			`user/u {"attributes":{"person_type":"NATURAL"},"values":{"category":"OWNER","kyc":"REGULAR","status":"ACTIVE"}}`,
		},
		{"SCA_ENROLLMENT_SUCCEEDED", "u", []string{"sca-status/u"}, `user/u {"values":{"sca":"true"}}`},
		{"USER_OUTFLOWS_BLOCKED", "u", []string{"regulatory/u"}, `user/u {"values":{"inflows":"UNBLOCKED","outflows":"BLOCKED"}}`},
		{
			"IDENTITY_VERIFICATION_PENDING", "s", []string{"sessions/s", "users/u"},
			`idv_session/s {"attributes":{"checks":"IDENTITY_DOCUMENT_VERIFICATION=REFUSED:EXPIRED+FRAUD","created":"1743600000","person_type":"NATURAL","user_id":"u"},"values":{"session":"PENDING"}}`,
		},
	} {
		t.Run(string(c.typ), func(t *testing.T) {
			t.Parallel()
			scene(t, faults{}, func(w *world) {
				w.provider.objects["user/u"] = since(map[string]string{
					"status": "ACTIVE", "category": "OWNER", "kyc": "REGULAR", "sca": "true", "outflows": "BLOCKED",
				})
				s := since(map[string]string{"session": "PENDING"})
				s.user, s.created = "u", time.Now().Unix()
				w.provider.objects["idv_session/s"] = s
				w.now(c.typ, c.id, 0)
				w.run(time.Hour)
				assert.Equal(t, c.paths, w.provider.paths)
				want := strings.Replace(c.said, "1743600000", fmt.Sprint(s.created), 1)
				assert.Equal(t, []string{want}, w.observed())
				assert.Equal(t, "confirmed 1", w.verdicts())
			})
		})
	}
}

func TestASessionIsFoundByItsUserAndThePersonTypeIsReadOnce(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		w.provider.objects["user/u"] = since(nil)
		for i := range 3 {
			o := since(map[string]string{"session": "PENDING"})
			o.user = "u"
			w.provider.objects[fmt.Sprintf("idv_session/s%d", i)] = o
			w.claim(time.Duration(i)*time.Minute, "IDENTITY_VERIFICATION_PENDING", fmt.Sprintf("s%d", i), time.Now().Unix()+int64(i)*60, events.Webhook)
		}
		w.run(time.Hour)
		assert.Equal(t, []string{"sessions/s0", "users/u", "sessions/s1", "sessions/s2"}, w.provider.paths)
		found := 0
		for v, err := range projections.Read(w.store, views.Sessions, "mangopay").By(context.Background(), "user", "u") {
			require.NoError(t, err)
			assert.Equal(t, "NATURAL", v.Value.PersonType)
			found++
		}
		assert.Equal(t, 3, found)
	})
}

func TestAUserWhoNeverBeganToEnrolIsNotEnrolledAndNotMissing(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		w.provider.objects["user/u"] = since(map[string]string{"status": "ACTIVE"})
		w.now("SCA_ENROLLMENT_SUCCEEDED", "u", time.Hour) // forged
		w.now("SCA_ENROLLMENT_SUCCEEDED", "nobody", time.Hour)
		w.run(2 * time.Hour)
		assert.ElementsMatch(t, []string{`user/u {"values":{"sca":"false"}}`, `user/nobody {"missing":true}`}, w.observed())
		assert.Equal(t, "superseded 1, not_found 1", w.verdicts())
		u, err := w.user("nobody")
		require.NoError(t, err)
		assert.False(t, u.SCA.Backed)
	})
}

func TestRule14_AStaleAnswerIsReadAgainUntilItIsTrue(t *testing.T) {
	t.Parallel()
	scene(t, faults{stale: 1, lag: 0}, func(w *world) {
		now := time.Now().Unix()
		// The API goes on saying LIGHT for four minutes.
		w.provider.objects["user/u"] = &object{values: map[string][]change{"kyc": {{0, "LIGHT"}, {now + 240, "REGULAR"}}}}
		w.now("USER_KYC_REGULAR", "u", 0)
		w.run(time.Hour)
		assert.Equal(t, []string{`user/u {"values":{"kyc":"REGULAR"}}`}, w.observed(), "what is not visible yet is not appended")
		assert.Equal(t, "confirmed 1, not_yet_visible 5", w.verdicts())
	})
}

func TestRule14_AForgedClaimIsOverruledWhenItsWindowIsOver(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		w.provider.objects["user/u"] = since(map[string]string{"category": "PAYER"})
		w.now("USER_CATEGORY_UPDATED_TO_OWNER", "u", 0)
		w.run(time.Hour)
		u, err := w.user("u")
		require.NoError(t, err)
		assert.Equal(t, "PAYER", u.Known().Category)
		assert.True(t, u.Category.Backed)
		assert.Equal(t, "superseded 1, not_yet_visible 5", w.verdicts())
	})
}

func TestRule3_AClaimOfTheFutureIsConfirmedWhenItsTimeHasComeAndNotReadForEver(t *testing.T) {
	t.Parallel()
	for ahead, verdicts := range map[time.Duration]string{
		50 * time.Minute: "superseded 1, not_yet_visible 5", // stands until then, whatever the API says
		3 * time.Hour:    "confirmed 2",                     // is refused, and read for its own sake: now and a window later
	} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			scene(t, faults{}, func(w *world) {
				w.provider.objects["user/u"] = since(map[string]string{"status": "ACTIVE"})
				w.now("USER_ACCOUNT_VALIDATION_ASKED", "u", -ahead)
				w.run(24 * time.Hour)
				assert.Equal(t, []string{`user/u {"attributes":{"person_type":"NATURAL"},"values":{"status":"ACTIVE"}}`}, w.observed())
				assert.Equal(t, verdicts, w.verdicts())
				u, err := w.user("u")
				require.NoError(t, err)
				assert.True(t, u.Status.Backed)
			})
		})
	}
}

func TestWhatTheAPIDoesNotKnowIsAskedForEverMoreSeldom(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		for i := range 24 * 60 { // a forger names one user every minute of a day
			after := time.Duration(i) * time.Minute
			w.claim(after, "USER_KYC_REGULAR", "made-up", time.Now().Add(after).Unix(), events.Webhook)
		}
		w.run(72 * time.Hour)
		assert.Less(t, w.provider.spent(), 12)
		assert.Zero(t, w.latest.Counts().Held)
		w.t.Logf("%d claims of one made-up user in a day: %d calls (%s)", len(w.plan), w.provider.spent(), w.verdicts())
	})
}

func TestAForgedClaimThatIsRepeatedIsNotReadEachTime(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		for i := range 144 { // every ten minutes of a day, each answered for good at once
			after := time.Duration(i) * 10 * time.Minute
			w.claim(after, "USER_KYC_REGULAR", "made-up", time.Now().Add(after-time.Hour).Unix(), events.Webhook)
		}
		w.run(72 * time.Hour)
		assert.Less(t, w.provider.spent(), 8)
		assert.Zero(t, w.latest.Counts().Held)
	})
}

func TestWhatWasMissingIsReadAtOnceWhenATrustedSourceNamesIt(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		o := since(map[string]string{"kyc": "REGULAR"})
		o.created = time.Now().Add(time.Minute).Unix()
		w.provider.objects["user/u"] = o
		w.now("USER_KYC_REGULAR", "u", time.Hour)
		w.claim(2*time.Minute, "USER_KYC_REGULAR", "u", time.Now().Unix(), events.Backfill)
		w.run(3 * time.Minute)
		assert.Equal(t, []string{`user/u {"missing":true}`, `user/u {"attributes":{"person_type":"NATURAL"},"values":{"kyc":"REGULAR"}}`}, w.observed())
	})
}

func TestAfterAnOutageOfADayEverythingIsConfirmedWithinMinutes(t *testing.T) {
	t.Parallel()
	begin := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix() // of a bubble
	scene(t, faults{outage: [2]int64{begin, begin + 24*3600}}, func(w *world) {
		for i := range 20 {
			id := fmt.Sprintf("u%d", i)
			w.provider.objects["user/"+id] = since(map[string]string{"kyc": "REGULAR"})
			w.now("USER_KYC_REGULAR", id, 0)
		}
		w.run(24*time.Hour + 10*time.Minute)
		assert.Len(t, w.observed(), 20)
		assert.Less(t, w.provider.spent(), 24*60, "and it is left alone meanwhile")
	})
}

func TestAResourceThatCameToBeIsFoundAfterAll(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		o := since(map[string]string{"session": "PENDING"})
		o.created = time.Now().Unix() + 15 // until then the API does not know it
		w.provider.objects["idv_session/s"] = o
		w.now("IDENTITY_VERIFICATION_PENDING", "s", 0)
		w.run(time.Hour)
		assert.Equal(t, "confirmed 1, not_yet_found 1", w.verdicts())
		assert.Len(t, w.observed(), 1, "no 404 of a new resource is appended")
	})
}

func TestADocumentLeadsToTheLevelOfItsUser(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		now := time.Now().Unix()
		w.provider.objects["user/u"] = &object{values: map[string][]change{"kyc": {{0, "LIGHT"}, {now + 60, "REGULAR"}}}}
		w.provider.objects["kyc_document/d"] = &object{user: "u", values: map[string][]change{"document": {{0, "VALIDATED"}}}}
		w.now("KYC_SUCCEEDED", "d", 0)
		w.now("KYC_SUCCEEDED", "made-up", time.Hour)
		w.run(time.Hour)
		assert.ElementsMatch(t, []string{
			`kyc_document/d {"attributes":{"document_type":"IDENTITY_PROOF","user_id":"u"},"values":{"document":"VALIDATED"}}`,
			`kyc_document/made-up {"missing":true}`,
			`user/u {"values":{"kyc":"LIGHT"}}`,
			`user/u {"values":{"kyc":"REGULAR"}}`,
		}, w.observed(), "the level is read at once, and again when no answer can be stale")
		assert.Zero(t, w.latest.Counts().Held)
	})
}

func TestLaw7_AValueThatNobodyKnowsIsKeptVerbatim(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		w.provider.objects["idv_session/s"] = since(map[string]string{"session": "SUSPENDED"})
		w.now("IDENTITY_VERIFICATION_PENDING", "s", time.Hour)
		w.run(time.Hour)
		s, err := w.session("s")
		require.NoError(t, err)
		assert.Equal(t, "SUSPENDED", s.Published())
		assert.True(t, s.Status.Backed)
	})
}

func TestNothingIsAppendedOfWhatSaysNothing(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]faults{
		"429": {limited: 1}, "503": {broken: 1}, "an SCA 401": {sca: 1}, "a bug of the client": {panics: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene(t, f, func(w *world) {
				w.provider.objects["user/u"] = since(map[string]string{"kyc": "REGULAR"})
				w.now("USER_KYC_REGULAR", "u", 0)
				w.run(24 * time.Hour)
				assert.Empty(t, w.observed())
				n := w.latest.Counts()
				assert.Equal(t, 1, n.Open, "it is still tried")
				assert.Equal(t, 24*time.Hour, n.Oldest.Round(time.Minute))
				assert.Less(t, w.provider.spent(), 400)
				assert.Contains(t, w.verdicts(), "unconfirmable")
			})
		})
	}
}

func TestAnAnswerThatLacksWhatWasAskedForConfirmsNothing(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		w.provider.objects["user/u"] = since(map[string]string{"kyc": "REGULAR"}) // and no UserStatus
		w.now("USER_ACCOUNT_CLOSED", "u", time.Hour)
		w.run(24 * time.Hour)
		assert.Empty(t, w.observed())
		assert.Less(t, w.provider.spent(), 20)
	})
}

func TestClaimsOfOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		w.config.Source = "mangopay-sandbox"
		w.now("USER_KYC_REGULAR", "u", 0)
		w.now("PAYIN_NORMAL_SUCCEEDED", "p", 0)
		w.run(time.Hour)
		assert.Zero(t, w.provider.spent())
		assert.Zero(t, w.latest.Counts().Claims)
	})
}

func TestManyClaimsOfOneResourceAreReadTogether(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		w.provider.objects["user/u"] = since(map[string]string{"status": "ACTIVE", "category": "OWNER", "kyc": "REGULAR"})
		for _, typ := range []events.Type{"USER_ACCOUNT_ACTIVATED", "USER_CATEGORY_UPDATED_TO_OWNER", "USER_KYC_REGULAR"} {
			for i := range 300 { // of all more than are held of one resource
				w.now(typ, "u", time.Duration(i)*time.Second)
			}
		}
		w.run(3 * time.Hour)
		assert.Less(t, w.provider.spent(), 12)
		u, err := w.user("u")
		require.NoError(t, err)
		assert.Equal(t, "REGULAR", u.Known().KYCLevel)
		assert.Zero(t, w.latest.Counts().Held)
	})
}

func TestWhatOthersNeedOfTheRateLimitsIsLeftToThem(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		w.provider.faults.reserved = windows(229, 2071, time.Now().Add(10*time.Minute))
		w.provider.objects["user/u"] = since(map[string]string{"kyc": "REGULAR"})
		w.now("USER_KYC_REGULAR", "u", 0)
		w.run(time.Hour)
		require.Len(t, w.provider.calls, 1)
		assert.GreaterOrEqual(t, time.Since(w.provider.calls[0]), 45*time.Minute)
		assert.LessOrEqual(t, time.Since(w.provider.calls[0]), 51*time.Minute)
	})
}

func TestRule13_AnObservationHoldsNothingThatIsNotAskedOrBelieved(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		w.provider.objects["user/u"] = since(map[string]string{"status": "ACTIVE", "category": "PAYER", "kyc": "REGULAR"})
		w.now("USER_KYC_REGULAR", "u", 0)
		w.now("USER_CATEGORY_UPDATED_TO_OWNER", "u", 0)
		w.run(time.Hour)
		var first events.Reading
		require.NoError(t, json.Unmarshal([]byte(strings.TrimPrefix(w.observed()[0], "user/u ")), &first))
		assert.Equal(t, map[string]string{"status": "ACTIVE", "kyc": "REGULAR"}, first.Values, "the category contradicts a new claim")
		u, err := w.user("u")
		require.NoError(t, err)
		assert.Equal(t, "PAYER", u.Known().Category)
		assert.True(t, u.Category.Backed)
	})
}

func TestWhatCannotBeAnIDIsNobodys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		said []string
	}{
		"nothing is sent": {mangopay.ErrID, nil},
		"the API says so": {mangopay.ErrParam, []string{`user/../clients {"missing":true}`}},
	} {
		for _, typ := range []events.Type{"USER_KYC_REGULAR", "SCA_ENROLLMENT_SUCCEEDED", "USER_INFLOWS_BLOCKED"} {
			t.Run(name+"/"+string(typ), func(t *testing.T) {
				t.Parallel()
				scene(t, faults{always: c.err, typ: "param_error"}, func(w *world) {
					w.now(typ, "../clients", time.Hour)
					w.run(time.Hour)
					assert.Equal(t, c.said, w.observed())
					assert.Equal(t, "not_found 1", w.verdicts())
					assert.Zero(t, w.latest.Counts().Held)
				})
			})
		}
	}
}

func TestARefusalOfAnotherKindIsNoAbsence(t *testing.T) {
	t.Parallel()
	scene(t, faults{always: mangopay.ErrParam, typ: "somebody_in_between"}, func(w *world) {
		w.now("USER_KYC_REGULAR", "u", time.Hour)
		w.run(24 * time.Hour)
		assert.Empty(t, w.observed())
		assert.Equal(t, 1, w.latest.Counts().Open)
		assert.Less(t, w.provider.spent(), 12)
	})
}

func TestABugInWhatIsToldDoesNotEndTheProcess(t *testing.T) {
	t.Parallel()
	scene(t, faults{}, func(w *world) {
		w.config.Observe = func(r confirm.Result) {
			if r.Verdict == confirm.Confirmed {
				w.config.Observe = nil
				panic("a bug")
			}
		}
		w.provider.objects["user/u"] = since(map[string]string{"kyc": "REGULAR"})
		w.now("USER_KYC_REGULAR", "u", 0)
		w.run(time.Hour)
		assert.Len(t, w.observed(), 1)
		assert.Zero(t, w.latest.Counts().Open)
	})
}

var (
	_ confirm.API = (*mangopay.Client)(nil)
	_ confirm.API = (*provider)(nil)
)
