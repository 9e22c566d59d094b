// Package mangopay is what this provider says: its event types and what they mean ([Catalogue], [Lookup]), and its
// notifications ([Parse]): thin, unsigned GET requests of three query parameters (S4: "The notification is a GET HTTP
// call with query parameters").
//
// Nothing here is a closed list. An event type that the catalogue does not know is kept verbatim and has the kind
// [KindUnknown]; what cannot be read comes back as a [ParseError] that wraps one of the package's sentinels, so that a
// receiver can still answer 200: every other answer counts against a healthy hook (S4: "Notification retries and
// failure"). The package reads no clock and no network.
package mangopay

// Source is the default source of the events: one production client of this provider. A platform with several
// environments or clients gives each a source of its own, because a notification does not say which one it is from.
const Source = "mangopay"

// The kinds of resource that the machines speak of, and the kind of an event type that the catalogue does not know.
const (
	KindSession = "idv_session" // an identity verification session
	KindUser    = "user"        // a natural or legal user
	KindUnknown = "unknown"     // the event type is not in the catalogue
)

// The machines that event types belong to, as [Info.Machine] names them.
const (
	MachineSession  = "session"  // the state of an identity verification session
	MachineStatus   = "status"   // UserStatus
	MachineCategory = "category" // UserCategory
	MachineKYC      = "kyc"      // KYCLevel and whether its renewal is due
	MachineSCA      = "sca"      // enrolment in strong customer authentication
	MachineInflows  = "inflows"  // whether money may come in
	MachineOutflows = "outflows" // whether money may go out
)
