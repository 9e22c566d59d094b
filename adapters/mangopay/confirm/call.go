package confirm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/events"
	provider "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections/views"
)

// caller makes the calls of jobs. It is safe for all goroutines.
type caller struct {
	api     API
	timeout time.Duration

	mu      sync.Mutex
	persons *memory[string] // person types by user, which never change
}

// What a call can come back with beside the errors of the client.
var (
	errOther   = errors.New("confirm: the API answered for another id than was asked for: look for a cache in between")
	errUndated = errors.New("confirm: the API does not know the resource, and it is not known when it said so")
)

// read makes the calls of a job, until the resource turns out not to be there or the API not to be well.
func (c *caller) read(ctx context.Context, j job) (got result) {
	for _, g := range j.calls {
		err := c.safely(ctx, g, j.ref.ID, &got)
		switch {
		case got.absent != 0 || got.nobody:
			return result{absent: got.absent, nobody: got.nobody, calls: got.calls}
		case err != nil:
			got.err = err
		}
		if wholly(err) {
			break
		}
	}
	return got
}

// safely makes one call, and turns a panic of the client into an error: the other resources go on.
func (c *caller) safely(ctx context.Context, g read, id string, got *result) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("confirm: the API client panicked (%T)", p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	switch g {
	case readUser:
		return c.user(ctx, id, got)
	case readSCA:
		return c.sca(ctx, id, got)
	case readRegulatory:
		return c.regulatory(ctx, id, got)
	case readSession:
		return c.session(ctx, id, got)
	default:
		return c.document(ctx, id, got)
	}
}

// user reads status, category and level.
func (c *caller) user(ctx context.Context, id string, got *result) error {
	got.calls++
	a, err := c.api.User(ctx, id)
	if err != nil {
		return got.gone(err)
	}
	u := a.Value
	if other(u.ID, id) {
		return errOther
	}
	c.remember(id, u.PersonType)
	got.add(a.At, map[string]string{
		provider.MachineStatus: u.Status, provider.MachineCategory: u.Category, provider.MachineKYC: u.KYCLevel,
	}, map[string]string{views.PersonType: u.PersonType, views.LegalPersonType: u.LegalPersonType})
	return nil
}

// sca reads whether a user is enrolled. The API has no status of a user who never began (404): then it is no.
func (c *caller) sca(ctx context.Context, id string, got *result) error {
	got.calls++
	a, err := c.api.ScaStatus(ctx, id)
	if errors.Is(err, mangopay.ErrID) {
		return got.gone(err)
	}
	if at, never := notFound(err); never {
		if err := c.exists(ctx, id, got); err != nil || got.absent != 0 || got.nobody {
			return err
		}
		a.At, err = at, nil
	}
	if err != nil {
		return err
	}
	got.add(a.At, map[string]string{provider.MachineSCA: strconv.FormatBool(a.Value.IsEnrolled)}, nil)
	return nil
}

// regulatory reads the blocks.
func (c *caller) regulatory(ctx context.Context, id string, got *result) error {
	got.calls++
	a, err := c.api.Regulatory(ctx, id)
	if _, nothing := notFound(err); nothing {
		return errors.Join(c.exists(ctx, id, got), err)
	}
	if err != nil {
		return got.gone(err)
	}
	got.add(a.At, map[string]string{
		provider.MachineInflows: block(a.Value.InflowsBlocked), provider.MachineOutflows: block(a.Value.OutflowsBlocked),
	}, nil)
	return nil
}

// exists reads a user of whom the API lacks a part, unless this job did: is it the part or the user that is not there?
func (c *caller) exists(ctx context.Context, id string, got *result) error {
	if len(got.said) > 0 {
		return nil
	}
	return c.user(ctx, id, got)
}

