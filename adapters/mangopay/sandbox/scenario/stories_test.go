package scenario_test

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/scenario"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

// start is when the sandboxes of the tests begin.
var start = time.Unix(1743626814, 0)

// provider is a sandbox on real HTTP, whose clock is stepped by the stories alone.
func provider(t testing.TB, production bool) string {
	t.Helper()
	s, err := sandbox.New(sandbox.Config{Timeline: timeline.New(start), Random: rand.NewChaCha8([32]byte{1}), Production: production})
	require.NoError(t, err)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server.URL
}

// receiver answers 200 to every notification and remembers their types.
type receiver struct {
	mu    sync.Mutex
	types []string
}

func (r *receiver) ServeHTTP(_ http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.types = append(r.types, q.URL.Query().Get("EventType"))
}

// config plays against a sandbox, and passes over nothing but what needs Hookfold.
func config(t testing.TB, sandbox string) scenario.Config {
	t.Helper()
	return scenario.Config{Sandbox: sandbox, ClientID: "acme", APIKey: "key", Tell: func(told scenario.Told) {
		if told.PassedOver != "" {
			assert.Equal(t, "there is no read API", told.PassedOver, told.Step.Text)
		}
	}}
}

func TestEveryStoryIsTrueOfTheSandbox(t *testing.T) {
	t.Parallel()
	for _, s := range scenario.All() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			assert.NoError(t, scenario.Play(t.Context(), s, config(t, provider(t, false))))
		})
	}
}

func TestStoriesArePlayedOneAfterTheOtherAgainAndAgain(t *testing.T) {
	t.Parallel()
	got := &receiver{}
	server := httptest.NewServer(got)
	t.Cleanup(server.Close)
	c := config(t, provider(t, true)) // in Production the names must not look made up, and SCA is never bypassed
	c.Receiver = server.URL
	for range 2 {
		for _, s := range scenario.All() {
			require.NoError(t, scenario.Play(t.Context(), s, c), s.Name)
		}
	}
	got.mu.Lock()
	defer got.mu.Unlock()
	assert.Contains(t, got.types, "IDENTITY_VERIFICATION_PENDING", "the hook that was revived is notified")
}
