package bench

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNumbersAreShownWithThreeDigitsThatCount(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0", 0.034: "0.034", 0.9345: "0.93", 1: "1", 1.5: "1.50", 12.94: "12.9", 99.94: "99.9", 99.96: "100", 634.4: "634", 2066: "2066",
		9999: "9999", 10_000: "10k", 19_950: "19.9k", 634_049: "634k", 999_499: "999k", 999_500: "1M", 1.00003: "1", 0.00001: "0", 1_530_000: "1.53M", 30: "30",
		math.NaN(): "",
	} {
		assert.Equal(t, want, short(v), "%v", v)
	}
}

func TestAMedianComesWithItsRange(t *testing.T) {
	t.Parallel()
	assert.InDelta(t, 3, Median([]float64{5, 1, 3}), 0)
	assert.InDelta(t, 2.5, Median([]float64{4, 1, 3, 2}), 0)
	assert.True(t, math.IsNaN(Median(nil)))
	assert.Equal(t, "3 (1–5)", Range([]float64{5, 1, 3}))
	assert.Equal(t, "7", Range([]float64{7}))
	assert.Equal(t, "1", Range([]float64{1, 1.001, 1.002}))
	assert.Empty(t, Range(nil))
}

// sample is a table with a baseline and figures that reach all, some and none of their targets.
func sample() Table {
	both := []Target{{Column: "÷ raw", AtLeast: 0.9}, {Column: "ns", AtMost: 300}}
	return Table{Name: "s", Title: "Sample", Note: "How.", Columns: []string{"÷ raw", "ns"}, Figures: []Figure{
		{Case: "raw", What: "baseline", Values: [][]float64{{1}, nil}},
		{Case: "good", What: "both", Targets: both, Values: [][]float64{{0.8, 0.897, 0.95}, {300}}},
		{Case: "half", What: "one", Targets: both, Values: [][]float64{{0.91}, {301}}},
		{Case: "bad", What: "none", Targets: both, Values: [][]float64{{0.1}, nil}},
		{Case: "gone", What: "nothing", Targets: both, Missing: "give it"},
	}}
}

func TestATargetIsReachedByTheMedianAsItIsShown(t *testing.T) {
	t.Parallel()
	s := sample()
	var reached []string
	for _, f := range s.Figures {
		reached = append(reached, s.reached(f))
	}
	assert.Equal(t, []string{"", "yes", "not ns", "no", "not measured"}, reached)
	assert.Equal(t, "÷ raw ≥ 0.90, ns ≤ 300", targets(s.Figures[1].Targets))
	assert.Equal(t, []Target{{Column: "ns", AtMost: 300}}, s.Missed(s.Figures[2]))
}

func TestTheReportIsTheSameInEveryForm(t *testing.T) {
	t.Parallel()
	r := Report{Machine: Machine{System: "os/cpu", Cores: 2, Go: "go1", Transport: TCP, Rounds: 3, Date: "2026-01-02"}, Tables: []Table{sample()}}
	var text, lines strings.Builder
	require.NoError(t, r.WriteText(&text))
	require.NoError(t, r.WriteJSON(&lines))
	assert.Contains(t, text.String(), "s: Sample\n")
	assert.Regexp(t, `(?m)^good +both +0\.90 \(0\.80–0\.95\) +300 +÷ raw ≥ 0\.90, ns ≤ 300 +yes$`, text.String())

	markdown := r.Markdown()
	assert.Contains(t, markdown, "| case | what | ÷ raw | ns | hold at least | reached |\n| --- | --- | --- | --- | --- | --- |\n| raw | baseline | 1 |  |  |  |\n")
	assert.Contains(t, markdown, "| good | both | 0.90 (0.80–0.95) | 300 | ÷ raw ≥ 0.90, ns ≤ 300 | yes |\n")

	all := strings.Split(strings.TrimSpace(lines.String()), "\n")
	require.Len(t, all, 6, "the machine and five figures")
	assert.Contains(t, all[5], `"what":"nothing (not measured: give it)","values":{},`)
	assert.Contains(t, all[5], `"reached":"not measured"`)
	var good map[string]any
	require.NoError(t, json.Unmarshal([]byte(all[2]), &good))
	assert.Equal(t, map[string]any{
		"table": "s", "case": "good", "what": "both", "reached": "yes", "targets": []any{"÷ raw ≥ 0.90", "ns ≤ 300"},
		"values": map[string]any{
			"÷ raw": map[string]any{"median": 0.897, "rounds": []any{0.8, 0.897, 0.95}},
			"ns":    map[string]any{"median": 300.0, "rounds": []any{300.0}},
		},
	}, good)
}

func TestAReportTakesThePlaceOfTheOneBefore(t *testing.T) {
	t.Parallel()
	old := "# Title\n\n" + Report{}.Markdown() + "\nprose\n"
	before, report, after, err := Split(old)
	require.NoError(t, err)
	assert.Equal(t, old, before+report+after)
	assert.Equal(t, Report{}.Markdown(), report)
	assert.Equal(t, "\nprose\n", after)
	for _, document := range []string{"", beginMark, endMark, endMark + beginMark} {
		_, _, _, err := Split(document)
		require.ErrorIs(t, err, ErrMarks, "%q", document)
	}
}
