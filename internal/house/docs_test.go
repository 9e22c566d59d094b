package house

import (
	"fmt"
	"go/ast"
	"go/doc"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// undocumented finds the exported names of a file without a comment. Fields and the methods of interfaces are exempt.
func undocumented(s source) []string {
	if s.test() {
		return nil
	}
	var problems []string
	miss := func(n ast.Node, what, name string) {
		problems = append(problems, fmt.Sprintf("%s: %s %s has no comment", s.at(n), what, name))
	}
	for _, d := range s.ast.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && ast.IsExported(receiver(d, d.Name.Name)) {
				miss(d, "function", d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if name := bare(d, spec); name != "" {
					miss(spec, d.Tok.String(), name)
				}
			}
		}
	}
	return problems
}

// receiver is the name of a method's type, or otherwise for a plain function.
func receiver(f *ast.FuncDecl, otherwise string) string {
	if f.Recv == nil {
		return otherwise
	}
	name := otherwise
	ast.Inspect(f.Recv.List[0].Type, func(n ast.Node) bool {
		id, is := n.(*ast.Ident)
		if is {
			name = id.Name
		}
		return !is && name == otherwise // the first name: not a type parameter
	})
	return name
}

// bare returns the first exported name of a declaration that neither has a comment nor stands in a group with one.
func bare(d *ast.GenDecl, spec ast.Spec) string {
	switch v := spec.(type) {
	case *ast.TypeSpec:
		if v.Name.IsExported() && v.Doc == nil && (d.Doc == nil || d.Lparen.IsValid()) {
			return v.Name.Name
		}
	case *ast.ValueSpec:
		i := slices.IndexFunc(v.Names, (*ast.Ident).IsExported)
		if i >= 0 && v.Doc == nil && v.Comment == nil && d.Doc == nil {
			return v.Names[i].Name
		}
	}
	return ""
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	t.Parallel()
	check(t, undocumented)
}

func TestMissingCommentsAreSeen(t *testing.T) {
	t.Parallel()
	for code, good := range map[string]bool{
		"func F() {}":                                           false,
		"// F does.\nfunc F() {}":                               true,
		"func f() {}":                                           true,
		"type T int":                                            false,
		"// T is.\ntype T int":                                  true,
		"// Both.\ntype (\nT int\n)":                            false,
		"type (\n// T is.\nT int\n)":                            true,
		"type t int\nfunc (t) M() {}":                           true,
		"// T is.\ntype T int\nfunc (*T) M() {}":                false,
		"// T is.\ntype T[K any] int\nfunc (*T[K]) M() {}":      false,
		"// T is.\ntype T[K any] int\n// M.\nfunc (T[K]) M(){}": true,
		"var V int":                                             false,
		"var v, V int":                                          false,
		"var V int // says":                                     true,
		"// Group.\nvar (\nV int\nW int\n)":                     true,
		"const C = 1":                                           false,
		"const (\n// C is.\nC = 1\nD = 2\n)":                    false,
		"// T is.\ntype T struct{ F int }":                      true,
	} {
		assert.Equal(t, good, undocumented(sample(t, "events/a.go", "package a\n"+code+"\n")) == nil, code)
	}
	assert.Empty(t, undocumented(sample(t, "events/a_test.go", "package a\nfunc F() {}\n")))
}

// comments counts the package comments of every package.
func comments(all []source) map[string]int {
	count := map[string]int{}
	for _, s := range all {
		if s.test() {
			continue
		}
		n := 0
		if s.ast.Doc != nil {
			n = 1
		}
		count[s.dir()] += n
	}
	return count
}

func TestEveryPackageHasOnePackageComment(t *testing.T) {
	t.Parallel()
	for dir, n := range comments(sources(t)) {
		assert.Equal(t, 1, n, "package comments of %s", dir)
	}
}

func TestPackageCommentsAreCounted(t *testing.T) {
	t.Parallel()
	const with, without = "// Package a is.\npackage a\n", "// a licence\n\npackage a\n"
	assert.Equal(t, map[string]int{"a": 1, "b": 0, "c": 2}, comments([]source{
		sample(t, "a/a.go", with), sample(t, "a/b.go", without), sample(t, "a/a_test.go", with),
		sample(t, "b/b.go", without), sample(t, "c/a.go", with), sample(t, "c/b.go", with),
	}))
}

// library tells whether users import the package.
func library(p pkg) bool {
	return p.Name != "main" && !slices.Contains(strings.Split(p.ImportPath, "/"), "internal")
}

// examples counts, for every folder, the examples whose output is checked.
func examples(all []source) map[string]int {
	count := map[string]int{}
	for _, s := range all {
		if !s.test() {
			continue
		}
		for _, e := range doc.Examples(s.ast) {
			if e.Output != "" || e.EmptyOutput {
				count[s.dir()]++
			}
		}
	}
	return count
}

func TestEveryLibraryPackageShowsItselfByAnExample(t *testing.T) {
	t.Parallel()
	count := examples(sources(t))
	for _, p := range own(t) {
		if library(p) {
			assert.Positive(t, count[p.short()], "examples with checked output in %s", p.short())
		}
	}
}

func TestExamplesAreCountedWhenTheirOutputIsChecked(t *testing.T) {
	t.Parallel()
	example := func(path, output string) source {
		return sample(t, path, strings.Join([]string{"package a", "func ExampleF() {", "f()", output, "}", ""}, "\n"))
	}
	count := examples([]source{
		example("a/a_test.go", "// Output: x"), example("b/a_test.go", "// Output:"), example("c/a_test.go", ""), example("d/a.go", "// Output: x"),
	})
	assert.Equal(t, map[string]int{"a": 1, "b": 1}, count)
	assert.False(t, library(pkg{ImportPath: module + "/cmd/hookfold", Name: "main"}))
	assert.False(t, library(pkg{ImportPath: module + "/internal/house", Name: "house"}))
	assert.False(t, library(pkg{ImportPath: module + "/events/internal/x", Name: "x"}))
	assert.True(t, library(pkg{ImportPath: module + "/fsm", Name: "fsm"}))
}
