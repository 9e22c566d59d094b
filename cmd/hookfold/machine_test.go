package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestContract_MachineShowListsEveryCellOnceWithItsReason(t *testing.T) {
	t.Parallel()
	for _, d := range machines() {
		r := call(t, nil, "machine", "show", d.Name, "--format", "json")
		require.Equal(t, exitDone, r.code, r.err)
		var cells []map[string]string
		require.NoError(t, json.Unmarshal([]byte(r.out), &cells))
		pairs, rows := map[[2]string]int{}, map[[3]string]int{}
		for _, c := range cells {
			require.Len(t, c, 6)
			pairs[[2]string{c["state"], c["event"]}]++
			rows[[3]string{c["state"], c["event"], c["guard"]}]++
			assert.NotEmpty(t, c["reason"], "%s: %v", d.Name, c)
			assert.Contains(t, d.States, c["state"])
			assert.Contains(t, d.States, c["next"])
			assert.Contains(t, d.Events, c["event"])
			assert.Contains(t, []string{"first", "applied", "duplicate", "gap", "conflict", "noted"}, c["verdict"])
			if c["verdict"] == "first" {
				assert.NotEmpty(t, c["next"], "%s: %v", d.Name, c)
			}
		}
		assert.Len(t, pairs, len(d.States)*len(d.Events), "%s: every state × event pair, also of nothing known", d.Name)
		assert.Len(t, rows, len(cells), "%s: no row twice", d.Name)
		for pair, n := range pairs {
			_, always := rows[[3]string{pair[0], pair[1], ""}]
			assert.Equal(t, map[bool]int{true: 1, false: 2}[always], n, "%s: %v", d.Name, pair)
		}
	}
}

func TestContract_EveryMachineShowsInEveryFormat(t *testing.T) {
	t.Parallel()
	for _, d := range machines() {
		for format, begins := range map[string]string{
			"text": "machine " + d.Name, "mermaid": "stateDiagram-v2\n", "dot": "digraph ", "svg": "<svg ", "json": "[\n",
		} {
			r := call(t, nil, "machine", "show", d.Name, "--format", format)
			assert.Equal(t, exitDone, r.code)
			assert.Contains(t, r.out[:40], begins, "%s as %s", d.Name, format)
			assert.Equal(t, r, call(t, nil, "machine", "show", d.Name, "--format="+format), "the same bytes every time")
		}
	}
}
