package backfill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// Objects is the part of a client that a reconciliation needs; *mangopay.Client is one.
type Objects interface {
	User(ctx context.Context, id string) (mangopay.Answer[mangopay.User], error)
	ScaStatus(ctx context.Context, userID string) (mangopay.Answer[mangopay.ScaStatus], error)
	Regulatory(ctx context.Context, userID string) (mangopay.Answer[mangopay.Regulatory], error)
	Sessions(ctx context.Context, userID string) (mangopay.Answer[[]mangopay.SessionRow], error)
}

// Appender is the part of a log that a reconciliation needs; every projections.Log is one.
type Appender interface {
	Append(ctx context.Context, es ...events.Event) (projections.Seq, error)
}

// ReconcileConfig says what is read again, and where it is told.
type ReconcileConfig struct {
	API   Objects           // is asked. Required
	Log   Appender          // is told. Required
	Store projections.Store // holds the read models, so that only what they do not know is told. Required
	// Source names provider, environment and client. Default "mangopay".
	Source string
	// Pace and Retry are as in Config.
	Pace  func(ctx context.Context) error
	Retry func(ctx context.Context, err error, attempt int) bool
	// Progress, when set, is told after every user, in the goroutine of the run.
	Progress func(ReconcileReport)
	// Now is the clock. Default time.Now.
	Now func() time.Time
}

// ReconcileReport is what a reconciliation did. It is also a JSON document.
type ReconcileReport struct {
	Users    int  `json:"users"`    // read
	Sessions int  `json:"sessions"` // read in their lists
	Calls    int  `json:"calls"`
	Appended int  `json:"appended"` // observations of what the read models did not know or could not confirm
	Missing  int  `json:"missing"`  // users that the provider does not hold
	Refused  int  `json:"refused"`  // those of Users of whom something could not be read
	Done     bool `json:"done"`
}

// Reconciler reads known users and their sessions again, for what happened before the provider's list of events begins. It
// appends observations: what the API says now. What happened in between is not made up, so histories keep their gaps.
type Reconciler struct{ cfg ReconcileConfig }

// NewReconciler makes a Reconciler. Its error wraps ErrConfig and names every problem at once.
func NewReconciler(c ReconcileConfig) (*Reconciler, error) {
	var problems []string
	if c.API == nil || c.Log == nil || c.Store == nil {
		problems = append(problems, "API, Log and Store are all needed: give the client, the log and the store of the read models")
	}
	d := Config{Source: c.Source, Pace: c.Pace, Retry: c.Retry, Now: c.Now}.withDefaults()
	c.Source, c.Pace, c.Retry, c.Now = d.Source, d.Pace, d.Retry, d.Now
	return &Reconciler{cfg: c}, refuse(problems)
}

// KnownUsers goes through the users that the read models of a store know: by themselves, or by a session of theirs.
func KnownUsers(ctx context.Context, store projections.Store, source string) iter.Seq2[string, error] {
	source = cmp.Or(source, catalogue.Source)
	return func(yield func(string, error) bool) {
		seen := map[string]bool{"": true}
		give := func(id string, err error) bool {
			if err == nil && seen[id] {
				return true
			}
			seen[id] = true
			return yield(id, err)
		}
		for v, err := range projections.Read(store, views.Users, source).List(ctx) {
			if !give(v.Ref.ID, err) {
				return
			}
		}
		for v, err := range projections.Read(store, views.Sessions, source).List(ctx) {
			if !give(v.Value.UserID, err) {
				return
			}
		}
	}
}

// Run reads users, one after the other, and reports what it did also where it ends with an error. A run that is repeated
// tells nothing twice. Errors: those of users, API, store and log that ReconcileConfig.Retry did not try again, and the
// context's. A user whom the provider does not hold, or of whom it does not tell everything, is counted and ends nothing.
func (r *Reconciler) Run(ctx context.Context, users iter.Seq2[string, error]) (ReconcileReport, error) {
	n := &reconciliation{ReconcileConfig: r.cfg, users: projections.Read(r.cfg.Store, views.Users, r.cfg.Source), sessions: projections.Read(r.cfg.Store, views.Sessions, r.cfg.Source)}
	for id, err := range users {
		if err == nil {
			err = n.user(ctx, id)
		}
		if err != nil {
			return n.report, fmt.Errorf("backfill: reconciled %d users, then: %w", n.report.Users, err)
		}
		if n.Progress != nil {
			n.Progress(n.report)
		}
	}
	n.report.Done = true
	return n.report, nil
}

