package sdk

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
	"github.com/hookfold/hookfold/events"
)

// apiKey is that of the client "sdk-unit-tests", with which the SDKs' own tests log in; both are written in each of them.
const apiKey = "cqFfFrWfCcb7UadHNxx2C9Lo6Djw8ZduLi7J9USTmu8bhxxpju"

// accounts are the two that the SDKs' own tests know.
func accounts() map[string]string {
	return map[string]string{"sdk-unit-tests": apiKey, "sdk_example": "Vfp9eMKSzGkxivCwt15wE082pTTKsx90vBenc9hjLsf5K46ciF"}
}

// hooksOfTheirs are those that the provider's test account has had for long, of different seconds: the SDKs' tests expect it.
var hooksOfTheirs = []events.Type{
	"PAYIN_NORMAL_CREATED", "USER_KYC_REGULAR", "USER_INFLOWS_BLOCKED", "USER_INFLOWS_UNBLOCKED", "USER_OUTFLOWS_BLOCKED", "USER_OUTFLOWS_UNBLOCKED",
}

// provider is a sandbox on real HTTP that remembers which requests were for what it leaves out.
type provider struct {
	url   string
	mu    sync.Mutex
	asked []asked
	calls int
}

// start runs a sandbox until the test ends, its clock beside the wall clock.
func start(t *testing.T) *provider {
	t.Helper()
	line := timeline.New(time.Now().Add(-time.Second * time.Duration(len(hooksOfTheirs)))) // with these made it tells the SDKs' own time
	box, err := sandbox.New(sandbox.Config{Timeline: line, Clients: accounts()})
	require.NoError(t, err)
	t.Cleanup(box.Sender().Close)
	for _, kind := range hooksOfTheirs {
		_, err := box.Sender().Create(sender.NewHook{EventType: kind, URL: "http://127.0.0.1:9/hooks"})
		require.NoError(t, err)
		line.Advance(time.Second)
	}
	go line.Run(t.Context(), 1)
	p := &provider{}
	server := httptest.NewServer(p.remembering(box))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// distance is how long the provider takes to answer at least. Some tests of the SDKs look before the answer is there, and
// pass only with a provider that is away.
const distance = 20 * time.Millisecond

// remembering passes requests on to a sandbox that is away.
func (p *provider) remembering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client is gone
		}
		p.remember(leftOut(r.URL.Path, body))
		select {
		case <-time.After(distance):
		case <-r.Context().Done():
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// remember counts a request and keeps what it asked for in vain.
func (p *provider) remember(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	if what != "" {
		p.asked = append(p.asked, asked{time.Now(), what})
	}
}
