package sandbox

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// text is a string that some SDKs send as a number.
type text string

// UnmarshalJSON takes a string or a number.
func (t *text) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && (data[0] == '-' || data[0] >= '0' && data[0] <= '9') {
		*t = text(data)
		return nil
	}
	return json.Unmarshal(data, (*string)(t))
}

// seconds is a Unix timestamp, negative before 1970, that some SDKs send with a fraction.
type seconds int64

// UnmarshalJSON takes any number.
func (s *seconds) UnmarshalJSON(data []byte) error {
	if whole, _, fraction := strings.Cut(string(data), "."); fraction {
		if n, err := strconv.ParseInt(whole, 10, 64); err == nil {
			*s = seconds(n)
			return nil
		}
	}
	return json.Unmarshal(data, (*int64)(s))
}

// flag is a boolean that an SDK sends as a number.
type flag bool

// UnmarshalJSON takes a boolean, 1 and 0, and each of them as a string.
func (f *flag) UnmarshalJSON(data []byte) error {
	switch string(bytes.Trim(data, `"`)) {
	case "1", "true":
		*f = true
	case "0", "false":
		*f = false
	default:
		return json.Unmarshal(data, (*bool)(f))
	}
	return nil
}

// address is a postal one; what is not known is null.
type address struct {
	AddressLine1 *string `json:"AddressLine1"`
	AddressLine2 *string `json:"AddressLine2"`
	City         *string `json:"City"`
	Region       *string `json:"Region"`
	PostalCode   *string `json:"PostalCode"`
	Country      *string `json:"Country"`
}

// known tells whether anything of an address is.
func (a address) known() bool { return a.AddressLine1 != nil || a.City != nil || a.Country != nil }

// identity is what is asked of a human being, whether that is a natural user or a legal representative.
type identity struct {
	FirstName          string   `json:"FirstName"`
	LastName           string   `json:"LastName"`
	Birthday           *seconds `json:"Birthday"`
	Nationality        *string  `json:"Nationality"`
	CountryOfResidence *string  `json:"CountryOfResidence"`
	PhoneNumber        *string  `json:"PhoneNumber"`
	PhoneNumberCountry *string  `json:"PhoneNumberCountry"`
	Email              string   `json:"Email"`
}

// natural is what a platform says of a natural user.
type natural struct {
	Tag *string `json:"Tag"`
	identity
	Occupation  *string         `json:"Occupation"`
	IncomeRange *json.Number    `json:"IncomeRange"`
	Birthplace  json.RawMessage `json:"Birthplace,omitempty"`
	Capacity    *string         `json:"Capacity"` // deprecated, and kept as it is given
	Address     address         `json:"Address"`
}

// legal is what a platform says of a legal user.
type legal struct {
	Tag                        *string  `json:"Tag"`
	Email                      string   `json:"Email"`
	Name                       string   `json:"Name"`
	LegalPersonType            string   `json:"LegalPersonType"`
	CompanyNumber              *text    `json:"CompanyNumber"`
	HeadquartersAddress        address  `json:"HeadquartersAddress"`
	LegalRepresentative        identity `json:"LegalRepresentative"`
	LegalRepresentativeAddress address  `json:"LegalRepresentativeAddress"`
}

// flatLegal is a legal user as the endpoints without SCA have it: the representative's data stand beside the user's.
type flatLegal struct {
	Tag                                   *string  `json:"Tag"`
	Email                                 string   `json:"Email"`
	Name                                  string   `json:"Name"`
	LegalPersonType                       string   `json:"LegalPersonType"`
	CompanyNumber                         *text    `json:"CompanyNumber"`
	HeadquartersAddress                   address  `json:"HeadquartersAddress"`
	LegalRepresentativeFirstName          string   `json:"LegalRepresentativeFirstName"`
	LegalRepresentativeLastName           string   `json:"LegalRepresentativeLastName"`
	LegalRepresentativeBirthday           *seconds `json:"LegalRepresentativeBirthday"`
	LegalRepresentativeNationality        *string  `json:"LegalRepresentativeNationality"`
	LegalRepresentativeCountryOfResidence *string  `json:"LegalRepresentativeCountryOfResidence"`
	LegalRepresentativeEmail              *string  `json:"LegalRepresentativeEmail"`
	LegalRepresentativeAddress            address  `json:"LegalRepresentativeAddress"`
}

// flat gives a legal user the shape without SCA.
func (l legal) flat() flatLegal {
	r := l.LegalRepresentative
	f := flatLegal{
		Tag: l.Tag, Email: l.Email, Name: l.Name, LegalPersonType: l.LegalPersonType, CompanyNumber: l.CompanyNumber,
		HeadquartersAddress: l.HeadquartersAddress, LegalRepresentativeFirstName: r.FirstName, LegalRepresentativeLastName: r.LastName,
		LegalRepresentativeBirthday: r.Birthday, LegalRepresentativeNationality: r.Nationality,
		LegalRepresentativeCountryOfResidence: r.CountryOfResidence, LegalRepresentativeAddress: l.LegalRepresentativeAddress,
	}
	if r.Email != "" {
		f.LegalRepresentativeEmail = &r.Email
	}
	return f
}

// over puts what the shape without SCA holds over a legal user.
func (f flatLegal) over(l legal) legal {
	r := &l.LegalRepresentative
	l.Tag, l.Email, l.Name, l.LegalPersonType, l.CompanyNumber = f.Tag, f.Email, f.Name, f.LegalPersonType, f.CompanyNumber
	l.HeadquartersAddress, l.LegalRepresentativeAddress = f.HeadquartersAddress, f.LegalRepresentativeAddress
	r.FirstName, r.LastName, r.Birthday = f.LegalRepresentativeFirstName, f.LegalRepresentativeLastName, f.LegalRepresentativeBirthday
	r.Nationality, r.CountryOfResidence = f.LegalRepresentativeNationality, f.LegalRepresentativeCountryOfResidence
	if f.LegalRepresentativeEmail != nil {
		r.Email = *f.LegalRepresentativeEmail
	}
	return l
}
