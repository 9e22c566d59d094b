package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// printed is a log that prints; a real one is a projections.Log.
type printed struct{ n projections.Seq }

func (p *printed) Append(_ context.Context, es ...events.Event) (projections.Seq, error) {
	for _, e := range es {
		p.n++
		fmt.Println("log:", e.Type, e.Ref.ID, e.Date)
	}
	return p.n, nil
}

// Mount the handler at the root of a server of its own and hand the provider the address with the token.
func Example() {
	h, err := webhook.New(webhook.Config{Log: &printed{}, Token: "s3cr3t-and-long"})
	if err != nil {
		fmt.Println(err)
		return
	}
	srv := httptest.NewServer(h) // in production: a listen.Server, which bounds what a stranger can do
	defer srv.Close()

	resp, err := http.Get(srv.URL + "/hooks/s3cr3t-and-long?EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println("answer:", resp.StatusCode, "sequence:", resp.Header.Get("Hookfold-Seq"))
	// Output:
	// log: USER_KYC_REGULAR user_m_1 1743627006
	// answer: 200 sequence: 1
}

// Counts tell an operator what has arrived.
func ExampleHandler_Counts() {
	h, err := webhook.New(webhook.Config{Log: &printed{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, target := range []string{"/hooks?EventType=BRAND_NEW&RessourceId=x&Date=1743627006", "/hooks?EventType=USER_KYC_REGULAR&RessourceId=&Date=1743552000", "/admin"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, target, nil))
	}
	c := h.Counts()
	fmt.Println("accepted:", c.Accepted, "of unknown type:", c.Unknown, "pings:", c.Pings, "strangers:", c.Strangers)
	// Output:
	// log: BRAND_NEW x 1743627006
	// accepted: 1 of unknown type: 1 pings: 1 strangers: 1
}

// A Feed beside the Handler tells the log what the Handler could not keep, as soon as it can.
func ExampleFeed() {
	noon := func() time.Time { return time.Unix(1743660000, 0) }
	log := &away{}
	feed, err := webhook.NewFeed(webhook.FeedConfig{Log: log, Now: noon})
	if err != nil {
		fmt.Println(err)
		return
	}
	h, err := webhook.New(webhook.Config{Log: log, Now: noon, Observe: feed.Observe})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 12 { // in production: go feed.Run(ctx), until the server has stopped
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/hooks?EventType=USER_KYC_REGULAR&RessourceId=u&Date=1743627006", nil))
	}
	fmt.Println("waiting:", feed.Counts().Waiting)
	log.back = true
	fmt.Println(feed.Flush(context.Background()), "told:", feed.Counts().Told)
	// Output:
	// waiting: 12
	// log: hookfold.hook.delivery.failed USER_KYC_REGULAR 1743660000
	// <nil> told: 12
}

// away is a log that cannot be reached until it is back.
type away struct {
	printed
	back bool
}

func (a *away) Append(ctx context.Context, es ...events.Event) (projections.Seq, error) {
	if !a.back {
		return 0, projections.ErrAway
	}
	return a.printed.Append(ctx, es...)
}
