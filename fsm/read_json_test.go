package fsm_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/fsm"
)

// What JSON holds comes back: the same cells, and so the same JSON, arrows and pictures.
func TestReadJSONReadsWhatJSONWrote(t *testing.T) {
	t.Parallel()
	back := func(t require.TestingT, d *fsm.Definition) *fsm.Definition {
		read, err := fsm.ReadJSON(d.Name, d.JSON())
		require.NoError(t, err)
		require.Equal(t, string(d.JSON()), string(read.JSON()))
		require.Equal(t, d.Mermaid(), read.Mermaid())
		require.Empty(t, fsm.Diff(d, read).Cells)
		require.Equal(t, d.States, read.States)
		return read
	}
	for _, d := range machines() {
		require.Equal(t, d.Observed(), back(t, d).Observed(), d.Name)
	}
	rapid.Check(t, func(t *rapid.T) { back(t, anyMachine(t)) })
}

func TestReadJSONRefusesWhatIsNoTable(t *testing.T) {
	t.Parallel()
	whole := string(fsm.Must[uint8](turnstile()).Definition().JSON())
	for name, c := range map[string]struct{ json, want string }{
		"no JSON":    {"states: 3", "is not an array of cells"},
		"no array":   {`{"state":""}`, "is not an array of cells"},
		"no verdict": {strings.Replace(whole, `"first"`, `"perhaps"`, 1), `no verdict "perhaps"`},
		"no cells":   {"[]", "a machine needs at least one state and one event"},
		"a hole":     {`[{"state":"","event":"coin","verdict":"first","next":"OPEN","reason":"a"}]`, `names a state or event that is not listed`},
		"one side":   {strings.Replace(whole, `"guard":"!enough"`, `"guard":"enough"`, 1), "is declared twice"},
		"no reason":  {strings.Replace(whole, `"reason":"e"`, `"reason":""`, 1), "has no reason"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := fsm.ReadJSON("turnstile", []byte(c.json))
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "turnstile")
		})
	}
}
