package views

import (
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/fsm/user"
	"github.com/hookfold/hookfold/projections"
)

// User is what is known of one user: six machines that know nothing of each other.
type User struct {
	Status     projections.Region `json:"status"`
	Category   projections.Region `json:"category"`
	KYC        projections.Region `json:"kyc"`
	SCA        projections.Region `json:"sca"`
	Inflows    projections.Region `json:"inflows"`
	Outflows   projections.Region `json:"outflows"`
	PersonType string             `json:"person_type,omitempty"` // NATURAL or LEGAL; only an observation tells
	LegalType  string             `json:"legal_type,omitempty"`  // LegalPersonType of a LEGAL user; only an observation tells
}

// LegalPersonType is the attribute of an observation that carries a legal user's type, e.g. BUSINESS.
const LegalPersonType = "legal_person_type"

var userMachines = projections.NewMachines(learnUser, meaning,
	projections.Follow(mangopay.MachineStatus, user.StatusMachine, func(u *User) *projections.Region { return &u.Status },
		projections.Ways[User, user.Status, struct{}]{Restrictive: user.StatusRestrictive}),
	projections.Follow(mangopay.MachineCategory, user.CategoryMachine, func(u *User) *projections.Region { return &u.Category },
		projections.Ways[User, user.Category, struct{}]{
			Restrictive: user.CategoryRestrictive,
			Renames:     map[string]string{"UNKNOWN": ""},
		}),
	projections.Follow(mangopay.MachineKYC, user.KYCMachine, func(u *User) *projections.Region { return &u.KYC },
		projections.Ways[User, user.KYC, struct{}]{
			Restrictive: user.KYCRestrictive,
			Value:       func(k user.KYC) string { level, _ := user.KYCLevel(k); return level },
			Observe:     user.ObserveKYC,
		}),
	projections.Follow(mangopay.MachineSCA, user.SCAMachine, func(u *User) *projections.Region { return &u.SCA },
		projections.Ways[User, user.SCA, struct{}]{Value: user.SCAEnrolled, Observe: user.ObserveSCA}),
	projections.Follow(mangopay.MachineInflows, user.InflowsMachine, func(u *User) *projections.Region { return &u.Inflows },
		projections.Ways[User, user.Block, struct{}]{Restrictive: user.BlockRestrictive}),
	projections.Follow(mangopay.MachineOutflows, user.OutflowsMachine, func(u *User) *projections.Region { return &u.Outflows },
		projections.Ways[User, user.Block, struct{}]{Restrictive: user.BlockRestrictive}),
)

// Users is the read model of users, keyed by user id.
var Users = projections.Model[User]{
	Name: "users", Version: 1, Kind: mangopay.KindUser,
	Key:      byKind(mangopay.KindUser),
	Apply:    userMachines.Apply,
	Values:   userMachines.Values,
	Backed:   userMachines.Backed,
	Document: func(v projections.View[User]) any { return userDocument(v) },
}

// learnUser takes what no machine holds.
func learnUser(u *User, m projections.Moment) {
	if len(m.Records) == 1 && m.Records[0].Event.Basis() == events.Claim {
		return
	}
	for _, r := range projections.Readings(m) {
		learn(&u.PersonType, r, PersonType)
		learn(&u.LegalType, r, LegalPersonType)
	}
}

// Known is what the user's machines publish.
type Known struct {
	Status        string // UserStatus; "" unknown
	Category      string // UserCategory; "" unknown
	KYCLevel      string // LIGHT or REGULAR; "" unknown
	RenewalDue    bool   // a KYC renewal was asked for
	Enrolled      string // "true", "false" or "" unknown
	LastAttempt   string // of SCA enrolment: SUCCEEDED, FAILED, EXPIRED; "" none known
	Inflows       string // BLOCKED, UNBLOCKED; "" unknown
	Outflows      string // BLOCKED, UNBLOCKED; "" unknown
	AnyAmbiguous  bool   // some machine has contending claims of one second
	BlocksBacking bool   // all known blocks are backed, and one is known (fold rule 18)
	SCABacking    bool   // the enrolment is known, as true or false, and backed
}

