package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestS3_SmokeOfAWholeStory(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	v := h.begin(id)
	a := h.click(v["HostedUrl"].(string), "VALIDATED")
	assert.Equal(t, http.StatusSeeOther, a.status)
	h.advance(time.Minute)
	assert.Equal(t, "VALIDATED", h.session(v["Id"])["Status"])
	assert.Equal(t, "REGULAR", h.user(id)["KYCLevel"])
	assert.Equal(t, []string{"USER_ACCOUNT_VALIDATION_ASKED", "SCA_ENROLLMENT_SUCCEEDED", "USER_ACCOUNT_ACTIVATED", "USER_KYC_REGULAR"}, h.events(id))
}
