package projections

import "maps"

// QuarantineKey is the secondary key that stores keep of every resource that stands still, so that they are found without a
// look at all the others.
const (
	QuarantineKey   = "hookfold.parked"
	quarantineValue = "yes"
)

// quarantined adds the key to those of a row.
func quarantined(keys map[string]string) map[string]string {
	keys = maps.Clone(keys)
	if keys == nil {
		keys = map[string]string{}
	}
	keys[QuarantineKey] = quarantineValue
	return keys
}
