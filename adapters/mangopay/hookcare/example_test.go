package hookcare_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/hookcare"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// account is an account at the provider with one hook, for which nobody has cared: a mangopay.Client asks a real one.
type account struct{ hook mangopay.Hook }

func (a *account) Hooks(context.Context) (mangopay.Answer[[]mangopay.Hook], error) {
	return mangopay.Answer[[]mangopay.Hook]{Value: []mangopay.Hook{a.hook}}, nil
}

func (a *account) Hook(context.Context, string) (mangopay.Answer[mangopay.Hook], error) {
	return mangopay.Answer[mangopay.Hook]{Value: a.hook}, nil
}

func (a *account) CreateHook(context.Context, events.Type, string, string) (mangopay.Answer[mangopay.Hook], error) {
	return mangopay.Answer[mangopay.Hook]{}, errors.New("there is one already")
}

func (a *account) UpdateHook(_ context.Context, _ string, to mangopay.HookChange) (mangopay.Answer[mangopay.Hook], error) {
	if to.URL != "" {
		a.hook.URL = to.URL
	}
	if to.Validity != "" {
		a.hook.Validity = to.Validity
	}
	return mangopay.Answer[mangopay.Hook]{Value: a.hook}, nil
}

// An outage has made a hook INVALID, and the token of the ingress was exchanged since.
func ExampleCare_Ensure() {
	now := func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }
	provider := &account{mangopay.Hook{
		ID: "hook_m_1", EventType: "USER_KYC_REGULAR", URL: "https://hooks.example.com/hooks/old", Status: "ENABLED", Validity: "INVALID",
	}}
	care, err := hookcare.New(hookcare.Config{
		API: provider, Log: projections.NewMemoryLog("log", now, 0), Store: projections.NewMemoryStore(), Now: now,
		Ingress: "https://hooks.example.com/hooks", Token: "secret",
		Types: []events.Type{"USER_KYC_REGULAR"},
		Fill: func(_ context.Context, holes []hookcare.Hole) error {
			fmt.Println("fill in", holes[0].Type)
			return nil
		},
	})
	if err != nil {
		panic(err)
	}
	report, err := care.Ensure(context.Background(), hookcare.Options{})
	for _, h := range report.Hooks {
		fmt.Println(h.Type, h.Address, h.Was, h.Actions, h.Is, err)
	}
	// Output:
	// fill in USER_KYC_REGULAR
	// USER_KYC_REGULAR hooks.example.com/hooks/… outdated [repoint revive] right <nil>
}

// The same account looked at: a hook that nobody has cared for.
func ExampleCare_Status() {
	now := func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }
	care, err := hookcare.New(hookcare.Config{
		API: &account{mangopay.Hook{ID: "hook_m_1", EventType: "USER_KYC_REGULAR", URL: "https://hooks.example.com/hooks/secret", Status: "ENABLED", Validity: "INVALID"}},
		Log: projections.NewMemoryLog("log", now, 0), Store: projections.NewMemoryStore(), Now: now,
		Ingress: "https://hooks.example.com/hooks", Token: "secret", Types: []events.Type{"USER_KYC_REGULAR"},
	})
	if err != nil {
		panic(err)
	}
	status, err := care.Status(context.Background())
	h := status.Hooks[0]
	fmt.Println(h.Type, h.Address, h.Standing, h.Level, err)
	fmt.Println(h.Advice)
	// Output:
	// USER_KYC_REGULAR hooks.example.com/hooks/… invalid 100 <nil>
	// revive them; where that fails, in the provider's dashboard (Developers, Webhooks)
}

// What an outage left INVALID is brought back, and what was missed is named.
func ExampleCare_Revive() {
	now := func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }
	log := projections.NewMemoryLog("log", now, 0)
	care, err := hookcare.New(hookcare.Config{
		API: &account{mangopay.Hook{ID: "hook_m_1", EventType: "USER_KYC_REGULAR", URL: "https://hooks.example.com/hooks/secret", Status: "ENABLED", Validity: "INVALID"}},
		Log: log, Store: projections.NewMemoryStore(), Now: now,
		Ingress: "https://hooks.example.com/hooks", Token: "secret", Types: []events.Type{"USER_KYC_REGULAR"},
		Fill: func(_ context.Context, holes []hookcare.Hole) error {
			fmt.Println(holes[0].Type, "has missed everything:", holes[0].Since.IsZero()) // no success is known
			return nil
		},
	})
	if err != nil {
		panic(err)
	}
	report, err := care.Revive(context.Background())
	fmt.Println(report.Hooks[0].Was, report.Hooks[0].Is, err)
	head, _ := log.Head(context.Background())
	fmt.Println("told to the log:", head.Seq)
	// Output:
	// USER_KYC_REGULAR has missed everything: true
	// invalid right <nil>
	// told to the log: 1
}

// A hook is read twice: the log is told once, until something changes.
func ExampleCare_Poll() {
	now := func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }
	log, store := projections.NewMemoryLog("log", now, 0), projections.NewMemoryStore()
	care, err := hookcare.New(hookcare.Config{
		API: &account{mangopay.Hook{ID: "hook_m_1", EventType: "USER_KYC_REGULAR", URL: "https://hooks.example.com/hooks/secret", Status: "ENABLED", Validity: "VALID"}},
		Log: log, Store: store, Now: now,
		Ingress: "https://hooks.example.com/hooks", Token: "secret", Types: []events.Type{"USER_KYC_REGULAR", "USER_KYC_LIGHT"},
	})
	if err != nil {
		panic(err)
	}
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
	if err != nil {
		panic(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() { _ = proj.Run(ctx) }()
	for range 2 { // Run does it at intervals
		poll, err := care.Poll(ctx)
		if err != nil {
			panic(err)
		}
		fmt.Println(poll.Standing["USER_KYC_REGULAR"], poll.Standing["USER_KYC_LIGHT"], "told:", poll.Told)
		head, _ := log.Head(ctx)
		_ = proj.Wait(ctx, head.Seq)
	}
	// Output:
	// right missing told: 1
	// right missing told: 0
}

func ExampleLevel() {
	for _, failures := range []int{24, 25, 57, 90} {
		fmt.Print(hookcare.Level(failures, "VALID"), " ")
	}
	fmt.Println(hookcare.Level(100, "INVALID"))
	// Output: 0 25 50 90 100
}
