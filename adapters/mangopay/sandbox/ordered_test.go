package sandbox_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// ids are the identifiers of rows.
func ids(rows []obj) (out []any) {
	for _, row := range rows {
		out = append(out, row["Id"])
	}
	return out
}

func TestWalletsAndTransactionsAreListedAsSortAsks(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	user := h.post("/users/natural", natural())["Id"].(string)
	from := h.wallet(user, 1000)
	h.advance(time.Second)
	to := h.wallet(user, 0)
	first := h.transfer(user, from, to, 100)["Id"]
	h.advance(time.Second)
	second := h.transfer(user, from, to, 200)["Id"]
	for path, want := range map[string][]any{
		"/users/" + user + "/wallets": {from, to}, "/users/" + user + "/transactions": {first, second}, "/wallets/" + to + "/transactions": {first, second},
	} {
		assert.Equal(t, want, ids(h.list(path)), "the oldest first")
		assert.Equal(t, want, ids(h.list(path+"?Sort=CreationDate:ASC")))
		assert.Equal(t, []any{want[1], want[0]}, ids(h.list(path+"?Sort=CreationDate:DESC")))
		assert.Equal(t, []any{want[0]}, ids(h.list(path+"?sort=CreationDate:desc&page=2&per_page=1")))
		assert.Equal(t, http.StatusBadRequest, h.do(http.MethodGet, path+"?Sort=Amount:ASC", nil).status)
	}
}

func TestTransactionsAreFoundByWhatTheQueryAsksFor(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	user := h.post("/users/natural", natural())["Id"].(string)
	from, to := h.wallet(user, 1000), h.wallet(user, 0)
	good := h.transfer(user, from, to, 100)
	h.advance(time.Minute)
	bad := h.transfer(user, from, to, 5000)
	at := int64(good["CreationDate"].(float64))
	for query, want := range map[string][]any{
		"Type=TRANSFER": {good["Id"], bad["Id"]}, "Type=PAYIN": nil, "Type=PAYIN,TRANSFER": {good["Id"], bad["Id"]}, "Nature=REFUND": nil,
		"Status=SUCCEEDED": {good["Id"]}, "Status=FAILED": {bad["Id"]}, "ResultCode=001001": {bad["Id"]},
		fmt.Sprintf("BeforeDate=%d", at+30): {good["Id"]}, fmt.Sprintf("AfterDate=%d", at+30): {bad["Id"]},
	} {
		assert.Equal(t, want, ids(h.list("/users/"+user+"/transactions?"+query)), query)
	}
}
