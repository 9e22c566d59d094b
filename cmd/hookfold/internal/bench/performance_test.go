package bench

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// performance reads PERFORMANCE.md.
func performance(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../../../../PERFORMANCE.md")
	require.NoError(t, err)
	return string(raw)
}

// parsed reads the tables of a report in Markdown: the cells of every row below its table's name, the head first.
func parsed(markdown string) map[string][][]string {
	tables, name := map[string][][]string{}, ""
	for line := range strings.Lines(markdown) {
		line = strings.TrimSpace(line)
		if head, is := strings.CutPrefix(line, "### "); is {
			name, _, _ = strings.Cut(head, ":")
		}
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") {
			continue
		}
		var row []string
		for cell := range strings.SplitSeq(strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|"), "|") {
			row = append(row, strings.TrimSpace(cell))
		}
		tables[name] = append(tables[name], row)
	}
	return tables
}

// where finds a column by its name.
func where(head []string, name string) int {
	for i, cell := range head {
		if cell == name {
			return i
		}
	}
	return -1
}

// stale says in what the tables of a document are not those that a run prints, values apart.
func stale(have, want map[string][][]string) []string {
	var problems []string
	for name, rows := range want {
		if len(have[name]) != len(rows) {
			problems = append(problems, name+" has other rows")
			continue
		}
		for i, row := range rows {
			for _, column := range []string{"case", "what", "hold at least"} {
				j := where(rows[0], column)
				if j >= 0 && (j >= len(have[name][i]) || have[name][i][j] != row[j]) {
					problems = append(problems, name+"/"+row[0]+" has another "+column)
				}
			}
		}
		if strings.Join(have[name][0], "|") != strings.Join(rows[0], "|") {
			problems = append(problems, name+" has other columns")
		}
	}
	for name := range have {
		if want[name] == nil {
			problems = append(problems, name+" is no table")
		}
	}
	return problems
}

// whole leaves nothing out, as the page must not.
var whole = Config{Postgres: "one"}

func TestPERFORMANCEmdHasTheTablesThatTheCommandPrints(t *testing.T) {
	t.Parallel()
	_, report, _, err := Split(performance(t))
	require.NoError(t, err)
	assert.Empty(t, stale(parsed(report), parsed(Plan(whole).Markdown())), "measure again as the page says")
	for _, k := range Plan(whole).Tables {
		assert.Contains(t, report, "\n"+k.Note+"\n", k.Name)
	}
}

func TestAStaleTableIsSeen(t *testing.T) {
	t.Parallel()
	fresh := Report{Tables: []Table{sample()}}
	change := func(do func(*Table)) []string {
		other := sample()
		do(&other)
		return stale(parsed(Report{Tables: []Table{other}}.Markdown()), parsed(fresh.Markdown()))
	}
	assert.Empty(t, change(func(*Table) {}))
	assert.Empty(t, change(func(s *Table) { s.Figures[1].Values = nil }), "values are of the day")
	assert.NotEmpty(t, change(func(s *Table) { s.Name = "other" }))
	assert.NotEmpty(t, change(func(s *Table) { s.Figures = s.Figures[1:] }))
	assert.NotEmpty(t, change(func(s *Table) { s.Figures[1].What = "another thing" }))
	assert.NotEmpty(t, change(func(s *Table) { s.Figures[1].Case = "another" }))
	assert.NotEmpty(t, change(func(s *Table) { s.Columns = []string{"÷ raw", "µs"}; s.Figures = s.Figures[:1] }))
	assert.NotEmpty(t, change(func(s *Table) { s.Figures[1].Targets = s.Figures[1].Targets[:1] }))
}

// explained matches the name of a figure of which a paragraph speaks: **`table/case`**
var explained = regexp.MustCompile("\\*\\*`([a-z]+/[A-Za-z0-9.-]+)`\\*\\*")

func TestPERFORMANCEmdSaysWhatStandsInTheWayOfEveryFigureThatIsNotReached(t *testing.T) {
	t.Parallel()
	_, report, after, err := Split(performance(t))
	require.NoError(t, err)
	known := names(Config{}.withDefaults())
	said := map[string]bool{}
	for _, m := range explained.FindAllStringSubmatch(after, -1) {
		said[m[1]] = true
		assert.Contains(t, known, m[1], "a paragraph on a figure that is not measured")
	}
	for name, rows := range parsed(report) {
		reached := where(rows[0], "reached")
		for _, row := range rows[1:] {
			if reached >= 0 && row[reached] != "" && row[reached] != "yes" {
				assert.True(t, said[name+"/"+row[0]], "%s/%s is not reached: say what stands in the way", name, row[0])
			}
		}
	}
}
