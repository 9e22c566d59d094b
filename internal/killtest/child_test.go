package killtest_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/internal/killtest"
)

const childEnv = "HOOKFOLD_TEST_KILLTEST"

// TestMain also is the child: it counts until it is killed, or complains and ends.
func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "counts":
		for n := 1; ; n++ {
			fmt.Println("at", n)
		}
	case "fails":
		fmt.Fprintln(os.Stderr, "it is broken")
		os.Exit(3)
	case "answers":
		var word string
		_, _ = fmt.Scanln(&word)
		fmt.Printf("heard %s\nnot a whole line", word)
		select {}
	}
	os.Exit(m.Run())
}

func TestAChildIsKilledWhileItWorksAndWhatItSaidIsKept(t *testing.T) {
	t.Parallel()
	c := killtest.Begin(t, childEnv+"=counts")
	require.Equal(t, "at 100", c.Await("at 100"))
	for i, line := range c.Kill() {
		require.Equal(t, fmt.Sprint("at ", 101+i), line)
	}
}

func TestAChildHearsAndALineThatItsEndCutOffIsNone(t *testing.T) {
	t.Parallel()
	c := killtest.Begin(t, childEnv+"=answers")
	c.Say("word")
	require.Equal(t, "heard word", c.Await("heard"))
	require.Empty(t, c.Kill())
}

// refused is a test that notes why it was ended.
type refused struct {
	testing.TB
	why string
}

func (r *refused) Fatalf(format string, args ...any) {
	r.why = fmt.Sprintf(format, args...)
	panic(r)
}

func TestAChildThatEndsByItselfIsNotTakenForKilled(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "it is broken\n", killtest.Begin(t, childEnv+"=fails").Fail())
	for name, do := range map[string]func(*killtest.Child){
		"killed":  func(c *killtest.Child) { <-c.Lines; c.Kill() },
		"awaited": func(c *killtest.Child) { c.Await("at") },
	} {
		r := &refused{TB: t}
		c := killtest.Begin(r, childEnv+"=fails")
		assert.PanicsWithValue(t, r, func() { do(c) }, name)
		assert.True(t, strings.HasSuffix(r.why, "it is broken\n"), r.why)
	}
}

func TestLivesAreTheSameEverywhereAndNoTwoAlike(t *testing.T) {
	t.Parallel()
	all := killtest.Lives(3000, 10)
	assert.Equal(t, all, killtest.Lives(3000, 10))
	seen := map[events.ID]bool{}
	for _, e := range all {
		seen[e.ID()] = true
	}
	assert.Len(t, seen, 3000)
}