// Known tells what the user's machines publish.
func (u User) Known() Known {
	k := Known{
		Status: userMachines.Published(u, mangopay.MachineStatus), Category: userMachines.Published(u, mangopay.MachineCategory),
		KYCLevel: userMachines.Published(u, mangopay.MachineKYC), Enrolled: userMachines.Published(u, mangopay.MachineSCA),
		Inflows: userMachines.Published(u, mangopay.MachineInflows), Outflows: userMachines.Published(u, mangopay.MachineOutflows),
		LastAttempt: user.SCALastAttempt(user.SCA(u.SCA.State)),
	}
	_, due := user.KYCLevel(user.KYC(u.KYC.State))
	k.RenewalDue = due && u.KYC.Unknown == nil
	for _, r := range []projections.Region{u.Status, u.Category, u.KYC, u.SCA, u.Inflows, u.Outflows} {
		k.AnyAmbiguous = k.AnyAmbiguous || r.Ambiguous
	}
	known := k.Inflows != "" || k.Outflows != ""
	k.BlocksBacking = known && (k.Inflows == "" || sure(u.Inflows)) && (k.Outflows == "" || sure(u.Outflows))
	k.SCABacking = k.Enrolled != "" && sure(u.SCA)
	return k
}

// sure tells whether a region that is published as true or false is backed: a value that its machine does not know is
// neither, whoever said it.
func sure(r projections.Region) bool { return r.Backed && r.Unknown == nil }

// UserDocument is the JSON document of a user.
type UserDocument struct {
	Kind            string             `json:"kind"`
	ID              string             `json:"id"`
	Source          string             `json:"source"`
	UserStatus      string             `json:"user_status"`
	UserCategory    string             `json:"user_category"`
	KYCLevel        string             `json:"kyc_level"`
	KYCRenewalDue   bool               `json:"kyc_renewal_due"`
	SCAEnrolled     bool               `json:"sca_enrolled"`
	SCALastAttempt  string             `json:"sca_last_attempt"`
	InflowsBlocked  bool               `json:"inflows_blocked"`
	OutflowsBlocked bool               `json:"outflows_blocked"`
	Confirmed       Backed             `json:"confirmed"`
	Ambiguous       bool               `json:"ambiguous"`
	Conflicts       int                `json:"conflicts"`
	Gaps            int                `json:"gaps"`
	History         []projections.Line `json:"history"`
}

// Backed says which of a user's values an observation backs (law 8).
type Backed struct {
	Status   bool `json:"status"`
	Category bool `json:"category"`
	KYC      bool `json:"kyc"`
	SCA      bool `json:"sca"`
	Blocks   bool `json:"blocks"`
}

func userDocument(v projections.View[User]) UserDocument {
	u, k := v.Value, v.Value.Known()
	return UserDocument{
		Kind: v.Ref.Kind, ID: v.Ref.ID, Source: v.Ref.Source,
		UserStatus: k.Status, UserCategory: k.Category, KYCLevel: k.KYCLevel, KYCRenewalDue: k.RenewalDue,
		SCAEnrolled: k.Enrolled == "true", SCALastAttempt: k.LastAttempt,
		InflowsBlocked: k.Inflows == "BLOCKED", OutflowsBlocked: k.Outflows == "BLOCKED",
		Confirmed: Backed{
			Status: confirmed(u.Status, k.Status), Category: confirmed(u.Category, k.Category),
			KYC: confirmed(u.KYC, k.KYCLevel), SCA: k.SCABacking, Blocks: k.BlocksBacking,
		},
		Ambiguous: k.AnyAmbiguous, Conflicts: v.Conflicts, Gaps: v.Gaps, History: lines(v.History),
	}
}
