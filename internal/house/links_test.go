package house

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mostDependencies is how many other modules ours may name: the default answer to one more is no.
const mostDependencies = 15

// linked returns what a package reaches of the packages that it must not, each with all below it.
func linked(p pkg, forbidden ...string) []string {
	var list []string
	for _, dep := range p.Deps {
		for _, f := range forbidden {
			if dep == f || strings.HasPrefix(dep, f+"/") {
				list = append(list, dep)
			}
		}
	}
	return list
}

func TestTheBinaryLinksNoTestCode(t *testing.T) {
	t.Parallel()
	assert.Empty(t, linked(one(t, "cmd/hookfold"), "testing", "github.com/stretchr/testify", "pgregory.net/rapid", "go.uber.org/goleak"))
}

func TestWhoEmbedsTheStreamLinksNoServer(t *testing.T) {
	t.Parallel()
	assert.Empty(t, linked(one(t, "adapters/jetstream"), "github.com/nats-io/nats-server"))
}

// knowLooplab may import looplab/fsm: fsm/live for its users; proptest as an oracle that knows nothing of ours; and the
// benchmarks, because the projector that one writes without us must go straight to the library, or we would measure ourselves.
var knowLooplab = []string{"fsm/live", "proptest", "cmd/hookfold/internal/bench"}

func TestOnlyFewKnowLooplab(t *testing.T) {
	t.Parallel()
	const looplab = "github.com/looplab/fsm"
	for _, p := range own(t) {
		if !slices.Contains(knowLooplab, p.short()) {
			assert.NotContains(t, p.Imports, looplab, p.short())
		}
		if layer(p.short()) == "fsm" && p.short() != "fsm/live" {
			assert.Empty(t, linked(p, looplab), p.short())
		}
	}
}

func TestForbiddenLinksAreSeen(t *testing.T) {
	t.Parallel()
	p := pkg{Deps: []string{"testing", "testing/quick", "testingx", "github.com/nats-io/nats-server/v2/server", "github.com/nats-io/nats.go"}}
	assert.Equal(t, []string{"testing", "testing/quick"}, linked(p, "testing"))
	assert.Equal(t, []string{"github.com/nats-io/nats-server/v2/server"}, linked(p, "github.com/nats-io/nats-server"))
	assert.Empty(t, linked(p, "pgregory.net/rapid"))
}

// requirement is one line of go.mod.
type requirement struct {
	Path     string
	Indirect bool
}

// direct returns the modules that go.mod, rendered as JSON, names for our own imports.
func direct(mod []byte) ([]string, error) {
	var file struct{ Require []requirement }
	if err := json.Unmarshal(mod, &file); err != nil {
		return nil, err
	}
	var list []string
	for _, r := range file.Require {
		if !r.Indirect {
			list = append(list, r.Path)
		}
	}
	return list, nil
}

func TestFewDependencies(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = root
	mod, err := cmd.Output()
	require.NoError(t, err)
	list, err := direct(mod)
	require.NoError(t, err)
	assert.NotEmpty(t, list, "tests alone need one")
	assert.LessOrEqual(t, len(list), mostDependencies, "%v", list)
}

func TestDirectDependenciesAreCounted(t *testing.T) {
	t.Parallel()
	list, err := direct([]byte(`{"Require":[{"Path":"a","Version":"v1"},{"Path":"b","Indirect":true},{"Path":"c"}]}`))
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "c"}, list)
	_, err = direct([]byte(`module x`))
	assert.Error(t, err)
}
