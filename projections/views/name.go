package views

import (
	"strings"
	"unicode"
)

// notNames are values that S2 gives as examples of what the fake-name rule refuses, in lower case: keywords, gibberish,
// and the likes that forms and test suites leave behind.
var notNames = map[string]bool{
	"test": true, "undefined": true, "unknown": true, "null": true, "none": true, "n/a": true, "na": true,
	"aeofinzef": true, "ojenoiner": true, "firstname": true, "lastname": true, "asdf": true, "qwerty": true,
}

// fictitious are full names that S2 gives as examples.
var fictitious = map[string]bool{"homer simpson": true, "marilyn monroe": true}

// CheckName foretells the provider's fake-name rule (S2), which is active in Production only and whose error,
// fraud_policy, names no field: this one does. It refuses what is surely no name; what it lets pass the provider may
// still refuse. It keeps and logs nothing.
func CheckName(first, last string, production bool) Decision {
	if !production {
		return Decision{Allowed: true, Basis: Confirmed, Reason: "The fake-name rule is active in Production only."}
	}
	full := strings.ToLower(strings.TrimSpace(first) + " " + strings.TrimSpace(last))
	switch {
	case surelyNoName(first):
		return noName("FirstName")
	case surelyNoName(last):
		return noName("LastName")
	case fictitious[full]:
		return noName("FirstName and LastName")
	}
	return Decision{Allowed: true, Basis: Claimed, Reason: "The name looks like one; the provider decides."}
}

// noName refuses a field without repeating its value.
func noName(field string) Decision {
	return Decision{
		Basis: Confirmed, Code: CodeFraudPolicy, Field: field,
		Reason: "The fake-name rule refuses fictitious names, gibberish and keywords (S2): see " + field + ".",
	}
}

// surelyNoName tells values without any doubt: listed ones, ones without a letter, and one letter repeated.
func surelyNoName(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" || notNames[s] || !strings.ContainsFunc(s, unicode.IsLetter) {
		return true
	}
	r := []rune(s)
	return len(r) > 2 && strings.Count(s, string(r[0])) == len(r)
}
