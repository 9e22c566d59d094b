package sandbox_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

func TestNewReportsEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	_, err := sandbox.New(sandbox.Config{
		Clients: map[string]string{"acme": ""}, URL: "localhost", TokenLife: -1, Speed: -1, Limits: []sandbox.Limit{{}},
	})
	require.ErrorIs(t, err, sandbox.ErrConfig)
	for _, part := range []string{"Timeline", "Clients", "URL", "TokenLife", "Speed", "limit"} {
		assert.ErrorContains(t, err, part)
	}
	_, err = sandbox.New(sandbox.Config{Timeline: timeline.New(start), Sender: sender.Config{Connections: -1}})
	require.ErrorIs(t, err, sender.ErrConfig)
}

func TestLinksBeginWithTheConfiguredURL(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *sandbox.Config) { c.URL = "https://sandbox.example/" })
	u := h.post("/sca/users/natural", natural())
	assert.Regexp(t, `^https://sandbox\.example/sca\?token=sca_[0-9a-f]{40}$`, redirect(t, u))
	assert.Regexp(t, `^https://sandbox\.example/idv/[0-9a-f]{40}\?redirectURL=`, h.begin(u["Id"])["HostedUrl"])
}

func TestAVerdictCanComeAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *sandbox.Config) { c.Verdict = -1 })
	v := h.begin(h.enrolled())
	h.click(v["HostedUrl"].(string), "VALIDATED")
	h.advance(0)
	assert.Equal(t, "VALIDATED", h.session(v["Id"])["Status"])
}

func TestTheSenderIsTheSandboxes(t *testing.T) {
	t.Parallel()
	line := timeline.New(start)
	s, err := sandbox.New(sandbox.Config{Timeline: line})
	require.NoError(t, err)
	hook, err := s.Sender().Create(sender.NewHook{EventType: activeEvent, URL: "https://platform.example"})
	require.NoError(t, err)
	assert.Equal(t, start.Unix(), hook.Created)
	line.Advance(time.Second)
	s.Close()
}
