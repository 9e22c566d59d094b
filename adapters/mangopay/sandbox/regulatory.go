package sandbox

// regulatoryBody is what blocks a user, and when its verification must be renewed.
type regulatoryBody struct {
	ID             string         `json:"Id"`
	ActionCode     string         `json:"ActionCode"` // "" when nothing is blocked
	ScopeBlocked   scopeBlocked   `json:"ScopeBlocked"`
	KycInformation kycInformation `json:"KycInformation"`
}

type scopeBlocked struct {
	Inflows  bool `json:"Inflows"`
	Outflows bool `json:"Outflows"`
}

type kycInformation struct {
	LastKycDate        *int64 `json:"LastKycDate"`
	KycRenewalDeadline *int64 `json:"KycRenewalDeadline"`
}

func (c *call) viewRegulatory() (reply, error) {
	u, err := c.userOf("")
	if err != nil {
		return reply{}, err
	}
	return ok(regulatoryBody{
		ID: u.id, ActionCode: u.action, ScopeBlocked: scopeBlocked{u.inflows, u.outflows}, KycInformation: kycInformation{u.lastKYC, u.renewal},
	})
}
