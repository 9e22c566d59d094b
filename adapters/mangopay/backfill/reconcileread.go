package backfill

import (
	"context"
	"errors"
	"strconv"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections/views"
)

// state tells status, category and level of a user.
func (n *reconciliation) state(ctx context.Context, id string, a mangopay.Answer[mangopay.User]) error {
	v, err := known(ctx, n.users, id)
	if err != nil {
		return err
	}
	k, u := v.Known(), a.Value
	category := u.Category
	if category == "UNKNOWN" { // as nothing at all (fold rule 10)
		category = ""
	}
	return n.observe(ctx, n.ref(catalogue.KindUser, id), a.At,
		map[string]string{views.PersonType: u.PersonType, views.LegalPersonType: u.LegalPersonType},
		region{catalogue.MachineStatus, k.Status, u.Status, v.Status.Backed},
		region{catalogue.MachineCategory, k.Category, category, v.Category.Backed},
		region{catalogue.MachineKYC, k.KYCLevel, u.KYCLevel, v.KYC.Backed},
	)
}

// enrolment tells whether a user is enrolled. The provider holds nothing of one whose enrolment was never asked for.
func (n *reconciliation) enrolment(ctx context.Context, id string) error {
	a, err := ask(ctx, n, id, n.API.ScaStatus)
	var missing *mangopay.Error
	if errors.Is(err, mangopay.ErrNotFound) && errors.As(err, &missing) && !missing.At.IsZero() {
		a, err = mangopay.Answer[mangopay.ScaStatus]{At: missing.At}, nil
	}
	if err != nil {
		return err
	}
	v, err := known(ctx, n.users, id)
	if err != nil {
		return err
	}
	return n.observe(ctx, n.ref(catalogue.KindUser, id), a.At, nil,
		region{catalogue.MachineSCA, v.Known().Enrolled, strconv.FormatBool(a.Value.IsEnrolled), v.SCA.Backed})
}

// blocks tells whether money may come in and go out.
func (n *reconciliation) blocks(ctx context.Context, id string) error {
	a, err := ask(ctx, n, id, n.API.Regulatory)
	if err != nil {
		return err
	}
	v, err := known(ctx, n.users, id)
	if err != nil {
		return err
	}
	k := v.Known()
	return n.observe(ctx, n.ref(catalogue.KindUser, id), a.At, nil,
		region{catalogue.MachineInflows, k.Inflows, blocked(a.Value.InflowsBlocked), v.Inflows.Backed},
		region{catalogue.MachineOutflows, k.Outflows, blocked(a.Value.OutflowsBlocked), v.Outflows.Backed})
}

// blocked names a block as its machines do.
func blocked(is bool) string {
	if is {
		return "BLOCKED"
	}
	return "UNBLOCKED"
}

// list tells of all sessions of a user.
func (n *reconciliation) list(ctx context.Context, id, person string) error {
	a, err := ask(ctx, n, id, n.API.Sessions)
	if err != nil {
		return err
	}
	for _, row := range a.Value {
		v, err := known(ctx, n.sessions, row.ID)
		if err != nil {
			return err
		}
		n.report.Sessions++
		attributes := map[string]string{views.PersonType: person, views.UserID: id}
		if row.Created != 0 {
			attributes[views.Created] = strconv.FormatInt(row.Created, 10)
		}
		told := v.Status.Backed && v.UserID == id // else the session is not yet known to be the user's
		if err := n.observe(ctx, n.ref(catalogue.KindSession, row.ID), a.At, attributes,
			region{catalogue.MachineSession, v.Published(), row.Status, told}); err != nil {
			return err
		}
	}
	return nil
}

// ref names a resource of the source.
func (n *reconciliation) ref(kind, id string) events.Ref {
	return events.Ref{Source: n.Source, Kind: kind, ID: id}
}
