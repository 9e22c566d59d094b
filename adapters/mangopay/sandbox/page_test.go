package sandbox_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPagesCanBeReadByEverybody(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	done := h.begin(h.enrolled())
	h.click(done["HostedUrl"].(string), "VALIDATED")
	review := h.come(h.company("BUSINESS"), obj{"outcome": "REVIEW"})
	for name, address := range map[string]string{
		"natural": h.begin(h.enrolled())["HostedUrl"].(string), "legal": h.begin(h.company("SOLETRADER"))["HostedUrl"].(string),
		"done": done["HostedUrl"].(string), "review": review["HostedUrl"].(string), "unknown": h.at + "/idv/unknown", "home": h.at + "/",
		"enrolment": redirect(t, h.post("/sca/users/natural", natural())),
	} {
		p := h.page(address)
		text := string(p.raw)
		assert.Contains(t, text, `<html lang="en">`, name)
		assert.Contains(t, text, `name="viewport" content="width=device-width, initial-scale=1"`, name)
		assert.Contains(t, text, "color-scheme: light dark", name)
		assert.Equal(t, 1, strings.Count(text, "<h1>"), name)
		assert.Equal(t, strings.Count(text, "<input"), strings.Count(text, "<label>"), name+": every field has a label")
		for _, label := range regexp.MustCompile(`<button[^>]*>(.*?)</button>`).FindAllStringSubmatch(text, -1) {
			assert.NotEmpty(t, regexp.MustCompile(`<[^>]*>`).ReplaceAllString(label[1], ""), name)
		}
		assert.NotContains(t, text, "<script", name)
		assert.Contains(t, p.header.Get("Content-Security-Policy"), "default-src 'none'")
		assert.Equal(t, "no-referrer", p.header.Get("Referrer-Policy"))
	}
}

func TestPagesShowWhatUsersWereCalledAsText(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.post("/users/natural", natural("FirstName", `<script>"'`))["Id"]
	text := string(h.page(h.begin(id)["HostedUrl"].(string)).raw)
	assert.NotContains(t, text, "<script")
	assert.Contains(t, text, "&lt;script&gt;&#34;&#39;")
}

func TestThePageShowsABirthDateAsOne(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	v := h.begin(id)
	text := string(h.page(v["HostedUrl"].(string)).raw)
	assert.Contains(t, text, `name="BIRTHDATE" type="date" value="1975-12-20"`)
	h.click(v["HostedUrl"].(string), "VALIDATED", "BIRTHDATE", "1975-12-20", "FIRST_NAME", "Jeanne")
	h.advance(time.Minute)
	assert.Equal(t, 188301600.0, h.user(id)["Birthday"], "what is not changed on it stays as it is")
}

func TestOnlyTheButtonsOfAPageCanBeChosen(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for _, bad := range []string{"", "REVIEW", "REVIEW:BUSINESS_VERIFICATION:DOCUMENT_NOT_ACCEPTED", "OUT_OF_DATE", "REFUSED:IDV_AGE_CHECK:FACE_MATCH_FAIL"} {
		v := h.begin(h.enrolled())
		target := strings.TrimPrefix(v["HostedUrl"].(string), h.at)
		a := h.send(http.MethodPost, target, []byte("choice="+bad), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
		assert.Equal(t, http.StatusBadRequest, a.status, bad)
		h.advance(time.Minute)
		assert.Equal(t, "PENDING", h.session(v["Id"])["Status"], bad)
	}
}

func TestWhoeverDecidesFirstHasDecided(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	v := h.begin(h.enrolled())
	h.click(v["HostedUrl"].(string), "VALIDATED")
	h.outcome(v["Id"], obj{"outcome": "REFUSED"})
	h.advance(time.Minute)
	require.Equal(t, "REFUSED", h.session(v["Id"])["Status"])
	assert.Len(t, h.events(v["Id"]), 2)
}
