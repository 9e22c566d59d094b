package events

// Reading is the data of an [Observed] event: what the provider's API said of one resource. It holds statuses and
// types only, never personal data.
type Reading struct {
	// Missing tells that the API knows no such resource (404).
	Missing bool `json:"missing,omitempty"`
	// Values holds the value of every machine that was read, by the machine's name. Machines that were not read are absent.
	Values map[string]string `json:"values,omitempty"`
	// Attributes holds what else was read and never changes by a claim, such as "person_type".
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Attempt is the data of a delivery fact: one attempt, or an aggregate of failures that one replica answered.
type Attempt struct {
	At      int64  `json:"at"`                // Unix milliseconds; of the last one for an aggregate
	Replica string `json:"replica,omitempty"` // which of our receivers
	N       uint64 `json:"n,omitempty"`       // rises with every attempt or aggregate of a replica
	Count   int    `json:"count,omitempty"`   // how many; 0 means 1
	First   int64  `json:"first,omitempty"`   // Unix milliseconds, for an aggregate
}

// HookReading is the data of a [HookUpdated] event. Empty fields were not read.
type HookReading struct {
	At       int64  `json:"at"`          // Unix milliseconds: when the request started
	N        uint64 `json:"n,omitempty"` // tells two equal readings of one millisecond apart
	Replica  string `json:"replica,omitempty"`
	HookID   string `json:"hook_id,omitempty"`
	URL      string `json:"url,omitempty"`      // append it without its secret token, if at all
	Status   string `json:"status,omitempty"`   // ENABLED, DISABLED or what else the provider says
	Validity string `json:"validity,omitempty"` // VALID, INVALID or what else the provider says
}

// HookAlert is the data of a [HookAlerted] event.
type HookAlert struct {
	At       int64 `json:"at"`       // Unix milliseconds of the newest failure that was known
	Level    int   `json:"level"`    // the share of the hook's budget of failures that is spent, in percent: what was warned of
	Failures int   `json:"failures"` // consecutive failures that were known
}

// Skip is the data of a [Skipped] event. The event names the resource; its record is left out wherever the resource is
// folded, also where it could be folded today.
type Skip struct {
	Seq    uint64 `json:"seq"`              // log sequence of the record
	Reason string `json:"reason,omitempty"` // the operator's words, which stay in the log: no personal data
}

// Retry is the data of a [Retried] event.
type Retry struct {
	Seq uint64 `json:"seq,omitempty"` // log record at which the resource stood; 0: what was stored of it could not be read
	// Head is the newest log record when it was decided: whoever decides once more, however soon, says something new.
	Head uint64 `json:"head,omitempty"`
}
