package mangopay

import "github.com/hookfold/hookfold/events"

// The types of this file are what is read of the provider's JSON. What is not named here is not decoded: names, birth
// dates, addresses and company data stay where they are.

type wireUser struct {
	ID              text `json:"Id"`
	CreationDate    number
	PersonType      text
	LegalPersonType text
	UserStatus      text
	UserCategory    text
	KYCLevel        text
}

func (w wireUser) read(id string) (User, string) {
	return User{
		ID: string(w.ID), Created: int64(w.CreationDate), PersonType: string(w.PersonType), LegalPersonType: string(w.LegalPersonType),
		Status: string(w.UserStatus), Category: string(w.UserCategory), KYCLevel: string(w.KYCLevel),
	}, named(w.ID, id)
}

type wireScaStatus struct {
	UserStatus         text
	IsEnrolled         flag
	LastEnrollmentDate number
}

// read insists on IsEnrolled: what is not said must not become "not enrolled".
func (w wireScaStatus) read(string) (ScaStatus, string) {
	return ScaStatus{string(w.UserStatus), w.IsEnrolled.value, int64(w.LastEnrollmentDate)}, said(w.IsEnrolled.known, "IsEnrolled")
}

type wireRegulatory struct {
	ActionCode     text
	ScopeBlocked   struct{ Inflows, Outflows flag }
	KycInformation struct{ KycRenewalDeadline number }
}

// read insists on both flags: what is not said must not become "not blocked".
func (w wireRegulatory) read(string) (Regulatory, string) {
	blocked := w.ScopeBlocked
	return Regulatory{
		ActionCode: string(w.ActionCode), InflowsBlocked: blocked.Inflows.value, OutflowsBlocked: blocked.Outflows.value,
		RenewalDeadline: int64(w.KycInformation.KycRenewalDeadline),
	}, said(blocked.Inflows.known && blocked.Outflows.known, "ScopeBlocked")
}

type wireSession struct {
	ID           text `json:"Id"`
	UserID       text `json:"UserId"`
	Status       text
	CreationDate number
	LastUpdate   number
	Checks       array[wireCheck]
}

type wireCheck struct {
	CheckID     text `json:"CheckId"`
	Type        text
	CheckStatus text
	Reasons     array[struct{ Type text }]
}

func (w wireSession) read(id string) (Session, string) {
	s := Session{
		ID: string(w.ID), UserID: string(w.UserID), Status: string(w.Status), Created: int64(w.CreationDate), Updated: int64(w.LastUpdate),
	}
	for _, check := range w.Checks {
		c := Check{ID: string(check.CheckID), Type: string(check.Type), Status: string(check.CheckStatus)}
		for _, reason := range check.Reasons {
			c.Reasons = append(c.Reasons, string(reason.Type))
		}
		s.Checks = append(s.Checks, c)
	}
	return s, first(named(w.ID, id), said(w.Status != "", "Status"))
}

type wireSessionRow struct {
	ID           text `json:"Id"`
	Status       text
	CreationDate number
	LastUpdate   number
}

func (w wireSessionRow) row() (SessionRow, string) {
	return SessionRow{string(w.ID), string(w.Status), int64(w.CreationDate), int64(w.LastUpdate)}, string(w.ID)
}

type wireKYCDocument struct {
	ID                text `json:"Id"`
	UserID            text `json:"UserId"`
	Type              text
	Status            text
	RefusedReasonType text
}

func (w wireKYCDocument) read(id string) (KYCDocument, string) {
	return KYCDocument{
		ID: string(w.ID), UserID: string(w.UserID), Type: string(w.Type), Status: string(w.Status), Reason: string(w.RefusedReasonType),
	}, first(named(w.ID, id), said(w.Status != "", "Status"))
}

// wireEvent accepts both spellings of its id: events have ResourceId, notifications RessourceId.
type wireEvent struct {
	EventType   text
	ResourceID  text `json:"ResourceId"`
	RessourceID text `json:"RessourceId"`
	Date        number
}

func (w wireEvent) event() PastEvent {
	return PastEvent{events.Type(w.EventType), first(string(w.ResourceID), string(w.RessourceID)), int64(w.Date)}
}

type wireHook struct {
	ID           text `json:"Id"`
	URL          text `json:"Url"`
	Status       text
	Validity     text
	EventType    text
	Tag          text
	CreationDate number
}

func (w wireHook) hook() Hook {
	return Hook{
		ID: string(w.ID), URL: string(w.URL), Status: string(w.Status), Validity: string(w.Validity),
		EventType: events.Type(w.EventType), Tag: string(w.Tag), Created: int64(w.CreationDate),
	}
}

func (w wireHook) read(id string) (Hook, string) { return w.hook(), named(w.ID, id) }
func (w wireHook) row() (Hook, string)           { return w.hook(), string(w.ID) }

// named says what is wrong with an object that has another id than the one asked for, or none: its contents must not be
// taken for the other's. "" when all is well.
func named(got text, want string) string {
	if string(got) == want {
		return ""
	}
	return "its Id is not the one that was asked for"
}

// said says that a member is missing; "" when it is there.
func said(there bool, member string) string {
	if there {
		return ""
	}
	return "it does not say " + member
}

// first is the first of two texts that is not empty.
func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
