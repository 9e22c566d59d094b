package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// s4 is the query of the example in S4, verbatim.
const s4 = "EventType=USER_ACCOUNT_ACTIVATED&RessourceId=user_m_01JQVHDG0S0TJP5KFX029211BF&Date=1743627006"

// noon is the time on every clock of these tests.
var noon = time.Unix(1743660000, 123e6)

// memory is a log that keeps everything.
type memory struct {
	mu   sync.Mutex
	kept []events.Event
}

func (m *memory) Append(ctx context.Context, es ...events.Event) (projections.Seq, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.kept = append(m.kept, es...)
	return projections.Seq(len(m.kept)), nil
}

// all returns what was kept.
func (m *memory) all() []events.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]events.Event(nil), m.kept...)
}

// appendFunc is a log that does one thing.
type appendFunc func(ctx context.Context, es ...events.Event) (projections.Seq, error)

func (f appendFunc) Append(ctx context.Context, es ...events.Event) (projections.Seq, error) {
	return f(ctx, es...)
}

var errBroken = errors.New("broken on purpose")

func broken(context.Context, ...events.Event) (projections.Seq, error) { return 0, errBroken }

// handler makes a Handler whose clock stands still.
func handler(t *testing.T, c webhook.Config) *webhook.Handler {
	t.Helper()
	c.Now = func() time.Time { return noon }
	h, err := webhook.New(c)
	require.NoError(t, err)
	return h
}

// send makes one request without a network. The target may be one that no parser of URLs would accept.
func send(h http.Handler, method, path, query string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	r.URL = &url.URL{Path: path, RawQuery: query}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
