package confirm_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/confirm"
	"github.com/hookfold/hookfold/projections"
)

// seeds is how many providers are simulated.
func seeds(t *testing.T) uint64 {
	t.Helper()
	said := os.Getenv("HOOKFOLD_PROVIDERS")
	if said == "" {
		return 60
	}
	n, err := strconv.ParseUint(said, 10, 32)
	require.NoError(t, err, "HOOKFOLD_PROVIDERS is a number of providers")
	return n
}

// TestLaw3b_EveryProviderConvergesWhateverGoesWrong runs seeded providers in virtual time with drops, backfills, repetitions,
// disorder, stale answers, refusals, forgeries, panics of the client, a log that is away, restarts of the Confirmer and rivals
// of it. CI lives through a few; HOOKFOLD_PROVIDERS says how many else.
func TestLaw3b_EveryProviderConvergesWhateverGoesWrong(t *testing.T) { //nolint:tparallel // the figures are read when all have ended
	t.Parallel()
	var calls, claims atomic.Int64
	n := seeds(t)
	t.Run("providers", func(t *testing.T) {
		for seed := range n {
			t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := converge(t, seed)
					calls.Add(int64(s.provider.spent()))
					claims.Add(int64(len(s.plan)))
				})
			})
		}
	})
	t.Logf("%d providers, %d claims, %d calls", n, claims.Load(), calls.Load())
}

// converge lives through one story and checks how it ends.
func converge(t *testing.T, seed uint64) *story {
	f := faults{
		stale: 0.5, lag: 280 * time.Second, limited: 0.05, broken: 0.1, sca: 0.02, panics: 0.02, latency: 2 * time.Second,
	}
	if seed%4 == 0 {
		at := time.Now().Unix() + 3600
		f.outage = [2]int64{at, at + 7200}
	}
	w := newWorld(t, newProvider(seed, f))
	if seed%2 == 0 {
		w.restarts = []time.Duration{100 * time.Minute, 5*time.Hour + 2*time.Second}
	}
	if seed%5 == 1 {
		w.rivals, w.config.Share = 1, 0.25
	}
	w.away = float64(seed%3) * 0.1
	s := newStory(w, seed)
	w.run(48 * time.Hour)
	for name := range s.told {
		s.check(t, name)
	}
	n := w.latest.Counts()
	if w.rivals > 0 {
		n = confirm.Counts{} // whose figures are the last ones?
	}
	assert.Zero(t, n.Open, "nothing stays open: %+v", n)
	assert.Zero(t, n.Held, "nothing is held for ever: %+v", n)
	assert.Zero(t, n.Behind, "the mark follows")
	for window, allowed := range allowances(0.5) {
		assert.LessOrEqual(t, w.provider.most(window), allowed, "calls in %s", window)
	}
	return s
}

// allowances is what a share of the provider's limits comes to.
func allowances(share float64) map[time.Duration]int {
	of := func(n float64) int { return int(share * n) }
	return map[time.Duration]int{
		15 * time.Minute: of(2300), 30 * time.Minute: of(4500), time.Hour: of(8800), 24 * time.Hour: of(105600),
	}
}

// check compares what a read model says of one machine with what the provider holds.
func (s *story) check(t *testing.T, name string) {
	part := strings.SplitN(name, "/", 3)
	kind, id, machine := part[0], part[1], part[2]
	if kind == "kyc_document" {
		return
	}
	value, backed := s.shown(t, kind, id, machine)
	o := s.provider.objects[kind+"/"+id]
	if o == nil {
		assert.False(t, backed, "%s: nothing backs what does not exist", name)
		return
	}
	want := o.at(machine, time.Now().Unix())
	if machine == "sca" && want == "" {
		want = "false"
	}
	if want != value || !backed {
		t.Errorf("%s is %q (backed %t), and the provider says %q\n%s", name, value, backed, want, s.trace(kind, id))
	}
}

// shown is what a read model publishes of a machine, and whether it is backed.
func (s *story) shown(t *testing.T, kind, id, machine string) (string, bool) {
	if kind == "idv_session" {
		v, err := s.session(id)
		if err != nil {
			require.ErrorIs(t, err, projections.ErrUnknown)
		}
		return v.Published(), v.Status.Backed
	}
	u, err := s.user(id)
	if err != nil {
		require.ErrorIs(t, err, projections.ErrUnknown)
	}
	k := u.Known()
	switch machine {
	case "status":
		return k.Status, u.Status.Backed
	case "category":
		return k.Category, u.Category.Backed
	case "kyc":
		return k.KYCLevel, u.KYC.Backed
	case "sca":
		return k.Enrolled, u.SCA.Backed
	case "inflows":
		return k.Inflows, u.Inflows.Backed
	default:
		return k.Outflows, u.Outflows.Backed
	}
}

// trace tells everything that the log holds of a resource, and what the provider held.
func (s *story) trace(kind, id string) string {
	var b strings.Builder
	cursor, err := s.log.Open(s.t.Context(), projections.Position{})
	if err != nil {
		return err.Error()
	}
	recs, err := cursor.Next(s.t.Context())
	if err != nil {
		return err.Error()
	}
	for _, r := range recs {
		if r.Event.Ref.Kind == kind && r.Event.Ref.ID == id {
			fmt.Fprintf(&b, "%5d %s %d %s %s %s\n", r.Seq, r.Time.UTC().Format("02 15:04:05"), r.Event.Date, r.Event.Type, r.Event.Delivery.Origin, r.Event.Data)
		}
	}
	for name, cs := range s.provider.objects[kind+"/"+id].values {
		fmt.Fprintln(&b, "truth", name, cs)
	}
	fmt.Fprintf(&b, "%+v\n", s.latest.Counts())
	return b.String()
}
