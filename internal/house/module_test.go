package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// module is our module path, root its directory as seen from this package.
const (
	module = "github.com/hookfold/hookfold"
	root   = "../.."
)

// required are the packages that readers and the other checks rely on. Whoever removes or renames one changes this list
// too, so that no check goes quiet because what it looked at is gone.
var required = []string{
	"events", "events/mangopay",
	"fsm", "fsm/hook", "fsm/idv", "fsm/live", "fsm/user",
	"projections", "projections/views",
	"adapters/jetstream", "adapters/jetstream/embedded", "adapters/lines", "adapters/listen", "adapters/mangopay", "adapters/mangopay/backfill", "adapters/mangopay/confirm", "adapters/mangopay/hookcare", "adapters/mangopay/sandbox", "adapters/mangopay/sandbox/scenario", "adapters/mangopay/sandbox/sdk", "adapters/mangopay/sandbox/sender", "adapters/mangopay/sandbox/timeline", "adapters/metrics", "adapters/operate", "adapters/postgres", "adapters/readapi", "adapters/snapshot", "adapters/webhook",
	"proptest",
	"cmd/hookfold", "cmd/hookfold/internal/bench",
	"examples/kyc-documents",
	"internal/house", "internal/killtest", "internal/pgtest",
}

// pkg is what `go list` tells of a package.
type pkg struct {
	ImportPath string
	Dir        string
	Name       string
	Standard   bool
	DepOnly    bool
	Imports    []string
	Deps       []string
}

// short is the path inside the module; "." is its root.
func (p pkg) short() string { return short(p.ImportPath) }

func short(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

// ours tells whether an import path is of this module.
func ours(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

// load lists the packages of the module and all that they reach, once.
var load = sync.OnceValues(func() (map[string]pkg, error) {
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Dir,Name,Standard,DepOnly,Imports,Deps", "./...")
	cmd.Dir = root
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return nil, errors.Join(err, errors.New(problems.String()))
	}
	all := map[string]pkg{}
	for in := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := in.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all[p.ImportPath] = p
	}
})

// packages returns every package that `go list` knows, by import path.
func packages(t *testing.T) map[string]pkg {
	t.Helper()
	all, err := load()
	require.NoError(t, err)
	return all
}

// own returns the packages of this module in a fixed order.
func own(t *testing.T) []pkg {
	t.Helper()
	var list []pkg
	for _, p := range packages(t) {
		if ours(p.ImportPath) {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b pkg) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return list
}

// one returns the package at a path inside the module.
func one(t *testing.T, path string) pkg {
	t.Helper()
	p, stands := packages(t)[module+"/"+path]
	require.True(t, stands, "package %s is missing: the checks of it cannot run", path)
	return p
}

// source is one parsed Go file.
type source struct {
	path  string // inside the module, with slashes
	lines int
	set   *token.FileSet
	ast   *ast.File
}

// dir is the package's path inside the module.
func (s source) dir() string {
	if i := strings.LastIndexByte(s.path, '/'); i >= 0 {
		return s.path[:i]
	}
	return "."
}

// test tells whether the file is compiled for tests only.
func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// at says where a node stands.
func (s source) at(n ast.Node) string {
	p := s.set.Position(n.Pos())
	return p.String()
}

// parse reads one Go file from its text.
func parse(path, text string) (source, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.ParseComments|parser.SkipObjectResolution)
	return source{path: path, lines: strings.Count(text, "\n"), set: set, ast: file}, err
}

// files returns the paths of all files of the module that keep accepts, but nothing in hidden folders and testdata.
func files(t *testing.T, keep func(path string) bool) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") && inside != "." && inside != ".ci"
		switch {
		case d.IsDir() && (hidden || d.Name() == "testdata"):
			return filepath.SkipDir
		case !d.IsDir() && keep(filepath.ToSlash(inside)):
			list = append(list, filepath.ToSlash(inside))
		}
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, list)
	return list
}

// text reads one file of the module.
func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	require.NoError(t, err)
	return string(b)
}

// sources parses every Go file of the module.
func sources(t *testing.T) []source {
	t.Helper()
	var list []source
	for _, path := range files(t, func(p string) bool { return strings.HasSuffix(p, ".go") }) {
		s, err := parse(path, text(t, path))
		require.NoError(t, err)
		list = append(list, s)
	}
	return list
}

// sample parses a source that stands in a test.
func sample(t *testing.T, path, text string) source {
	t.Helper()
	s, err := parse(path, text)
	require.NoError(t, err)
	return s
}

// check runs a checker over every file and reports what it finds.
func check(t *testing.T, checker func(source) []string) {
	t.Helper()
	for _, s := range sources(t) {
		for _, problem := range checker(s) {
			t.Error(problem)
		}
	}
}

func TestEveryRequiredPackageStands(t *testing.T) {
	t.Parallel()
	for _, path := range required {
		_, stands := packages(t)[module+"/"+path]
		assert.True(t, stands, "package %s is missing", path)
	}
}
