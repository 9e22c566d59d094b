package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
	"github.com/hookfold/hookfold/adapters/mangopay/confirm"
	"github.com/hookfold/hookfold/adapters/mangopay/hookcare"
	"github.com/hookfold/hookfold/adapters/metrics"
	"github.com/hookfold/hookfold/projections"
)

// providerFlags say how the provider is asked. Without them nothing is: claims stay claims.
type providerFlags struct {
	APIURL    string        `name:"api-url" help:"Address of the provider's API, such as https://api.mangopay.com. With it, and credentials, what notifications claim is confirmed." placeholder:"URL"`
	ClientID  string        `name:"client-id" help:"The platform's client id at the provider." placeholder:"ID"`
	APIKey    string        `name:"api-key" help:"An API key of the same environment; better given by its variable, because other users of a machine can see flags." placeholder:"KEY"`
	APIShare  float64       `name:"api-share" help:"Share of the provider's rate limits that confirming may spend, above 0 and up to 1." default:"0.5"`
	Backfill  time.Duration `name:"backfill-every" help:"How often, and at the start, what notifications missed is brought in from the provider's list of events. 0: only when asked for." default:"1h"`
	HookURL   string        `name:"hook-url" help:"Where the provider reaches the ingress, without --token, such as https://hooks.example.com/hooks. With it the hooks at the provider are cared for." placeholder:"URL"`
	HookTypes []string      `name:"hook-types" help:"Event types of which a hook is wanted; those that move a machine without it." placeholder:"TYPE"`
	HookEvery time.Duration `name:"hook-every" help:"How often the health of the hooks is read." default:"5m"`
}

// check refuses flags that do not go together.
func (f providerFlags) check() error {
	var problems []string
	refuse := func(bad bool, why string) {
		if bad {
			problems = append(problems, why)
		}
	}
	whole := f.APIURL != "" && f.ClientID != "" && f.APIKey != ""
	refuse(!whole && f.APIURL+f.ClientID+f.APIKey+f.HookURL != "", "--api-url, --client-id and --api-key belong together, and --hook-url needs them")
	refuse(len(f.HookTypes) > 0 && f.HookURL == "", "--hook-types needs --hook-url")
	refuse(f.Backfill < 0 || f.HookEvery <= 0, "--backfill-every and --hook-every are no times to wait")
	if len(problems) == 0 {
		return nil
	}
	return exit(exitUsage, "%s", strings.Join(problems, "; "))
}

// provider is everything that asks the provider's API.
type provider struct {
	flags    providerFlags
	clock    clock
	logger   *slog.Logger
	client   *mangopay.Client
	confirm  *confirm.Confirmer
	backfill *backfill.Backfill
	care     *hookcare.Care // nil: hooks are not cared for
	measures *metrics.Metrics

	reconciler *backfill.Reconciler
	store      projections.Store
	source     string

	trouble trouble // of confirming, when it has given up
	last    atomic.Pointer[backfill.Report]
}

// provider makes what asks the provider, or nil without credentials.
func (c *serveCmd) provider(p *parts, store projections.Store) (*provider, error) {
	f := c.Provider
	if f.APIURL == "" {
		return nil, nil
	}
	v := &provider{flags: f, clock: c.clock, logger: p.logger, store: store, source: c.Source}
	var err error
	v.client, err = mangopay.New(mangopay.Config{
		Source: c.Source, BaseURL: f.APIURL, ClientID: f.ClientID, APIKey: f.APIKey, Proxy: http.ProxyFromEnvironment,
		Logger: p.logger, Observe: v.called, Now: c.clock.now, Wait: c.clock.wait,
	})
	if err != nil {
		return nil, exit(exitUsage, "--api-url, --client-id, --api-key: %w", err)
	}
	v.confirm, err = confirm.New(confirm.Config{
		API: v.client, Log: p.log, Marks: &confirm.StoreMarks{Store: store, Source: c.Source}, Source: c.Source,
		Share: f.APIShare, Windows: v.client.Windows, Logger: p.logger,
		Now: c.clock.now, Stepped: c.clock.stepped,
	})
	if err != nil {
		return nil, exit(exitUsage, "--api-share: %w", err)
	}
	return v, errors.Join(v.fillFrom(p), v.careFor(c, p, store))
}

