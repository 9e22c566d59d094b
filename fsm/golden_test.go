package fsm_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/fsm/idv"
	"github.com/hookfold/hookfold/fsm/user"
)

var update = flag.Bool("update", false, "write the golden files anew")

// machines are the definitions of all machines of the provider, by the order of their names in the documents.
func machines() []*fsm.Definition {
	return []*fsm.Definition{
		idv.Machine.Definition(), user.StatusMachine.Definition(), user.CategoryMachine.Definition(),
		user.KYCMachine.Definition(), user.SCAMachine.Definition(), user.InflowsMachine.Definition(),
		user.OutflowsMachine.Definition(), hook.Machine.Definition(), hook.StatusMachine.Definition(),
	}
}

func TestRenderingsAreTheGoldenBytes(t *testing.T) {
	t.Parallel()
	for _, d := range machines() {
		for ext, got := range map[string][]byte{
			"txt": []byte(d.Text()), "mmd": []byte(d.Mermaid()), "dot": []byte(d.DOT()), "json": d.JSON(), "svg": []byte(d.SVG()),
		} {
			t.Run(d.Name+"."+ext, func(t *testing.T) {
				t.Parallel()
				golden(t, filepath.Join("testdata", d.Name+"."+ext), got)
			})
		}
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "if the change is meant: go test ./fsm -update")
}

func TestJSONHoldsEveryCellOncePerLine(t *testing.T) {
	t.Parallel()
	for _, d := range machines() {
		lines := bytes.Split(bytes.TrimSuffix(d.JSON(), []byte("\n")), []byte("\n"))
		require.Len(t, lines, len(d.Cells)+2, d.Name)
		var cells []struct{ State, Event, Verdict, Next, Guard, Reason string }
		require.NoError(t, json.Unmarshal(d.JSON(), &cells))
		require.Len(t, cells, len(d.Cells))
		for i, c := range d.Cells {
			require.Equal(t, []string{c.From, c.Event, c.Verdict.String(), c.Next, c.Guard, c.Reason},
				[]string{cells[i].State, cells[i].Event, cells[i].Verdict, cells[i].Next, cells[i].Guard, cells[i].Reason})
		}
		require.True(t, bytes.HasPrefix(lines[1], []byte(`{"state":"","event":"`)), "fixed key order: %s", lines[1])
	}
}

func TestTextFitsAHundredColumns(t *testing.T) {
	t.Parallel()
	for _, d := range machines() {
		for _, line := range strings.Split(d.Text(), "\n") {
			require.LessOrEqual(t, utf8.RuneCountInString(line), 100, "%s: %s", d.Name, line)
			require.Equal(t, strings.TrimRight(line, " "), line, "trailing blanks")
		}
	}
}

func TestRenderingsEscapeWhatTheFormatsKeepForThemselves(t *testing.T) {
	t.Parallel()
	m := fsm.Must[uint8](fsm.Spec[struct{}]{
		Name: "odd", States: []string{"end", "end_", "a+b", "a_b"}, Events: []string{`say "x": <go>; #1`},
		Cells: []fsm.Cell{
			{From: "", Event: `say "x": <go>; #1`, Verdict: fsm.First, Next: "end", Reason: "a < b & c"},
			{From: "end", Event: `say "x": <go>; #1`, Verdict: fsm.Applied, Next: "end_", Reason: "r"},
			{From: "end_", Event: `say "x": <go>; #1`, Verdict: fsm.Applied, Next: "a+b", Reason: "r"},
			{From: "a+b", Event: `say "x": <go>; #1`, Verdict: fsm.Applied, Next: "a_b", Reason: "r"},
			{From: "a_b", Event: `say "x": <go>; #1`, Verdict: fsm.Duplicate, Next: "a_b", Reason: "r"},
		},
	}).Definition()
	require.Equal(t, `stateDiagram-v2
    state "end" as end__
    state "a+b" as a_b_
    [*] --> end__: say #34;x#34;#58; <go>#59; #35;1
    end__ --> end_: say #34;x#34;#58; <go>#59; #35;1
    end_ --> a_b_: say #34;x#34;#58; <go>#59; #35;1
    a_b_ --> a_b: say #34;x#34;#58; <go>#59; #35;1
`, m.Mermaid())
	require.Contains(t, m.DOT(), `"a+b" -> "a_b" [label=" say \"x\": <go>; #1 \l"];`)
	require.Contains(t, m.SVG(), `<title>a+b × say &#34;x&#34;: &lt;go&gt;; #1: applied → a_b. r</title>`)
	require.Contains(t, string(m.JSON()), `"event":"say \"x\": <go>; #1"`)
	require.Contains(t, string(m.JSON()), `"reason":"a < b & c"`)
}
