package sandbox_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox"
)

func TestS4_AnAnswerThatTakesLongerThanTwoSecondsIsAFailure(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	var asked, hung atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			begun := time.Now()
			<-r.Context().Done() // the provider gives up
			hung.Store(int64(time.Since(begun)))
		}
	}))
	t.Cleanup(server.Close)
	h.post("/hooks", obj{"EventType": "USER_INFLOWS_BLOCKED", "Url": server.URL})
	h.block(h.company("BUSINESS"), 1)
	h.advance(10 * time.Minute)
	assert.Equal(t, int64(2), asked.Load(), "what was not answered in time is tried again")
	assert.Greater(t, time.Duration(hung.Load()), 1900*time.Millisecond, "the receiver had 2 seconds, less the way")
}

func TestS4_AfterOneSuccessTheRetriesOfOthersContinue(t *testing.T) {
	t.Parallel()
	h, m := open(t, nil), newMoody(t)
	h.post("/hooks", obj{"EventType": "USER_INFLOWS_BLOCKED", "Url": m.URL})
	user := h.company("BUSINESS")
	m.status.Store(500)
	h.block(user, 2)
	h.advance(5 * time.Minute)
	assert.Equal(t, int64(1), m.count.Load(), "the first one failed")
	m.status.Store(200)
	h.block(user, 2)
	h.advance(time.Minute)
	assert.Equal(t, int64(2), m.count.Load(), "a new one succeeds")
	h.advance(4 * time.Minute)
	assert.Equal(t, int64(3), m.count.Load(), "the first one is tried again all the same")
	h.advance(4 * 24 * time.Hour)
	assert.Equal(t, int64(3), m.count.Load(), "and succeeds")
}

func TestS4_AReceiverWithASelfSignedCertificateIsRejected(t *testing.T) {
	t.Parallel()
	for _, taken := range []bool{false, true} {
		h := open(t, func(c *sandbox.Config) { c.Sender.SelfSigned = taken })
		var asked atomic.Int64
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes fail
		server.StartTLS()
		t.Cleanup(server.Close)
		h.post("/hooks", obj{"EventType": "USER_INFLOWS_BLOCKED", "Url": server.URL})
		h.block(h.company("BUSINESS"), 1)
		h.advance(0)
		assert.Equal(t, map[bool]int64{false: 0, true: 1}[taken], asked.Load())
		assert.Len(t, h.tool(http.MethodGet, "/attempts", nil).list, 1, "it was tried")
	}
}
