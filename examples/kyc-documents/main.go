// Kyc-documents is a read model of your own, from its table of states (machine.go) over its declaration (model.go) to
// answers over HTTP: what is known of each KYC document, of which Hookfold itself keeps only the notifications. The documents
// live in NATS, or in tables of the PostgreSQL that KYC_POSTGRES names: SELECT id, status FROM kyc.kyc_documents.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/nats-io/nats.go"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/adapters/readapi"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
)

// models are all that are folded and served; views.All() would stand beside it.
var models = []projections.AnyModel{model}

func main() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "kyc-documents")
	check(err)
	defer func() { check(os.RemoveAll(dir)) }()
	server, err := embedded.Start(ctx, embedded.Config{Dir: dir}) // a server of your own: nats.Connect(url)
	check(err)
	defer func() { check(server.Close()) }()
	nc, err := server.Connect()
	check(err)
	defer nc.Close()
	log, err := jetstream.OpenLog(ctx, nc, jetstream.LogConfig{})
	check(err)
	store, done, err := open(ctx, nc, os.Getenv("KYC_POSTGRES"))
	check(err)
	check(follow(ctx, log, store, os.Stdout))
	done()
	check(log.Close())
}

// open is where the documents live: in tables that a service joins in its own SQL, or in buckets beside the log.
func open(ctx context.Context, nc *nats.Conn, url string) (_ projections.Store, done func(), _ error) {
	if url != "" {
		store, err := postgres.Open(ctx, postgres.Config{URL: url, Schema: "kyc", Models: models})
		return store, store.Close, err
	}
	store, err := jetstream.OpenStore(ctx, nc, jetstream.StoreConfig{})
	return store, func() { check(store.Close()) }, err
}

// follow folds what is said of two documents, late and out of order, and asks for them.
func follow(ctx context.Context, log projections.Log, store projections.Store, out io.Writer) error {
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: models})
	if err != nil {
		return err
	}
	api, err := readapi.New(readapi.Config{Store: store, Models: models, Source: mangopay.Source, Wait: proj.Wait})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = proj.Run(ctx) }()
	defer func() { stop(); <-ended }()

	var seq projections.Seq
	for _, n := range []mangopay.Notification{ // usually the ingress stores them: webhook.New
		{Type: "KYC_FAILED", ResourceID: "doc_1", Date: 1743627200},
		{Type: "KYC_VALIDATION_ASKED", ResourceID: "doc_1", Date: 1743627006},
		{Type: "KYC_CREATED", ResourceID: "doc_1", Date: 1743627006},
		{Type: "KYC_SUCCEEDED", ResourceID: "doc_2", Date: 1743627100},
	} {
		if seq, err = log.Append(ctx, n.Event("")); err != nil {
			return err
		}
	}
	for _, path := range []string{"/v1/kyc-documents/doc_1?wait=%d", "/v1/kyc-documents?status=VALIDATED&wait=%d"} {
		answer := httptest.NewRecorder() // or http.ListenAndServe(address, api)
		api.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, fmt.Sprintf(path, seq), nil))
		fmt.Fprint(out, answer.Body)
	}
	doc, err := projections.Read(store, model, mangopay.Source).Get(ctx, "doc_1")
	for _, line := range doc.History {
		fmt.Fprintf(out, "%s: %s, %q -> %q. %s\n", line.Event, line.Verdict, line.From, line.To, line.Why)
	}
	return err
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
