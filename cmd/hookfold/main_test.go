package main

import (
	"bytes"
	"io"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain puts this very binary, with its race detector, into the PATH as hookfold, and as what some tests compare it to.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"hookfold": main, "hookfold-interval": intervalMain})
}

// result is what a command line gave.
type result struct {
	code     int
	out, err string
}

// call runs a command line in this process.
func call(t testing.TB, in io.Reader, args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	code := run(env{ctx: t.Context(), in: in, out: &out, err: &err}, args)
	return result{code, out.String(), err.String()}
}
