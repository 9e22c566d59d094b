// Package mangopay asks the payment provider Mangopay, whose notifications prove nothing (S4: "trigger a GET call on the
// relevant API object" to see that an event is still relevant and authentic).
//
// Its [Client] reads the objects that notifications name and keeps hooks. What it returns is what Hookfold may know:
// statuses, types, identifiers and dates. Names, birth dates, addresses and company data of the provider's objects are not
// even decoded, so that they cannot reach the log.
//
// Every [Answer] says at which instant, by the provider's clock, it was true or became so, and every failure is an [*Error]
// that says what to do. What the provider sends that no document mentions is kept verbatim where it is a value, such as a
// status, and left out where it is a member.
//
// Package confirm, below this one, turns what notifications claim into what the provider has said; package backfill brings in
// what notifications missed, and package hookcare keeps hooks alive. Package sandbox plays the provider for all of them.
//
// The client keeps the provider's rules by itself: TLS 1.2 and documented paths only (S0), one token at a time, the windows in
// which calls are counted, Retry-After, and a pause when the provider is not well. Nothing that is secret, and no free text
// of the provider, enters an error, a log line or an observation.
package mangopay
