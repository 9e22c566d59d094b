package sandbox

// pendingAction is where a user must go to act.
type pendingAction struct {
	RedirectURL string `json:"RedirectUrl"`
}

// head is what begins every shape of a user.
type head struct {
	ID           string `json:"Id"`
	CreationDate int64  `json:"CreationDate"`
	PersonType   string `json:"PersonType"`
}

// tail is what ends every shape of a user.
type tail struct {
	KYCLevel                       string `json:"KYCLevel"`
	TermsAndConditionsAccepted     bool   `json:"TermsAndConditionsAccepted"`
	TermsAndConditionsAcceptedDate *int64 `json:"TermsAndConditionsAcceptedDate"`
	UserCategory                   string `json:"UserCategory"`
	UserStatus                     string `json:"UserStatus"`
}

// naturalProofs and legalProofs are documents that the sandbox knows nothing of.
type naturalProofs struct {
	ProofOfIdentity *string `json:"ProofOfIdentity"`
	ProofOfAddress  *string `json:"ProofOfAddress"`
}

type legalProofs struct {
	ProofOfRegistration    *string `json:"ProofOfRegistration"`
	ShareholderDeclaration *string `json:"ShareholderDeclaration"`
	Statute                *string `json:"Statute"`
}

// The shapes of a natural and a legal user, with SCA and without.
type (
	naturalPlain struct {
		head
		natural
		naturalProofs
		tail
	}
	naturalSCA struct {
		naturalPlain
		PendingUserAction *pendingAction `json:"PendingUserAction"`
	}
	legalPlain struct {
		head
		flatLegal
		ProofOfIdentity                    *string `json:"ProofOfIdentity"`
		LegalRepresentativeProofOfIdentity *string `json:"LegalRepresentativeProofOfIdentity"`
		legalProofs
		tail
	}
	legalSCA struct {
		head
		legal
		legalProofs
		tail
		PendingUserAction *pendingAction `json:"PendingUserAction"`
	}
)

// row is a user in the list of users.
type row struct {
	head
	Tag   *string `json:"Tag"`
	Email string  `json:"Email"`
	tail
}

func (u user) head() head { return head{ID: u.id, CreationDate: u.created, PersonType: u.person} }

func (u user) tail() tail {
	return tail{
		KYCLevel: u.level, TermsAndConditionsAccepted: u.terms, TermsAndConditionsAcceptedDate: u.termsAt,
		UserCategory: u.category, UserStatus: u.status,
	}
}

// plain is the shape without SCA.
func (u user) plain() any {
	if u.person == personLegal {
		return legalPlain{head: u.head(), flatLegal: u.legal.flat(), tail: u.tail()}
	}
	return naturalPlain{head: u.head(), natural: u.natural, tail: u.tail()}
}

// sca is the shape with SCA. pending is nil but in answers to what triggers SCA: it is never shown again.
func (u user) sca(pending *pendingAction) any {
	if u.person == personLegal {
		return legalSCA{head: u.head(), legal: u.legal, tail: u.tail(), PendingUserAction: pending}
	}
	return naturalSCA{naturalPlain{head: u.head(), natural: u.natural, tail: u.tail()}, pending}
}

// row is the short shape.
func (u user) row() row {
	r := row{head: u.head(), Tag: u.natural.Tag, Email: u.natural.Email, tail: u.tail()}
	if u.person == personLegal {
		r.Tag, r.Email = u.legal.Tag, u.legal.Email
	}
	return r
}
