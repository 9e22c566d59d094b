package webhook_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hookfold/hookfold/adapters/webhook"
)

func TestS4_OnlyTheListedAddressesAreHeard(t *testing.T) {
	t.Parallel()
	allow := []netip.Prefix{netip.MustParsePrefix("192.0.2.180/31"), netip.MustParsePrefix("2001:db8::/32")}
	allow = append(allow, netip.MustParsePrefix("10.0.0.9/32")) // a proxy that may also send on its own account
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for name, c := range map[string]struct {
		peer      string
		forwarded []string
		status    int
	}{
		"a listed peer":                     {"192.0.2.181:4711", nil, 200},
		"a listed peer in IPv6 dress":       {"[::ffff:192.0.2.180]:4711", nil, 200},
		"a listed IPv6 peer":                {"[2001:db8::1]:4711", nil, 200},
		"a stranger":                        {"192.0.2.182:4711", nil, 403},
		"a stranger who claims otherwise":   {"192.0.2.182:4711", []string{"192.0.2.181"}, 403},
		"a peer without an address":         {"@", nil, 403},
		"through our proxy":                 {"10.0.0.1:4711", []string{"192.0.2.181"}, 200},
		"through two proxies":               {"10.0.0.1:4711", []string{"192.0.2.181, 10.0.0.2"}, 200},
		"through two header lines":          {"10.0.0.1:4711", []string{"192.0.2.181", "10.0.0.2"}, 200},
		"with another's words before":       {"10.0.0.1:4711", []string{"203.0.113.9, 192.0.2.181, 10.0.0.2"}, 200},
		"with brackets":                     {"10.0.0.1:4711", []string{"[2001:db8::1]"}, 200},
		"with brackets left open":           {"10.0.0.1:4711", []string{"2001:db8::1]"}, 403},
		"with brackets around nothing":      {"10.0.0.1:4711", []string{"[192.0.2.181]"}, 403},
		"with a port":                       {"10.0.0.1:4711", []string{"192.0.2.181:80"}, 200},
		"a stranger through our proxy":      {"10.0.0.1:4711", []string{"192.0.2.182"}, 403},
		"a stranger's words on the left":    {"10.0.0.1:4711", []string{"192.0.2.181, 192.0.2.182"}, 403},
		"a stranger's words on a line":      {"10.0.0.1:4711", []string{"192.0.2.181", "192.0.2.182, 10.0.0.2"}, 403},
		"a stranger between the proxies":    {"10.0.0.1:4711", []string{"192.0.2.181, 192.0.2.182, 10.0.0.2"}, 403},
		"rubbish through our proxy":         {"10.0.0.1:4711", []string{"192.0.2.181, unknown"}, 403},
		"an empty word through our proxy":   {"10.0.0.1:4711", []string{"192.0.2.181,"}, 403},
		"our proxy by itself":               {"10.0.0.1:4711", nil, 403},
		"a listed proxy by itself":          {"10.0.0.9:4711", nil, 200},
		"a stranger through a listed one":   {"10.0.0.9:4711", []string{"192.0.2.182"}, 403},
		"a listed peer with a stray header": {"192.0.2.181:4711", []string{"203.0.113.9"}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := &memory{}
			h := handler(t, webhook.Config{Log: log, Allow: allow, TrustedProxies: proxies})
			r := httptest.NewRequest(http.MethodGet, "/hooks?"+s4, nil)
			r.RemoteAddr, r.Header["X-Forwarded-For"] = c.peer, c.forwarded
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			assert.Equal(t, c.status, w.Code)
			assert.Equal(t, c.status == 200, len(log.all()) == 1)
		})
	}
}
