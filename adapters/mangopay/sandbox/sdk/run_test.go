package sdk

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The environment variables that ask for a run. Without them nothing is shown, and one line says so.
const (
	askNode    = "HOOKFOLD_SDK_NODE" // "1": the SDK and what it needs come from npm
	askPHP     = "HOOKFOLD_SDK_PHP"  // the folder of a checkout of the SDK; likewise the others
	askRuby    = "HOOKFOLD_SDK_RUBY"
	askPython  = "HOOKFOLD_SDK_PYTHON"
	askCommand = "HOOKFOLD_SDK_COMMAND" // a command of your own that finds SANDBOX_URL, and writes to SDK_RESULTS, in its environment
)

// asked for returns the value of an environment variable, and says so loudly where it is empty.
func askedFor(t *testing.T, variable, sdk string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" {
		t.Logf("NOT SHOWN: the sandbox against the official %s SDK: set %s, see README.md", sdk, variable)
	}
	return value
}

// here is this package's folder.
func here(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	require.NoError(t, err)
	return dir
}

// run runs a command beside a fresh sandbox and returns how its tests ended. What it prints is shown when it gives no results.
func run(t *testing.T, dir string, command ...string) []ended {
	t.Helper()
	p := start(t)
	file := filepath.Join(t.TempDir(), "results")
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SANDBOX_URL="+p.url, "SANDBOX_KEY="+apiKey, "SDK_RESULTS="+file, "SDK_CHECKOUT="+dir)
	out, err := cmd.CombinedOutput()
	written, openErr := os.Open(file)
	require.NoError(t, openErr, "no results; the command ended with %v and said:\n%s", err, out)
	defer written.Close()
	list, err := results(written)
	require.NoError(t, err)
	p.mu.Lock()
	defer p.mu.Unlock()
	excuse(list, p.asked)
	t.Logf("%d requests", p.calls)
	return list
}

// each runs a command for every file of an SDK's own tests, side by side, each beside a sandbox of its own.
func each(t *testing.T, dir string, files []string, command ...string) []ended {
	t.Helper()
	lists := make([][]ended, len(files))
	t.Run("files", func(t *testing.T) {
		for i, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				lists[i] = run(t, dir, append(slices.Clone(command), file)...)
			})
		}
	})
	return slices.Concat(lists...)
}

// report prints the figures, and every test that failed with its reason. Only what is out of scope may fail.
func report(t *testing.T, name string, list []ended) {
	t.Helper()
	all := tally(list)["all"]
	fmt.Printf("%s: %d tests passed, %d failed, %d out of scope, %d skipped\n%s", name, all[passed], all[failed], all[outOfScope], all[skipped], table(tally(list)))
	for _, e := range list {
		if e.Result == failed || e.Result == outOfScope {
			fmt.Printf("%s: %s: %s: %s\n", e.Result, e.Service, e.Test, e.Why)
		}
	}
	assert.Zero(t, all[failed], "failures of %s", name)
}

// files names the files of an SDK's own tests that are about what the sandbox serves.
func files(before, after, names string) []string {
	var list []string
	for name := range strings.FieldsSeq(names) {
		list = append(list, before+name+after)
	}
	return list
}

// installed copies the scripts for Node to a folder of the test and installs the SDK there.
func installed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(here(t), "node"))))
	npm := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = dir
	out, err := npm.CombinedOutput()
	require.NoError(t, err, "npm ci: %s", out)
	return dir
}

// TestTheNodeSDKBelievesTheSandbox runs checks of ours written with the SDK, and then the SDK's own tests.
func TestTheNodeSDKBelievesTheSandbox(t *testing.T) {
	if askedFor(t, askNode, "Node") == "" {
		return
	}
	dir := installed(t)
	checks := run(t, dir, "node", "run.js", "checks.js")
	report(t, "node SDK, our checks", checks)
	own := each(t, dir, files("node_modules/mangopay4-nodejs-sdk/test/services/", ".js",
		"RateLimit Tokens Users IdentityVerifications KycDocuments Hooks Events Wallets Transfers Idempotency Regulatory"), "node", "run.js")
	report(t, "node SDK, its own tests", own)
	assert.GreaterOrEqual(t, tally(checks)["all"][passed], 40, "checks of ours")
	assert.GreaterOrEqual(t, tally(own)["all"][passed], 72, "the SDK's own tests")
	fmt.Printf("node SDK: %d checks passed\n", tally(checks)["all"][passed]+tally(own)["all"][passed])
}

func TestThePHPSDKBelievesTheSandbox(t *testing.T) {
	if checkout := askedFor(t, askPHP, "PHP"); checkout != "" {
		report(t, "PHP SDK, its own tests", each(t, checkout, files("tests/Cases/", "Test.php",
			"Tokens Users IdentityVerification KycDocuments Hooks Events Wallets Transfers Idempotency RateLimit Regulatory"),
			"phpunit", "-c", filepath.Join(here(t), "php", "phpunit.xml")))
	}
}

func TestTheRubySDKBelievesTheSandbox(t *testing.T) {
	if checkout := askedFor(t, askRuby, "Ruby"); checkout != "" {
		report(t, "Ruby SDK, its own tests", each(t, checkout, files("spec/mangopay/", "_spec.rb",
			"authorization_token user identity_verification kyc_document hook event wallet transfer idempotency regulatory"),
			"rspec", "-I", "lib", "-r", filepath.Join(here(t), "ruby", "sandbox.rb"), "-f", "Results"))
	}
}

// The tests of one file expect that the account has what those of another have made.
func TestThePythonSDKBelievesTheSandbox(t *testing.T) {
	if checkout := askedFor(t, askPython, "Python"); checkout != "" {
		report(t, "Python SDK, its own tests", run(t, checkout, append([]string{"python3", filepath.Join(here(t), "python", "own.py")},
			files("", "", "tokens users identity_verification kyc_document wallets transfers idempotency")...)...))
	}
}

func TestAnSDKOfYourChoiceBelievesTheSandbox(t *testing.T) {
	if command := askedFor(t, askCommand, "other"); command != "" {
		report(t, "SDK, its own tests", run(t, here(t), "sh", "-c", command))
	}
}