// called passes a request to the metrics.
func (v *provider) called(c mangopay.Call) {
	if v.measures != nil {
		v.measures.Called(metrics.Call{Method: c.Method, Path: c.Path, Kind: c.Kind, Took: c.Duration})
	}
}

// run confirms, fills in and cares until the context ends.
func (v *provider) run(ctx context.Context) {
	if v == nil {
		return
	}
	var group errgroup.Group
	group.Go(func() error { v.confirming(ctx); return nil })
	group.Go(func() error { v.fillOften(ctx); return nil })
	if v.care != nil {
		group.Go(func() error { v.care.Run(ctx); return nil })
	}
	_ = group.Wait() // none of them returns an error
	v.client.Close()
}

// confirming confirms until the context ends, or until trying again cannot help.
func (v *provider) confirming(ctx context.Context) {
	if err := v.confirm.Run(ctx); ctx.Err() == nil {
		v.logger.Error("nothing is confirmed any more; notifications are still kept and folded", "error", err)
		v.trouble.set(err)
	}
}

// measured adds to a configuration of metrics what there is to measure.
func (v *provider) measured(c metrics.Config) metrics.Config {
	if v != nil {
		c.Confirming, c.Windows = v.confirmed, v.windows
	}
	return c
}

// confirmed tells the metrics how confirming stands.
func (v *provider) confirmed() metrics.Confirming {
	n := v.confirm.Counts()
	verdicts := map[string]uint64{}
	for _, verdict := range confirm.Verdicts() {
		verdicts[verdict.String()] = n.Verdicts[verdict]
	}
	return metrics.Confirming{
		Verdicts: verdicts, Appended: n.Appended, Throttled: n.Throttled, Open: n.Open, Oldest: n.Oldest, Behind: uint64(n.Behind),
	}
}

// windows tells the metrics what is left of the rate limits.
func (v *provider) windows() []metrics.Window {
	var out []metrics.Window
	for _, w := range v.client.Windows() {
		out = append(out, metrics.Window{Length: w.Length, Remaining: w.Remaining})
	}
	return out
}

// providerStatus is what a status tells of the provider's side.
type providerStatus struct {
	Confirm  any    `json:"confirm"`
	Hooks    any    `json:"hooks,omitempty"`
	Backfill any    `json:"backfill,omitempty"` // the last one
	Trouble  string `json:"trouble,omitempty"`  // why nothing is confirmed
}

// add adds the counters, and what is wrong, to a status.
func (v *provider) add(status map[string]any) map[string]any {
	if v == nil {
		return status
	}
	n := v.confirm.Counts()
	verdicts := map[string]uint64{}
	for _, verdict := range confirm.Verdicts() {
		verdicts[verdict.String()] = n.Verdicts[verdict]
	}
	tells := providerStatus{Confirm: map[string]any{
		"claims": n.Claims, "calls": n.Calls, "verdicts": verdicts, "appended": n.Appended, "throttled": n.Throttled,
		"open": n.Open, "ready": n.Ready, "flying": n.Flying, "oldest_seconds": n.Oldest.Seconds(), "behind": n.Behind, "seq": n.Seq,
	}}
	if v.care != nil {
		tells.Hooks = v.care.Counts()
	}
	if r := v.last.Load(); r != nil {
		tells.Backfill = map[string]any{"seen": r.Seen, "appended": r.Appended, "calls": r.Calls, "done": r.Done}
	}
	if err := v.trouble.get(); err != nil {
		tells.Trouble = err.Error()
	}
	status["provider"] = tells
	return status
}
