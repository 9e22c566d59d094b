package live_test

import (
	"context"
	"errors"
	"fmt"

	looplab "github.com/looplab/fsm"

	"github.com/hookfold/hookfold/fsm/idv"
	"github.com/hookfold/hookfold/fsm/live"
	"github.com/hookfold/hookfold/fsm/user"
)

func ExampleNew() {
	session, err := live.New(idv.Machine, "PENDING", nil, looplab.Callbacks{
		"enter_VALIDATED": func(_ context.Context, e *looplab.Event) { fmt.Println("welcome", e.Args[0]) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	fmt.Println(session.Event(ctx, "IDENTITY_VERIFICATION_VALIDATED", "user_m_1"), session.Current())

	err = session.Event(ctx, "IDENTITY_VERIFICATION_FAILED")
	var illegal *live.RefusedError
	if errors.As(err, &illegal) {
		fmt.Println(illegal.Explanation.Verdict, illegal.Explanation.Reason)
	}
	// Output:
	// welcome user_m_1
	// <nil> VALIDATED
	// conflict S3 revokes a success by OUT_OF_DATE and never by a refusal, so one of the two claims is wrong.
}

func ExampleEvents() {
	events, err := live.Events(user.InflowsMachine.Definition())
	for _, e := range events {
		fmt.Printf("%s %q → %s\n", e.Name, e.Src, e.Dst)
	}
	fmt.Println(err)

	_, err = live.Events(idv.Machine.Definition())
	fmt.Println(errors.Is(err, live.ErrGuarded))
	// Output:
	// USER_INFLOWS_BLOCKED ["" "UNBLOCKED"] → BLOCKED
	// USER_INFLOWS_UNBLOCKED ["" "BLOCKED"] → UNBLOCKED
	// <nil>
	// true
}

func ExampleEventsFor() {
	for _, natural := range []bool{false, true} {
		object := looplab.NewFSM("PENDING", live.EventsFor(idv.Machine, idv.Facts{Natural: natural}), nil)
		fmt.Println(object.Can("IDENTITY_VERIFICATION_INCONCLUSIVE"))
	}
	// Output:
	// true
	// false
}
