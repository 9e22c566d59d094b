package scenario_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/scenario"
)

// head is the beginning of every story of these tests: its steps begin at line 5.
const head = "Title\n\nWhat it tells.\n---\n"

func TestAStoryIsReadWithItsLines(t *testing.T) {
	t.Parallel()
	s, err := scenario.Parse("mine", head+strings.Join([]string{
		"# One sentence,", "# and its end.", `POST /users {"A": 1}`, "  # a remark", "  answers 200|201", "  keep a=Id", "",
		"# Lost: a blank line follows.", "", "repeat 2 sandbox POST users/$a", `  {"tag":`, `    "$i"}`, "finally", "expect user $a x=1",
	}, "\r\n"))
	require.NoError(t, err)
	assert.Equal(t, "Title", s.Title)
	assert.Equal(t, "What it tells.", s.Text)
	require.Len(t, s.Steps, 3)
	for i, want := range []struct {
		line       int
		says, text string
		last       bool
	}{
		{7, "One sentence, and its end.", "POST /users", false},
		{14, "", "repeat 2 sandbox POST users/$a", false},
		{18, "", "expect user $a x=1", true},
	} {
		got := s.Steps[i]
		assert.Equal(t, want.line, got.Line)
		assert.Equal(t, want.says, got.Says)
		assert.Equal(t, want.text, got.Text, "the first line without its body")
		assert.Equal(t, want.last, got.Last)
	}
}

func TestWhatIsWrongIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	for steps, want := range map[string]string{
		"":                                      "mine:5: the story has no steps",
		"JUMP /users":                           "mine:5: a step begins with GET, POST",
		"GET":                                   "mine:5: the path of a call begins with /",
		"GET users":                             "mine:5: the path of a call begins with /",
		"GET /users/../x":                       "mine:5: a path is words between slashes",
		"GET /users/%2e":                        "mine:5: a path is words between slashes",
		"GET /users/$":                          "mine:5: a $ stands before no name",
		"GET /users/${a":                        "mine:5: a $ stands before no name",
		"GET /users/$A":                         "mine:5: a $ stands before no name",
		"GET /users/$a":                         "mine:5: nothing before this step keeps $a",
		"GET /users/$i":                         "mine:5: nothing before this step keeps $i",
		"GET /a\n  keep a=Id\nGET /b/${a}$c":    "mine:7: nothing before this step keeps $c",
		`POST /a {"x": ["$a"]}`:                 "mine:5: nothing before this step keeps $a",
		"GET /a\n  with x=$a":                   "mine:5: nothing before this step keeps $a",
		"GET /a\n  with [x=$a].y=1":             "mine:5: nothing before this step keeps $a",
		"GET /a\n  keep b=[x=$a].y":             "mine:5: nothing before this step keeps $a",
		"expect user $a x=1":                    "mine:5: nothing before this step keeps $a",
		"operate backfill?since=$a":             "mine:5: nothing before this step keeps $a",
		"sandbox":                               "mine:5: a call begins with GET",
		"sandbox PATCH x":                       "mine:5: a call begins with GET",
		"sandbox POST":                          "mine:5: a path is words",
		"expect":                                "mine:5: expect takes user, session or hook",
		"expect wallet w x=1":                   "mine:5: expect takes user, session or hook",
		"expect user u":                         "mine:5: expect takes at least one field=value",
		"expect user u x":                       "mine:5: x: give field=value",
		"expect user u .x=1":                    "mine:5: .x=1: give field=value",
		"expect user u x..y=1":                  "mine:5: x..y=1: give field=value",
		"expect user u [x].y=1":                 "mine:5: [x].y=1: give field=value",
		`expect user u x="a b`:                  "mine:5: a quote is not closed",
		"expect user u x=1\n  with y=1":         "mine:6: only calls have lines under them",
		"repeat 2 expect user u x=1":            "mine:5: only calls are repeated",
		"operate a b":                           "mine:5: operate takes one action",
		"operate":                               "mine:5: a path is words",
		"repeat 1 GET /a":                       "mine:5: repeat takes a number from 2 to 1000",
		"repeat 1001 GET /a":                    "mine:5: repeat takes a number from 2 to 1000",
		"repeat x GET /a":                       "mine:5: repeat takes a number from 2 to 1000",
		"  GET /a":                              "mine:5: an indented line belongs to the step above it",
		"GET /a\n\n  with x=1":                  "mine:7: an indented line belongs to the step above it",
		"GET /a\n  wish x=1":                    "mine:6: under a call stand its body, answers, with and keep",
		"GET /a\n  answers":                     "mine:6: answers takes a status",
		"GET /a\n  answers 99":                  "mine:6: answers takes a status",
		"GET /a\n  answers 200|x":               "mine:6: answers takes a status",
		"GET /a\n  answers 200\n  answers 201":  "mine:7: answers stands once",
		"GET /a\n  keep A=Id":                   "mine:6: A=Id: give name=field",
		"GET /a\n  keep a=":                     "mine:6: a=: give name=field",
		"GET /a\n  keep client=Id":              "mine:6: $client has a meaning already",
		"GET /a\n  keep i=Id":                   "mine:6: $i has a meaning already",
		"POST /a {\"x\":":                       "mine:5: the body is not JSON",
		"POST /a {} {}":                         "mine:5: the body is not JSON: something stands behind it",
		"POST /a 12":                            "mine:5: the body is not JSON: give an object or a list",
		"POST /a {}\n  {}":                      "mine:6: a call has one body",
		"POST /a {\"x\": \"$\"}":                "mine:5: a $ stands before no name",
		"GET /a\n  with x=1 y\n  keep b=c.[d=e": "mine:6: y: give field=value",
	} {
		_, err := scenario.Parse("mine", head+steps)
		require.ErrorIs(t, err, scenario.ErrStory, steps)
		assert.Contains(t, err.Error(), want, steps)
		var line *scenario.LineError
		assert.ErrorAs(t, err, &line, steps)
	}
}

func TestEveryProblemIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := scenario.Parse("mine", head+"GET a\nJUMP\nGET /x\n  keep a=\nGET /y/$b")
	require.Error(t, err)
	assert.Len(t, strings.Split(err.Error(), "\n"), 4, "%v", err)
}

func TestAStepThatCannotBeReadStillKeepsItsVariables(t *testing.T) {
	t.Parallel()
	_, err := scenario.Parse("mine", head+"GET a\n  keep a=Id\nGET /x/$a")
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "nothing before", "one mistake is told once")
}

func TestAFileWithoutHeadIsTold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                         `a line "---" is missing`,
		"Title\n\nText\nGET /a":    `a line "---" is missing`,
		"---\nGET /a":              "the first line is the title",
		"\nText\n---\nGET /a":      "the first line is the title",
		"Title\n---\nGET /a":       "a paragraph that tells the story is missing",
		"\xff":                     "not UTF-8",
		strings.Repeat("a", 1e6):   "more than 65536 bytes",
		head + "GET /a\n\x00 jump": "a step begins with",
	} {
		_, err := scenario.Parse("mine", text)
		require.ErrorIs(t, err, scenario.ErrStory, "%.20q", text)
		assert.Contains(t, err.Error(), want, "%.20q", text)
	}
}

// anyText draws files that are nearly stories.
func anyText(t *rapid.T) string {
	words := rapid.SampledFrom([]string{
		"GET", "POST", "/a", "sandbox", "expect", "user", "operate", "repeat", "2", "finally", "answers", "200", "|", "with", "keep", "$", "$a", "${a}", "$$",
		"a=Id", "=", "*", "[", "]", "[a=b]", ".", "#", "{", "}", `"`, `{"a": "$a"}`, "\n", "\n", "\n  ", "\n\t", "---", " ", "\\", "é", "\r\n",
	})
	body := strings.Join(rapid.SliceOf(words).Draw(t, "words"), rapid.SampledFrom([]string{"", " "}).Draw(t, "glue"))
	return rapid.SampledFrom([]string{head, "", "T\n"}).Draw(t, "head") + body
}

// held checks what Parse promises of any text.
func held(t require.TestingT, text string) {
	s, err := scenario.Parse("mine", text)
	if err != nil {
		require.ErrorIs(t, err, scenario.ErrStory)
		return
	}
	require.Equal(t, text, s.Source)
	require.NotEmpty(t, s.Steps)
	before := 0
	for _, step := range s.Steps {
		require.Greater(t, step.Line, before, "steps stand in order")
		before = step.Line
		require.LessOrEqual(t, step.Line, strings.Count(text, "\n")+1)
		require.True(t, utf8.ValidString(step.Text))
	}
	again, err := scenario.Parse("mine", text)
	require.NoError(t, err)
	require.Equal(t, s, again, "the same text is the same story")
}

func TestAnyTextIsAStoryOrAnError(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { held(t, anyText(t)) })
}

func FuzzParse(f *testing.F) {
	for _, s := range scenario.All() {
		f.Add(s.Source)
	}
	f.Fuzz(func(t *testing.T, text string) { held(t, text) })
}
