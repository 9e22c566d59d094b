package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hookfold/hookfold/projections/views"
)

// foresee prints the forecast of a hook, as the server tells it: a document does not say when failures that were counted
// together began. It prints nothing for another kind, for the past, and where the server tells none.
func (c *whyCmd) foresee(e env, doc []byte) error {
	var d views.HookDocument
	if c.At != "" || json.Unmarshal(doc, &d) != nil || d.Kind != views.KindHook {
		return nil //nolint:nilerr // what is no hook has no forecast
	}
	a, err := c.ask(e.ctx, url.Values{}, "hooks", d.ID, "forecast")
	if err != nil {
		return err
	}
	var f views.HookForecast
	if a.status != http.StatusOK || json.Unmarshal(a.body, &f) != nil || f.Kind != views.KindForecast {
		return nil //nolint:nilerr // an older server tells none
	}
	_, err = fmt.Fprint(e.out, foreseen(f))
	return err
}

// foreseen renders a forecast for people.
func foreseen(f views.HookForecast) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nforecast: %d more failures in a row until INVALID", f.FailuresLeft)
	if f.InvalidAt != 0 {
		fmt.Fprintf(&b, ", at %v an hour on %s", f.PerHour, time.Unix(f.InvalidAt, 0).UTC().Format(time.RFC3339))
	}
	if f.NextRetry != 0 {
		fmt.Fprintf(&b, "; next retry about %s", time.Unix(f.NextRetry, 0).UTC().Format(time.RFC3339))
	}
	fmt.Fprintf(&b, "\n    %s\n", f.Why)
	return b.String()
}
