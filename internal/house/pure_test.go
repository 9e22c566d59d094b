package house

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The pure packages take the time, the network and every choice from their callers (law 1).
var (
	clocks  = []string{"Now", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Since", "Until"}
	outside = []string{"net", "net/http", "os", "os/exec", "os/signal", "syscall", "math/rand", "math/rand/v2", "crypto/rand"}
)

// pure tells whether a package is one of those.
func pure(dir string) bool {
	switch layer(dir) {
	case "events", "fsm", "projections":
		return dir != "fsm/live" // calls looplab, which calls back
	}
	return false
}

// impure finds in a file what a pure package must not have.
func impure(s source) []string {
	if !pure(s.dir()) || s.test() {
		return nil
	}
	var problems []string
	for _, spec := range s.ast.Imports {
		name := imported(spec)
		if slices.Contains(outside, name) {
			problems = append(problems, fmt.Sprintf("%s: %s is pure and must not import %s", s.at(spec), s.dir(), name))
		}
		if spec.Name != nil && spec.Name.Name == "." {
			problems = append(problems, fmt.Sprintf("%s: a dot import hides what is used of %s", s.at(spec), name))
		}
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		if g, is := n.(*ast.GoStmt); is {
			problems = append(problems, fmt.Sprintf("%s: %s is pure and starts no goroutine", s.at(g), s.dir()))
		}
		return true
	})
	for _, used := range uses(s, "time", clocks) {
		problems = append(problems, fmt.Sprintf("%s: %s is pure and reads no clock: time enters as an event", used, s.dir()))
	}
	return problems
}

// imported is the path of an import.
func imported(spec *ast.ImportSpec) string {
	name, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value
	}
	return name
}

// local is the name by which a file knows an imported package, or "".
func local(s source, want string) string {
	for _, spec := range s.ast.Imports {
		if imported(spec) != want {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(want)
	}
	return ""
}

// uses finds where a file uses one of the names of an imported package, called or not.
func uses(s source, of string, names []string) []string {
	known := local(s, of)
	if known == "" {
		return nil
	}
	var found []string
	ast.Inspect(s.ast, func(n ast.Node) bool {
		sel, is := n.(*ast.SelectorExpr)
		if !is || !slices.Contains(names, sel.Sel.Name) {
			return true
		}
		if x, is := sel.X.(*ast.Ident); is && x.Name == known {
			found = append(found, fmt.Sprintf("%s: %s.%s", s.at(sel), of, sel.Sel.Name))
		}
		return true
	})
	return found
}

func TestLaw1_ThePurePackagesHaveNoClockNetworkOrGoroutine(t *testing.T) {
	t.Parallel()
	check(t, impure)
}

func TestImpurityIsSeen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path, body string
		want       string
	}{
		"a clock":            {"events/a.go", `import "time"; var x = time.Now()`, "reads no clock"},
		"a clock as value":   {"projections/a.go", `import "time"; var x = time.Now`, "reads no clock"},
		"a renamed clock":    {"fsm/idv/a.go", `import w "time"; var x = w.Since`, "reads no clock"},
		"a dot import":       {"fsm/a.go", `import . "time"; var x = Now()`, "dot import"},
		"a goroutine":        {"projections/views/a.go", `func f() { go f() }`, "starts no goroutine"},
		"the network":        {"events/mangopay/a.go", `import _ "net/http"`, "must not import net/http"},
		"the system":         {"projections/a.go", `import "os"; var x = os.Args`, "must not import os"},
		"randomness":         {"fsm/hook/a.go", `import "math/rand/v2"; var x = rand.Int()`, "must not import math/rand/v2"},
		"good randomness":    {"events/a.go", `import "crypto/rand"; var x = rand.Reader`, "must not import crypto/rand"},
		"URLs are text":      {"events/mangopay/a.go", `import "net/url"; var x = url.Parse`, ""},
		"times are values":   {"projections/a.go", `import "time"; var x = time.Unix(0, 0)`, ""},
		"another's Now":      {"fsm/a.go", `type c struct{}; func (c) Now() {}; func f(time c) { time.Now() }`, ""},
		"tests may":          {"events/a_test.go", `import "time"; var x = time.Now()`, ""},
		"adapters may":       {"adapters/webhook/a.go", `import "time"; var x = time.Now()`, ""},
		"fsm/live may":       {"fsm/live/a.go", `func f() { go f() }`, ""},
		"a neighbour of fsm": {"fsmx/a.go", `func f() { go f() }`, ""},
	} {
		problems := strings.Join(impure(sample(t, c.path, "package a\n"+c.body)), "\n")
		if c.want == "" {
			assert.Empty(t, problems, name)
		} else {
			assert.Contains(t, problems, c.want, name)
		}
	}
}
