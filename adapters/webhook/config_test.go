package webhook_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/webhook"
)

var everyone = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}

func TestAllProblemsOfAConfigurationAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := webhook.New(webhook.Config{
		Source: strings.Repeat("s", 129), Token: "two/" + canary, Timeout: 3 * time.Second, MaxQuery: 1,
	})
	require.ErrorIs(t, err, webhook.ErrConfig)
	for _, field := range []string{"Log", "Source", "Token", "Timeout", "MaxQuery"} {
		assert.ErrorContains(t, err, field)
	}
	assert.NotContains(t, err.Error(), canary)
}

func TestEveryFieldIsChecked(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*webhook.Config){
		"no log":             func(c *webhook.Config) { c.Log = nil },
		"source too long":    func(c *webhook.Config) { c.Source = strings.Repeat("s", 129) },
		"source not UTF-8":   func(c *webhook.Config) { c.Source = "\xff" },
		"token with a slash": func(c *webhook.Config) { c.Token = "a/b" },
		"token with a space": func(c *webhook.Config) { c.Token = "a b" },
		"token that climbs":  func(c *webhook.Config) { c.Token = ".." },
		"token that stays":   func(c *webhook.Config) { c.Token = "." },
		"token not ASCII":    func(c *webhook.Config) { c.Token = "é" },
		"an empty prefix":    func(c *webhook.Config) { c.Allow = make([]netip.Prefix, 1) },
		"a dressed prefix":   func(c *webhook.Config) { c.Allow = []netip.Prefix{netip.MustParsePrefix("::ffff:10.0.0.0/104")} },
		"an empty proxy":     func(c *webhook.Config) { c.Allow, c.TrustedProxies = everyone, make([]netip.Prefix, 1) },
		"proxies for nobody": func(c *webhook.Config) { c.TrustedProxies = everyone },
		"negative timeout":   func(c *webhook.Config) { c.Timeout = -1 },
		"timeout over S4":    func(c *webhook.Config) { c.Timeout = 2*time.Second + 1 },
		"query bound low":    func(c *webhook.Config) { c.MaxQuery = 1023 },
		"query bound high":   func(c *webhook.Config) { c.MaxQuery = 1<<20 + 1 },
	} {
		c := webhook.Config{Log: &memory{}}
		_, err := webhook.New(c)
		require.NoError(t, err)
		spoil(&c)
		_, err = webhook.New(c)
		assert.ErrorIs(t, err, webhook.ErrConfig, name)
	}
}

func TestEveryOutcomeHasANameAndAStatus(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for o := webhook.Accepted; o <= webhook.Panicked; o++ {
		names[o.String()] = true
		assert.Contains(t, []int{200, 400, 403, 404, 405, 414, 431, 503}, o.Status(), o.String())
	}
	assert.Len(t, names, int(webhook.Panicked)+1)
	assert.Equal(t, "unknown", webhook.Outcome(200).String())
	assert.Equal(t, http.StatusServiceUnavailable, webhook.Outcome(200).Status())
}
