package hook_test

import (
	"fmt"
	"time"

	"github.com/hookfold/hookfold/fsm/hook"
)

func ExampleCounter() {
	c, _ := hook.Counter{}.Succeeded()
	c, out := c.Failed(99) // an outage
	fmt.Println(c.Validity, c.Failures, c.Alerts(), out.Verdict)
	c, out = c.Failed(1)
	fmt.Println(c.Validity, c.Failures, c.Alerts(), out.Verdict)
	fmt.Println(hook.Machine.Definition().Reason(out.Cell))
	c, out = c.Revived()
	fmt.Println(c.Validity, c.Failures, c.Estimate, out.Verdict)
	// Output:
	// VALID 99 9 applied
	// INVALID 100 10 applied
	// S4: the 100th consecutive failure sets Validity to INVALID and ends all notifications, retries included.
	// VALID 0 true applied
}

func ExampleSchedule() {
	first := time.Date(2025, 4, 2, 20, 0, 0, 0, time.UTC)
	times := hook.Schedule(first)
	fmt.Println(len(times), "attempts")
	for _, i := range []int{1, 6, 7, 15} {
		fmt.Println(times[i].Format("Jan 2 15:04"))
	}
	// Output:
	// 16 attempts
	// Apr 2 20:10
	// Apr 2 21:00
	// Apr 3 05:00
	// Apr 5 21:00
}

func ExampleForecast() {
	failures, after, _ := hook.Forecast(hook.Counter{Validity: hook.Valid, Failures: 90}, 20)
	fmt.Println(failures, "more failures,", after)
	// Output: 10 more failures, 30m0s
}

func ExampleAlerts() {
	fmt.Println(hook.Alerts(9), hook.Alerts(10), hook.Alerts(100))
	// Output: 0 1 10
}
