package sdk

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
)

// left are the parts of the provider's API that the sandbox leaves out, by the path behind the client's id. What a test
// asks of them says why it fails.
var left = []struct {
	path *regexp.Regexp
	what string
}{
	{regexp.MustCompile(`(?i)^/v3\.0/`), "intents and settlements"},
	{regexp.MustCompile(`(?i)/(cardregistrations|cards|preauthorizations|deposit-preauthorizations|payment-methods|recurringpayinregistrations)\b`), "cards"},
	{regexp.MustCompile(`(?i)/payins\b`), "pay-ins"},
	{regexp.MustCompile(`(?i)/payouts\b`), "pay-outs"},
	{regexp.MustCompile(`(?i)/(bankaccounts|bankingaliases|virtual-accounts|recipients)\b`), "bank accounts"},
	{regexp.MustCompile(`(?i)/(mandates|disputes|dispute-documents|repudiations|reports|reporting|clients|conversions|acquiring)\b`), "other services"},
	{regexp.MustCompile(`(?i)/ubodeclarations\b`), "UBO declarations"},
	{regexp.MustCompile(`(?i)/countries/`), "authorizations of countries"},
	{regexp.MustCompile(`(?i)/transfers/[^/]+/refunds$`), "refunds"},
}

// theirs are objects of the account with which the provider tests its SDKs; their identifiers are written in the tests.
var theirs = regexp.MustCompile(`user_m_01(JKZW095BFB2TRQMCZ8GE7M8D|JRFJJN9BR864A4KG7MH1WCZG|JRG5WE99JYRCEBHZ8EKBRE8Y|JRG4ZWZ85RNZDKKTSFRMG6ZW)|idnver_01KZXBHDH1DWC887PW6T46NVTV`)

// leftOut names what a request asks for that the sandbox has not got; "" when it has all.
func leftOut(path string, body []byte) string {
	for _, l := range left {
		if l.path.MatchString(path) {
			return l.what
		}
	}
	if theirs.MatchString(path) || theirs.Match(body) {
		return "an object of the provider's own test account"
	}
	return ""
}

func TestWhatTheSandboxLeavesOutIsKnownByItsPath(t *testing.T) {
	t.Parallel()
	for path, what := range map[string]string{
		"/v2.01/client/cardregistrations":                                      "cards",
		"/v2.01/client/payins/card/direct/":                                    "pay-ins",
		"/V3.0/client/payins/intents":                                          "intents and settlements",
		"/v2.01/client/users/user_m_1/bankaccounts/iban":                       "bank accounts",
		"/v2.01/client/users/user_m_1/kyc/ubodeclarations":                     "UBO declarations",
		"/v2.01/client/transfers/xfer_1/refunds":                               "refunds",
		"/v2.01/countries/FR/authorizations":                                   "authorizations of countries",
		"/v2.01/client/sca/users/user_m_01JKZW095BFB2TRQMCZ8GE7M8D/sca-status": "an object of the provider's own test account",
		"/v2.01/client/users/user_m_1/KYC/documents":                           "",
		"/v2.01/client/users/natural":                                          "",
		"/v2.01/client/hooks":                                                  "",
		"/v2.01/client/transfers":                                              "",
		"/v2.01/oauth/token":                                                   "",
	} {
		assert.Equal(t, what, leftOut(path, nil), path)
	}
	assert.NotEmpty(t, leftOut("/v2.01/client/wallets", []byte(`{"Owners":["user_m_01JRFJJN9BR864A4KG7MH1WCZG"]}`)))
	assert.Empty(t, leftOut("/v2.01/client/wallets", []byte(`{"Owners":["user_m_01JRFJJN9BR864A4KG7MH1WCZX"]}`)))
}
