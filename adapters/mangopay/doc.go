// Package mangopay asks the payment provider Mangopay, whose notifications prove nothing (S4: "trigger a GET call on the
// relevant API object" to see that an event is still relevant and authentic).
//
// Its [Client] reads the objects that notifications name and keeps hooks. What it returns is what Hookfold may know:
// statuses, types, identifiers and dates. Names, birth dates, addresses and company data of the provider's objects are not
// even decoded, so that they cannot reach the log.
package mangopay
