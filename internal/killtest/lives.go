package killtest

import (
	"fmt"
	"math/rand/v2"

	"github.com/hookfold/hookfold/events"
)

// Lives are notifications about so many users and as many sessions, no two alike: the same ones in every process.
func Lives(n, resources int) []events.Event {
	rng := rand.New(rand.NewPCG(7, 11))
	user := []events.Type{"USER_KYC_LIGHT", "USER_KYC_REGULAR", "USER_ACCOUNT_ACTIVATED", "USER_CATEGORY_UPDATED_TO_OWNER"}
	session := []events.Type{"IDENTITY_VERIFICATION_PENDING", "IDENTITY_VERIFICATION_VALIDATED", "IDENTITY_VERIFICATION_REFUSED"}
	said, out := map[events.ID]bool{}, make([]events.Event, 0, n)
	for i := 0; len(out) < n; i++ {
		kind, types := "user", user
		if rng.IntN(3) == 0 {
			kind, types = "idv_session", session
		}
		e := events.Event{
			Type:     types[rng.IntN(len(types))],
			Ref:      events.Ref{Source: "mangopay", Kind: kind, ID: fmt.Sprint(kind, rng.IntN(resources))},
			Date:     1_700_000_000 + int64(i) - rng.Int64N(200),
			Delivery: events.Delivery{Origin: events.Import},
		}
		if id := e.ID(); !said[id] {
			said[id] = true
			out = append(out, e)
		}
	}
	return out
}
