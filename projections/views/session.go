package views

import (
	"strconv"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/fsm/idv"
	"github.com/hookfold/hookfold/projections"
)

// Session is what is known of one identity verification session.
type Session struct {
	Status     projections.Region `json:"status"`
	PersonType string             `json:"person_type,omitempty"` // NATURAL or LEGAL; only an observation tells
	UserID     string             `json:"user_id,omitempty"`     // only an observation tells
	Created    int64              `json:"created,omitempty"`     // Unix seconds: CreationDate, else the first PENDING; 0 unknown
	Observed   bool               `json:"observed,omitempty"`    // Created is the provider's CreationDate
	Clock      int64              `json:"clock,omitempty"`       // newest tick or observation; claims tell no time
}

// Attributes of an observation, as events.Reading carries them.
const (
	PersonType = "person_type" // NATURAL or LEGAL
	UserID     = "user_id"
	Created    = "created" // CreationDate in Unix seconds
)

// natural is the person type of whom a session is never reviewed (S3).
const natural = "NATURAL"

var sessionMachines = projections.NewMachines(learnSession, meaning,
	projections.Follow(mangopay.MachineSession, idv.Machine, func(s *Session) *projections.Region { return &s.Status },
		projections.Ways[Session, idv.State, idv.Facts]{
			Facts:   func(s Session) idv.Facts { return idv.Facts{Natural: s.PersonType == natural} },
			Aliases: map[events.Type]events.Type{mangopay.IdentityVerificationTimeout: mangopay.IdentityVerificationExpired},
			Renames: map[string]string{"OUTDATED": "OUT_OF_DATE", "TIMEOUT": "EXPIRED"},
			Rank:    idv.Rank,
		}),
)

// Sessions is the read model of identity verification sessions, keyed by session id.
var Sessions = projections.Model[Session]{
	Name: "idv-sessions", Version: 1, Kind: mangopay.KindSession,
	Key:      byKind(mangopay.KindSession),
	Apply:    sessionMachines.Apply,
	Values:   sessionMachines.Values,
	Backed:   sessionMachines.Backed,
	Index:    func(s Session) map[string]string { return keys("user", s.UserID) },
	Document: func(v projections.View[Session]) any { return sessionDocument(v) },

	IndexFields: map[string]string{"user": "user_id"},
}

// learnSession takes what no machine holds (fold rule 19).
func learnSession(s *Session, m projections.Moment) {
	for _, rec := range m.Records {
		switch rec.Event.Type {
		case mangopay.IdentityVerificationPending:
			if s.Created == 0 {
				s.Created = m.Time
			}
		case events.Tick, events.Observed:
			s.Clock = max(s.Clock, m.Time)
		}
	}
	for _, r := range projections.Readings(m) {
		learn(&s.PersonType, r, PersonType)
		learn(&s.UserID, r, UserID)
		if created, err := strconv.ParseInt(r.Attributes[Created], 10, 64); err == nil {
			s.Created, s.Observed = created, true
		}
	}
}

// learn takes an attribute where a reading holds it.
func learn(to *string, r events.Reading, name string) {
	if v := r.Attributes[name]; v != "" {
		*to = v
	}
}

// LinkExpired tells whether the hosted link has run out: PENDING, and someone who knows the time said so 24 h or more
// after the creation (S3: valid for 24 hours). It is a derived flag: a result may still arrive.
func (s Session) LinkExpired() bool {
	return s.Published() == "PENDING" && s.Created != 0 && s.Clock >= s.Created+int64(idv.LinkValidity.Seconds())
}

// Published is the session's Status as the provider names it; "" unknown.
func (s Session) Published() string { return sessionMachines.Published(s, mangopay.MachineSession) }

// SessionDocument is the JSON document of a session.
type SessionDocument struct {
	Kind        string             `json:"kind"`
	ID          string             `json:"id"`
	Source      string             `json:"source"`
	Status      string             `json:"status"`
	Since       int64              `json:"since"` // Unix seconds
	Confirmed   bool               `json:"confirmed"`
	UserID      string             `json:"user_id"`
	LinkExpired bool               `json:"link_expired"`
	Conflicts   int                `json:"conflicts"`
	Gaps        int                `json:"gaps"`
	History     []projections.Line `json:"history"`
}

func sessionDocument(v projections.View[Session]) SessionDocument {
	s := v.Value
	return SessionDocument{
		Kind: v.Ref.Kind, ID: v.Ref.ID, Source: v.Ref.Source,
		Status: s.Published(), Since: s.Status.Since, Confirmed: confirmed(s.Status, s.Published()),
		UserID: s.UserID, LinkExpired: s.LinkExpired(),
		Conflicts: v.Conflicts, Gaps: v.Gaps, History: lines(v.History),
	}
}
