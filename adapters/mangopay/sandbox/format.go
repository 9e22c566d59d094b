package sandbox

import "regexp"

// formatRoutes are small endpoints that SDKs ask beside the others.
var formatRoutes = []route{
	{"POST /users/data-formats/validation", (*call).validateFormat},
	{"GET /users/{user}/emoney/{year}", (*call).viewEMoney},
	{"GET /users/{user}/emoney/{year}/{month}", (*call).viewEMoney},
}

// companyNumber is what the sandbox takes for one, whatever the country.
var companyNumber = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z .-]{3,}$`)

// formatBody is a company number and whether it looks like one.
type formatBody struct {
	CompanyNumber   text     `json:"CompanyNumber"`
	CountryCode     string   `json:"CountryCode"`
	IsValid         *bool    `json:"IsValid"`
	ValidationRules []string `json:"ValidationRules"`
}

// validateFormat tells whether a company number looks like one.
func (c *call) validateFormat() (reply, error) {
	var w struct {
		CompanyNumber *formatBody `json:"CompanyNumber"`
	}
	if err := c.read(&w); err != nil {
		return reply{}, err
	}
	b := w.CompanyNumber
	switch {
	case b == nil || b.CompanyNumber == "":
		return reply{}, badParam("CompanyNumber", "The CompanyNumber field is required.")
	case len(b.CountryCode) != 2:
		return reply{}, badParam("CompanyNumber.CountryCode", "The CountryCode field is required.")
	}
	valid := companyNumber.MatchString(string(b.CompanyNumber))
	b.IsValid, b.ValidationRules = &valid, []string{companyNumber.String()}
	return ok(w)
}

// viewEMoney says that no electronic money was issued: the sandbox does not keep account of it.
func (c *call) viewEMoney() (reply, error) {
	u, err := c.userOf("")
	if err != nil {
		return reply{}, err
	}
	none := funds{Currency: "EUR"}
	if currency := c.query.Get("currency"); currency != "" {
		none.Currency = currency
	}
	return ok(map[string]any{"UserId": u.id, "CreditedEMoney": none, "DebitedEMoney": none})
}