// session reads a session's status, whose it is and what kind of person that is.
func (c *caller) session(ctx context.Context, id string, got *result) error {
	got.calls++
	a, err := c.api.Session(ctx, id)
	if err != nil {
		return got.gone(err)
	}
	s := a.Value
	if other(s.ID, id) {
		return errOther
	}
	person, err := c.person(ctx, s.UserID, got)
	if err != nil {
		return err
	}
	attributes := map[string]string{views.UserID: s.UserID, views.PersonType: person, "checks": checks(s.Checks)}
	if s.Created != 0 {
		attributes[views.Created] = strconv.FormatInt(s.Created, 10)
	}
	got.add(a.At, map[string]string{provider.MachineSession: s.Status}, attributes)
	return nil
}

// document reads a document's status and whose it is.
func (c *caller) document(ctx context.Context, id string, got *result) error {
	got.calls++
	a, err := c.api.KYCDocument(ctx, id)
	if err != nil {
		return got.gone(err)
	}
	d := a.Value
	if other(d.ID, id) {
		return errOther
	}
	got.add(a.At, map[string]string{table[document].name: d.Status},
		map[string]string{views.UserID: d.UserID, "document_type": d.Type, "reason": d.Reason})
	return nil
}

// person finds a user's person type. Where the API does not tell, the session must do without.
func (c *caller) person(ctx context.Context, user string, got *result) (string, error) {
	if user == "" {
		return "", nil
	}
	if p, known := c.remembered(user); known {
		return p, nil
	}
	got.calls++
	a, err := c.api.User(ctx, user)
	switch {
	case wholly(err):
		return "", err
	case err != nil || other(a.Value.ID, user):
		return "", nil //nolint:nilerr // the session's own answer is good
	}
	c.remember(user, a.Value.PersonType)
	return a.Value.PersonType, nil
}

func (c *caller) remember(user, person string) {
	if person == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.persons.put(briefly(events.Ref{Kind: provider.KindUser, ID: user}), person)
}

func (c *caller) remembered(user string) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.persons.get(briefly(events.Ref{Kind: provider.KindUser, ID: user}))
}

// add takes an answer. What the API left empty it did not say.
func (got *result) add(at time.Time, values, attributes map[string]string) {
	for _, said := range []map[string]string{values, attributes} {
		for name, v := range said {
			if v == "" {
				delete(said, name)
			}
		}
	}
	got.said = append(got.said, answer{at: at.Unix(), values: values, attributes: attributes})
}

// gone takes note that the API does not know the resource, if that is what the error says. What cannot be an id is
// nobody's.
func (got *result) gone(err error) error {
	if errors.Is(err, mangopay.ErrID) {
		got.nobody = true
		return nil
	}
	at, is := notFound(err)
	if !is {
		return err
	}
	if at.IsZero() {
		return errUndated
	}
	got.absent = at.Unix()
	return nil
}

// notFound tells whether, and when, the API said that there is no such thing. It may also find that what it was asked for
// is not like an id (400, param_error): a call has no other parameter.
func notFound(err error) (at time.Time, is bool) {
	var e *mangopay.Error
	if !errors.As(err, &e) {
		return at, errors.Is(err, mangopay.ErrNotFound)
	}
	unlike := errors.Is(err, mangopay.ErrParam) && e.HTTPStatus == http.StatusBadRequest && e.Type == "param_error"
	return e.At, unlike || errors.Is(err, mangopay.ErrNotFound)
}

// other tells whether an answer names another resource.
func other(got, asked string) bool { return got != "" && got != asked }

// block is how a block is published.
func block(blocked bool) string {
	if blocked {
		return "BLOCKED"
	}
	return "UNBLOCKED"
}

// checks tells a session's checks by type, status and types of reasons; sorted, so that equal ones read the same.
func checks(cs []mangopay.Check) string {
	var out []string
	for _, c := range cs {
		line := c.Type + "=" + c.Status
		if len(c.Reasons) > 0 {
			line += ":" + strings.Join(slices.Sorted(slices.Values(c.Reasons)), "+")
		}
		out = append(out, line)
	}
	slices.SortFunc(out, cmp.Compare[string])
	return strings.Join(out, ";")
}
