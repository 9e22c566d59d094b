package sdk

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The results of a test of an SDK. What is out of scope is a failure of a test that asked for what the sandbox leaves out.
const (
	passed, failed, skipped = "passed", "failed", "skipped"
	outOfScope              = "out of scope"
)

// ended is how one test of an SDK ended.
type ended struct {
	Service string // the file of the SDK's tests, such as "Users"
	Test    string
	Result  string
	Why     string // the first line of the failure; for what is out of scope, the part that it asked for
	At      int64  // Unix milliseconds, by the clock of this machine
}

// asked is a request for a part of the provider's API that the sandbox leaves out.
type asked struct {
	at   time.Time
	what string
}

// results reads one JSON object from each line.
func results(in io.Reader) ([]ended, error) {
	var list []ended
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e ended
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("%w in %q", err, lines.Text())
		}
		list = append(list, e)
	}
	return list, lines.Err()
}

// excuse marks the failures of tests that asked for what the sandbox leaves out. Tests run one after the other, so a
// request belongs to the first that ended after it; those that end at one instant failed together in what prepares them.
func excuse(list []ended, requests []asked) {
	from := int64(0)
	for i := 0; i < len(list); {
		j := i
		for j < len(list) && list[j].At == list[i].At {
			j++
		}
		what := within(requests, from, list[i].At)
		for k := i; k < j && what != ""; k++ {
			if list[k].Result == failed {
				list[k].Result, list[k].Why = outOfScope, what
			}
		}
		from, i = list[i].At, j
	}
}

// within names what was first asked for in a span of Unix milliseconds; "" for nothing.
func within(requests []asked, after, until int64) string {
	for _, r := range requests {
		if at := r.at.UnixMilli(); at >= after && at <= until {
			return r.what
		}
	}
	return ""
}

// tally counts results by service and result.
func tally(list []ended) map[string]map[string]int {
	counts := map[string]map[string]int{}
	for _, e := range list {
		for _, service := range []string{e.Service, "all"} {
			if counts[service] == nil {
				counts[service] = map[string]int{}
			}
			counts[service][e.Result]++
		}
	}
	return counts
}

// table renders a tally as Markdown, the sum at its end.
func table(counts map[string]map[string]int) string {
	var out strings.Builder
	out.WriteString("| service | passed | failed | out of scope | skipped |\n|---|---|---|---|---|\n")
	services := slices.DeleteFunc(slices.Sorted(maps.Keys(counts)), func(s string) bool { return s == "all" })
	for _, s := range append(services, "all") {
		c := counts[s]
		fmt.Fprintf(&out, "| %s | %d | %d | %d | %d |\n", s, c[passed], c[failed], c[outOfScope], c[skipped])
	}
	return out.String()
}

func TestAFailureIsExcusedByWhatItsTestAskedFor(t *testing.T) {
	t.Parallel()
	list := []ended{
		{Test: "a", Result: passed, At: 10}, {Test: "b", Result: failed, At: 20}, {Test: "c", Result: failed, Why: "true is not false", At: 30},
		{Test: "d", Result: failed, At: 40}, {Test: "e", Result: failed, At: 40}, {Test: "f", Result: passed, At: 50},
	}
	excuse(list, []asked{{time.UnixMilli(5), "cards"}, {time.UnixMilli(15), "pay-ins"}, {time.UnixMilli(16), "cards"}, {time.UnixMilli(35), "cards"}, {time.UnixMilli(45), "cards"}})
	assert.Equal(t, []ended{
		{Test: "a", Result: passed, At: 10}, {Test: "b", Result: outOfScope, Why: "pay-ins", At: 20}, {Test: "c", Result: failed, Why: "true is not false", At: 30},
		{Test: "d", Result: outOfScope, Why: "cards", At: 40}, {Test: "e", Result: outOfScope, Why: "cards", At: 40}, {Test: "f", Result: passed, At: 50},
	}, list)
}

func TestResultsAreReadAndCounted(t *testing.T) {
	t.Parallel()
	list, err := results(strings.NewReader(`{"service":"Users","test":"a","result":"passed","why":"","at":1}
{"service":"Hooks","test":"b","result":"failed","why":"no","at":2}
{"service":"Users","test":"c","result":"skipped","why":"","at":3}
`))
	require.NoError(t, err)
	assert.Equal(t, ended{Service: "Hooks", Test: "b", Result: failed, Why: "no", At: 2}, list[1])
	assert.Equal(t, strings.Join([]string{
		"| service | passed | failed | out of scope | skipped |", "|---|---|---|---|---|",
		"| Hooks | 0 | 1 | 0 | 0 |", "| Users | 1 | 0 | 0 | 1 |", "| all | 1 | 1 | 0 | 1 |", "",
	}, "\n"), table(tally(list)))
	_, err = results(strings.NewReader("no JSON\n"))
	assert.ErrorContains(t, err, "no JSON")
}
