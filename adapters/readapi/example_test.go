package readapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/hookfold/hookfold/adapters/readapi"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

func ExampleNew() {
	log := projections.NewMemoryLog("example", time.Now, 0)
	store := projections.NewMemoryStore()
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() { _ = proj.Run(ctx) }()

	api, err := readapi.New(readapi.Config{Store: store, Models: views.All(), Source: mangopay.Source, Wait: proj.Wait})
	if err != nil {
		fmt.Println(err)
		return
	}
	claim := mangopay.Notification{Type: mangopay.IdentityVerificationPending, ResourceID: "idnver_1", Date: 1743627006}
	seq, err := log.Append(ctx, claim.Event(""))
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, fmt.Sprintf("/v1/idv-sessions/idnver_1?wait=%d", seq), nil))
	fmt.Println(w.Code, w.Header().Get(readapi.SeqHeader))
	fmt.Println(w.Body)
	// Output:
	// 200 1
	// {"kind":"idv_session","id":"idnver_1","source":"mangopay","status":"PENDING","since":1743627006,"confirmed":false,"user_id":"","link_expired":false,"conflicts":0,"gaps":0,"history":[{"date":1743627006,"event":"IDENTITY_VERIFICATION_PENDING","machine":"session","verdict":"first","from":"","to":"PENDING","why":"S3: creating a session sets PENDING and emits this event, so it is the usual first word about one."}]}
}

// A list holds the documents that have the values that are asked for, page by page.
func ExampleListing() {
	log := projections.NewMemoryLog("example", time.Now, 0)
	store := projections.NewMemoryStore()
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() { _ = proj.Run(ctx) }()

	api, err := readapi.New(readapi.Config{Store: store, Models: views.All(), Source: mangopay.Source, Wait: proj.Wait})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, category := range []events.Type{"USER_CATEGORY_UPDATED_TO_PAYER", "USER_CATEGORY_UPDATED_TO_OWNER", "USER_CATEGORY_UPDATED_TO_PAYER"} {
		_, _ = log.Append(ctx, mangopay.Notification{Type: category, ResourceID: fmt.Sprint("user_", i), Date: 1743627006}.Event(""))
	}
	target := "/v1/users?user_category=PAYER&limit=1&wait=3"
	for next := ""; ; {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target+next, nil))
		var page readapi.Listing
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil {
			fmt.Println(err)
			return
		}
		for _, item := range page.Items {
			fmt.Println(string(item[:31]))
		}
		if page.Next == "" {
			break
		}
		next = "&cursor=" + page.Next
	}
	// Output:
	// {"kind":"user","id":"user_0","s
	// {"kind":"user","id":"user_2","s
}
