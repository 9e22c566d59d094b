package metrics_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/hookfold/hookfold/adapters/metrics"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

func ExampleNew() {
	log := projections.NewMemoryLog("example", time.Now, 0)
	store := projections.NewMemoryStore()
	m, err := metrics.New(metrics.Config{Head: log.Head, Store: store, Models: views.All(), Source: mangopay.Source})
	if err != nil {
		fmt.Println(err)
		return
	}
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All(), Observe: m})
	if err != nil {
		fmt.Println(err)
		return
	}
	claim := mangopay.Notification{Type: "USER_KYC_REGULAR", ResourceID: "user_1", Date: 1743627006}
	seq, err := m.Log(log).Append(context.Background(), claim.Event(""))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { _ = proj.Run(ctx); close(ended) }()
	_ = proj.Wait(ctx, seq)
	stop()
	<-ended

	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "hookfold_lag_records") || strings.HasPrefix(line, "hookfold_appended") {
			fmt.Print(line)
		}
	}
	// Output:
	// hookfold_appended_events_total 1
	// hookfold_lag_records{model="hooks"} 0
	// hookfold_lag_records{model="idv-sessions"} 0
	// hookfold_lag_records{model="users"} 0
}
