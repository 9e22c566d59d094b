package house

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The figures of the house.
const (
	longestFile     = 600 // lines
	longestFunction = 70  // lines, outside tests
)

// emptyNames say nothing of what a package is for.
var emptyNames = []string{"util", "utils", "common", "models", "pkg", "helpers", "misc", "base"}

// oversized finds files and functions over the figures and packages whose name says nothing.
func oversized(s source) []string {
	var problems []string
	if s.lines > longestFile {
		problems = append(problems, fmt.Sprintf("%s has %d lines: split it by idea, at most %d", s.path, s.lines, longestFile))
	}
	for name := range strings.SplitSeq(s.dir()+"/"+s.ast.Name.Name, "/") {
		if slices.Contains(emptyNames, strings.TrimSuffix(name, "_test")) {
			problems = append(problems, fmt.Sprintf("%s: the name %q says nothing: name the idea", s.path, name))
		}
	}
	for _, d := range s.ast.Decls {
		f, is := d.(*ast.FuncDecl)
		if !is || s.test() {
			continue
		}
		n := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1
		if n > longestFunction {
			problems = append(problems, fmt.Sprintf("%s: %s has %d lines: at most %d", s.at(f), f.Name.Name, n, longestFunction))
		}
	}
	return problems
}

// evasive finds tests that skip themselves or wait for time to pass.
func evasive(s source) []string {
	if !s.test() {
		return nil
	}
	var problems []string
	for _, used := range uses(s, "time", []string{"Sleep"}) {
		problems = append(problems, used+": a test waits for what it needs, not for time")
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		sel, is := n.(*ast.SelectorExpr)
		if !is || !slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) {
			return true
		}
		if x, is := sel.X.(*ast.Ident); is && slices.Contains([]string{"t", "b", "f", "tb", "rt"}, x.Name) {
			problems = append(problems, s.at(sel)+": a test that skips itself holds nothing")
		}
		return true
	})
	return problems
}

func TestTheFiguresOfTheHouseHold(t *testing.T) {
	t.Parallel()
	check(t, oversized)
}

func TestNoTestSkipsOrSleeps(t *testing.T) {
	t.Parallel()
	check(t, evasive)
}

func TestOversizeIsSeen(t *testing.T) {
	t.Parallel()
	lines := func(n int) string { return strings.Repeat("\n", n) }
	for name, c := range map[string]struct {
		path, code string
		problems   int
	}{
		"600 lines":          {"a/a.go", "package a" + lines(600), 0},
		"601 lines":          {"a/a.go", "package a" + lines(601), 1},
		"601 lines of tests": {"a/a_test.go", "package a" + lines(601), 1},
		"70 lines":           {"a/a.go", "package a\nfunc f() {" + lines(69) + "}", 0},
		"71 lines":           {"a/a.go", "package a\nfunc f() {" + lines(70) + "}", 1},
		"71 lines of a test": {"a/a_test.go", "package a\nfunc f() {" + lines(70) + "}", 0},
		"an empty folder":    {"a/common/a.go", "package a", 1},
		"an empty name":      {"a/b/a.go", "package util", 1},
		"an empty test name": {"a/b/a_test.go", "package util_test", 1},
		"a good name":        {"a/commons/a.go", "package utilities", 0},
	} {
		assert.Len(t, oversized(sample(t, c.path, c.code)), c.problems, name)
	}
}

func TestEvasionIsSeen(t *testing.T) {
	t.Parallel()
	for code, problems := range map[string]int{
		`import "time"; func f() { time.Sleep(1) }`:                    1,
		`import . "testing"; func f(t *T) { t.Skip() }`:                1,
		`import "testing"; func f(tb testing.TB) { tb.Skipf("") }`:     1,
		`import "testing"; func f(b *testing.B) { b.SkipNow() }`:       1,
		`import "time"; var x = time.Second; func f(d D) { d.Skip() }`: 0,
	} {
		assert.Len(t, evasive(sample(t, "a/a_test.go", "package a\n"+code)), problems, code)
		assert.Empty(t, evasive(sample(t, "a/a.go", "package a\n"+code)), code)
	}
}

// postponed matches the words by which work is put off in place; they are put together here so as not to match here.
var postponed = regexp.MustCompile(`\b(` + "TO" + "DO|FIX" + "ME|XX" + `X)\b`)

// written tells whether a file is text of ours.
func written(file string) bool {
	return file == ".ci/run" || slices.Contains([]string{".go", ".md", ".sh", ".yml", ".sql", ".html", ".css", ".js"}, path.Ext(file))
}

func TestNothingIsPutOffInPlace(t *testing.T) {
	t.Parallel()
	for _, file := range files(t, written) {
		assert.Empty(t, postponed.FindAllString(text(t, file), -1), file)
	}
}

func TestPutOffWorkIsSeen(t *testing.T) {
	t.Parallel()
	for words, seen := range map[string]bool{
		"// TO" + "DO: later": true, "FIX" + "ME": true, "(XX" + "X)": true,
		"XX" + "XL": false, "mastodon": false, "to" + "do": false,
	} {
		assert.Equal(t, seen, postponed.MatchString(words), words)
	}
	for file, is := range map[string]bool{"README.md": true, "a/b.go": true, ".ci/run": true, "LICENSE": false, "go.sum": false} {
		assert.Equal(t, is, written(file), file)
	}
}
