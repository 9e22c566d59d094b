package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
	"github.com/hookfold/hookfold/adapters/mangopay/hookcare"
	"github.com/hookfold/hookfold/adapters/operate"
	"github.com/hookfold/hookfold/events"
)

// actions are what an operator may ask of a server, beside reading.
func (v *provider) actions() []operate.Action {
	return []operate.Action{
		{Path: "/v1/backfill", Do: v.doBackfill},
		{Path: "/v1/hooks/ensure", Do: v.caring(v.doEnsure)},
		{Path: "/v1/hooks/status", Do: v.caring(v.doStatus)},
		{Path: "/v1/hooks/revive", Do: v.caring(v.doRevive)},
	}
}

// withActions serves what changes something beside the read API.
func withActions(ctx context.Context, p *parts, read http.Handler) (http.Handler, error) {
	actions := slices.Concat(p.provider.actions(), p.ward.actions(), p.rebuilding())
	acts, err := operate.New(operate.Config{Actions: actions, Ends: ctx, Logger: p.logger})
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			acts.ServeHTTP(w, r)
			return
		}
		read.ServeHTTP(w, r)
	}), nil
}

// asked is a question that makes no sense.
func asked(format string, args ...any) error {
	return fmt.Errorf("%w: %s", operate.ErrAsked, fmt.Sprintf(format, args...))
}

// news is one line of an action: how far it has come, or what it did.
type news struct {
	Progress any `json:"progress,omitempty"`
	Report   any `json:"report,omitempty"`
	Warning  any `json:"warning,omitempty"`
}

// doBackfill brings in what is missing since a time, and reconciles what lies further back than the provider lists.
func (v *provider) doBackfill(ctx context.Context, q url.Values, tell func(any) error) error {
	if v == nil {
		return asked("this server has no access to the provider: start it with --api-url, --client-id and --api-key")
	}
	since, err := instant(q.Get("since"), v.clock.time())
	if err != nil {
		return asked("since %v", err)
	}
	report, err := v.fill(ctx, backfill.Request{
		Types: eventTypes(q["type"]), Since: since,
		Progress: func(p backfill.Progress) { _ = tell(news{Progress: p}) }, // who is gone ends the context
	})
	if told := tell(news{Report: report}); err == nil {
		err = told
	}
	if err != nil || report.Beyond() == nil {
		return err
	}
	return v.reconcile(ctx, report.Beyond(), tell)
}

// reconcile reads the known users and their sessions, because what happened is no longer listed.
func (v *provider) reconcile(ctx context.Context, beyond error, tell func(any) error) error {
	if err := tell(news{Warning: beyond.Error()}); err != nil {
		return err
	}
	report, err := v.reconciler.Run(ctx, backfill.KnownUsers(ctx, v.store, v.source))
	if told := tell(news{Report: report}); err == nil {
		err = told
	}
	return err
}

// eventTypes are the types of a question.
func eventTypes(names []string) []events.Type {
	var types []events.Type
	for _, name := range names {
		types = append(types, events.Type(name))
	}
	return types
}

// instant reads a time: Unix seconds, RFC 3339, or how long ago as a duration such as 36h or a number of days such as 10d.
// "" is the zero time.
func instant(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 {
		return time.Unix(n, 0), nil
	}
	if days, ok := cutDays(text); ok {
		return now.Add(-time.Duration(days) * 24 * time.Hour), nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	return time.Time{}, fmt.Errorf("%.40q is no time: give Unix seconds, RFC 3339, or how long ago (36h, 10d)", text)
}

// cutDays reads a number of days.
func cutDays(text string) (days int, ok bool) {
	if len(text) < 2 || text[len(text)-1] != 'd' {
		return 0, false
	}
	days, err := strconv.Atoi(text[:len(text)-1])
	return days, err == nil && days >= 0 && days < 100_000
}

// caring refuses an action about hooks where hooks are not cared for.
func (v *provider) caring(do func(context.Context, url.Values, func(any) error) error) func(context.Context, url.Values, func(any) error) error {
	return func(ctx context.Context, q url.Values, tell func(any) error) error {
		if v == nil || v.care == nil {
			return asked("this server does not care for hooks: start it with --hook-url, --api-url, --client-id and --api-key")
		}
		return do(ctx, q, tell)
	}
}

// doEnsure brings the hooks to what is wanted.
func (v *provider) doEnsure(ctx context.Context, q url.Values, tell func(any) error) error {
	report, err := v.care.Ensure(ctx, hookcare.Options{
		Dry: q.Get("dry") == "true", Repoint: q.Get("repoint") == "true", Enable: q.Get("enable") == "true",
	})
	return after(tell(news{Report: report}), err)
}

// doRevive brings INVALID hooks back.
func (v *provider) doRevive(ctx context.Context, q url.Values, tell func(any) error) error {
	report, err := v.care.Revive(ctx, eventTypes(q["type"])...)
	return after(tell(news{Report: report}), err)
}

// doStatus tells how the hooks stand.
func (v *provider) doStatus(ctx context.Context, _ url.Values, tell func(any) error) error {
	status, err := v.care.Status(ctx)
	return after(tell(news{Report: status}), err)
}

// after is the error of what was done, or else of telling it.
func after(told, done error) error {
	if done != nil {
		return done
	}
	return told
}