// reconciliation is one run.
type reconciliation struct {
	ReconcileConfig
	users    projections.Reader[views.User]
	sessions projections.Reader[views.Session]
	report   ReconcileReport
	outages  int // readings in a row that the API had no answer to
}

// user reads one user.
func (n *reconciliation) user(ctx context.Context, id string) error {
	u, err := ask(ctx, n, id, n.API.User)
	if errors.Is(err, mangopay.ErrNotFound) {
		n.report.Missing++
		return nil
	}
	if err != nil && !n.theirs(err) {
		return err
	}
	whole := err == nil
	for _, read := range []func() error{
		func() error { return n.state(ctx, id, u) }, func() error { return n.enrolment(ctx, id) },
		func() error { return n.blocks(ctx, id) }, func() error { return n.list(ctx, id, u.Value.PersonType) },
	} {
		if err := read(); err != nil && !n.theirs(err) {
			return err
		} else if err != nil {
			whole = false
		}
	}
	if n.report.Users++; !whole {
		n.report.Refused++
	}
	return nil
}

// mostOutages is how many readings in a row may fail, each after all that Retry has tried, before the API counts as away
// and not as unable to tell of a single user, of whom four are made.
const mostOutages = 5

// theirs tells whether an error may concern one user only, who then does not keep others from being read.
func (n *reconciliation) theirs(err error) bool {
	if errors.Is(err, mangopay.ErrUnavailable) {
		n.outages++
		return n.outages < mostOutages
	}
	for _, e := range []error{
		mangopay.ErrNotFound, mangopay.ErrSCA, mangopay.ErrParam, mangopay.ErrID, mangopay.ErrUnreadable, mangopay.ErrForbidden,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// ask asks the API at the pace of the quota.
func ask[T any](ctx context.Context, n *reconciliation, id string, get func(context.Context, string) (mangopay.Answer[T], error)) (a mangopay.Answer[T], err error) {
	r := &run{cfg: Config{Retry: n.Retry}}
	err = r.attempt(ctx, func() error {
		if err := n.Pace(ctx); err != nil {
			return err
		}
		n.report.Calls++
		if a, err = get(ctx, id); err == nil {
			n.outages = 0
		}
		return err
	})
	return a, err
}

// known is what the read model holds of a resource; nothing where it never heard of it.
func known[V any](ctx context.Context, from projections.Reader[V], id string) (V, error) {
	v, err := from.Get(ctx, id)
	if errors.Is(err, projections.ErrUnknown) {
		err = nil
	}
	return v.Value, err
}

// region is what one machine publishes and what the API says of it.
type region struct {
	machine, published, said string
	backed                   bool
}

// observe appends an observation of a resource if one of its machines learns by it.
func (n *reconciliation) observe(ctx context.Context, ref events.Ref, at time.Time, attributes map[string]string, regions ...region) error {
	said, news := events.Reading{Values: map[string]string{}, Attributes: map[string]string{}}, false
	for _, r := range regions {
		if r.said != "" {
			said.Values[r.machine] = r.said
			news = news || r.said != r.published || !r.backed
		}
	}
	for name, value := range attributes {
		if value != "" {
			said.Attributes[name] = value
		}
	}
	if !news {
		return nil
	}
	data, err := events.Canonical(said)
	if err != nil {
		return err
	}
	e := events.Event{Type: events.Observed, Ref: ref, Date: at.Unix(), Data: data}
	r := &run{cfg: Config{Retry: n.Retry}}
	err = r.attempt(ctx, func() error { _, err := n.Log.Append(ctx, e); return err })
	if err == nil {
		n.report.Appended++
	}
	return err
}
