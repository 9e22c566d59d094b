package confirm_test

import (
	"context"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/confirm"
	provider_events "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// clientOfYours stands in for a *mangopay.Client here. It knows one user.
type clientOfYours struct{ confirm.API }

func (clientOfYours) User(_ context.Context, id string) (mangopay.Answer[mangopay.User], error) {
	if id != "user_m_1" {
		return mangopay.Answer[mangopay.User]{}, fmt.Errorf("%w: %w", mangopay.ErrNotFound, &mangopay.Error{At: time.Now()})
	}
	return mangopay.Answer[mangopay.User]{
		Value: mangopay.User{ID: id, PersonType: "NATURAL", Status: "ACTIVE", Category: "OWNER", KYCLevel: "REGULAR"}, At: time.Now(),
	}, nil
}

// Somebody says that two users are verified. The provider knows one of them.
func ExampleNew() {
	log := projections.NewMemoryLog("example", time.Now, 0)
	store := projections.NewMemoryStore()
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
	if err != nil {
		panic(err)
	}
	told := make(chan confirm.Result)
	confirmer, err := confirm.New(confirm.Config{
		API: clientOfYours{}, Log: log, Marks: &confirm.StoreMarks{Store: store},
		Parallel: 1, Observe: func(r confirm.Result) { told <- r },
	})
	if err != nil {
		panic(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- proj.Run(ctx) }()
	go func() { ended <- confirmer.Run(ctx) }()

	anHourAgo := time.Now().Add(-time.Hour).Unix()
	for _, id := range []string{"user_m_1", "made-up"} {
		claim := provider_events.Notification{Type: provider_events.UserKYCRegular, ResourceID: id, Date: anHourAgo}
		seq, err := log.Append(ctx, claim.Event(""))
		if err != nil {
			panic(err)
		}
		r := <-told
		if err := proj.Wait(ctx, seq+1); err != nil { // the observation's sequence
			panic(err)
		}
		u, err := projections.Read(store, views.Users, "mangopay").Get(ctx, id)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: %s after %d call; level %s, confirmed %t\n", id, r.Verdict, r.Calls, u.Value.Known().KYCLevel, u.Value.KYC.Backed)
	}
	stop()
	<-ended
	<-ended
	// Output:
	// user_m_1: confirmed after 1 call; level REGULAR, confirmed true
	// made-up: not_found after 1 call; level REGULAR, confirmed false
}

// Marks live with the read models, so a restart goes on where everything was settled.
func ExampleStoreMarks() {
	store := projections.NewMemoryStore() // or one of JetStream KV
	marks := &confirm.StoreMarks{Store: store}
	ctx := context.Background()
	if _, err := marks.Load(ctx); err != nil {
		panic(err)
	}
	if err := marks.Save(ctx, projections.Position{Stream: "HOOKFOLD", Seq: 7}); err != nil {
		panic(err)
	}
	at, err := (&confirm.StoreMarks{Store: store}).Load(ctx)
	fmt.Println(at.Seq, err)
	fmt.Println(marks.Save(ctx, at)) // whoever loaded before can save no more
	// Output:
	// 7 <nil>
	// projections: another worker moved the checkpoint: begin again from the store (confirm-mangopay_v1 slot 0 stands at 7, not 7)
}
