package house

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// looks says which layers each layer may import: DESIGN section 1, one way only.
var looks = map[string]string{
	"events":      "events",
	"fsm":         "events fsm",
	"projections": "events fsm projections",
	"adapters":    "events fsm projections",          // and its own parent or child
	"proptest":    "events fsm projections proptest", // and adapters/lines, in which scenarios are written
	"cmd":         "events fsm projections adapters cmd",
	"examples":    "events fsm projections adapters",
	"internal":    "events", // what tests share
}

// layer is the first folder of a path inside the module.
func layer(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

// kin tells whether one of two packages is a folder above the other.
func kin(a, b string) bool {
	return strings.HasPrefix(a, b+"/") || strings.HasPrefix(b, a+"/")
}

// strayImport says why one package of the module must not import another; "" when it may.
func strayImport(from, to string) string {
	allowed, known := looks[layer(from)]
	switch {
	case !known:
		return fmt.Sprintf("%s belongs to no layer of the house: DESIGN section 1 has %d, none is called %q", from, len(looks), layer(from))
	case layer(from) == "adapters" && layer(to) == "adapters" && kin(from, to):
		return ""
	case layer(from) == "proptest" && to == "adapters/lines":
		return ""
	case !strings.Contains(" "+allowed+" ", " "+layer(to)+" "):
		return fmt.Sprintf("%s imports %s: the layer %q may import only %q", from, to, layer(from), allowed)
	}
	return ""
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	for _, p := range own(t) {
		assert.Contains(t, looks, layer(p.short()), "%s belongs to no layer of the house", p.short())
		for _, to := range p.Imports {
			if ours(to) {
				assert.Empty(t, strayImport(p.short(), short(to)))
			}
		}
	}
}

func TestStrayImportsAreSeen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		good     bool
	}{
		{"fsm/idv", "events/mangopay", true},
		{"projections/views", "fsm/user", true},
		{"adapters/webhook", "projections", true},
		{"adapters/jetstream/embedded", "adapters/jetstream", true},
		{"adapters/mangopay", "adapters/mangopay/sandbox", true},
		{"cmd/hookfold", "adapters/webhook", true},
		{"proptest", "fsm", true},
		{"proptest", "adapters/lines", true},
		{"events", "fsm", false},
		{"fsm", "projections", false},
		{"projections", "adapters/webhook", false},
		{"adapters/webhook", "adapters/jetstream", false},
		{"adapters/jet", "adapters/jetstream", false},
		{"adapters/a/x", "adapters/a/y", false},
		{"adapters/webhook", "cmd/hookfold", false},
		{"adapters/webhook", "proptest", false},
		{"proptest", "adapters/webhook", false},
		{"cmd/hookfold", "proptest", false},
		{"examples/kyc-documents", "adapters/readapi", true},
		{"examples/kyc-documents", "cmd/hookfold", false},
		{"adapters/readapi", "examples/kyc-documents", false},
		{"tools/gen", "events", false},
		{"internal/killtest", "events", true},
		{"internal/house", "projections", false},
	} {
		assert.Equal(t, c.good, strayImport(c.from, c.to) == "", "%s → %s", c.from, c.to)
	}
}

// strange returns what a package reaches beyond the standard library, the allowed packages of the module and their
// internal ones.
func strange(p pkg, all map[string]pkg, allowed ...string) []string {
	var list []string
	for _, dep := range p.Deps {
		if all[dep].Standard || dep == "C" || dep == "unsafe" {
			continue
		}
		fine := false
		for _, a := range allowed {
			fine = fine || dep == module+"/"+a || strings.HasPrefix(dep, module+"/"+a+"/internal/")
		}
		if !fine {
			list = append(list, dep)
		}
	}
	return list
}

func TestTheRootsReachNothingButThemselves(t *testing.T) {
	t.Parallel()
	for path, allowed := range map[string][]string{
		"events":      {"events", "events/members"},
		"fsm":         {"events", "fsm"},
		"projections": {"events", "events/members", "fsm", "projections"},
	} {
		assert.Empty(t, strange(one(t, path), packages(t), allowed...),
			"%s knows no provider and needs no other module", path)
	}
}

func TestStrangeDependenciesAreSeen(t *testing.T) {
	t.Parallel()
	all := map[string]pkg{"time": {Standard: true}}
	p := pkg{Deps: []string{"time", module + "/events", module + "/events/internal/x", module + "/events/mangopay", "example.com/x"}}
	assert.Equal(t, []string{module + "/events/mangopay", "example.com/x"}, strange(p, all, "events"))
}
