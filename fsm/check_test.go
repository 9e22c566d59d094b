package fsm_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/fsm"
)

// turnstile is a complete machine that a test breaks in one place.
func turnstile() fsm.Spec[int] {
	return fsm.Spec[int]{
		Name: "turnstile", Version: 1,
		States: []string{"LOCKED", "OPEN", "BROKEN"},
		Events: []string{"coin", "push"},
		Guards: map[string]fsm.Guard[int]{"enough": {
			Meaning: "the coin is worth at least 2",
			Holds:   func(n int) bool { return n >= 2 },
			Saw:     func(n int) string { return "coin=" + strconv.Itoa(n) },
		}},
		Observed: []string{"BROKEN"},
		Cells: []fsm.Cell{
			{From: "", Event: "coin", Verdict: fsm.First, Next: "OPEN", Reason: "a"},
			{From: "", Event: "push", Verdict: fsm.First, Next: "LOCKED", Reason: "b"},
			{From: "LOCKED", Event: "coin", Guard: "enough", Verdict: fsm.Applied, Next: "OPEN", Reason: "c"},
			{From: "LOCKED", Event: "coin", Guard: "!enough", Verdict: fsm.Noted, Next: "LOCKED", Reason: "d"},
			{From: "LOCKED", Event: "push", Verdict: fsm.Conflict, Next: "LOCKED", Reason: "e"},
			{From: "OPEN", Event: "coin", Verdict: fsm.Duplicate, Next: "OPEN", Reason: "f"},
			{From: "OPEN", Event: "push", Verdict: fsm.Applied, Next: "LOCKED", Reason: "g"},
			{From: "BROKEN", Event: "coin", Verdict: fsm.Noted, Next: "BROKEN", Reason: "h"},
			{From: "BROKEN", Event: "push", Verdict: fsm.Noted, Next: "BROKEN", Reason: "i"},
		},
	}
}

// flaws break the turnstile in one way each.
var flaws = map[string]struct {
	broken func(*fsm.Spec[int])
	want   string
}{
	"no name":        {func(s *fsm.Spec[int]) { s.Name = "" }, "the machine has no name"},
	"no states":      {func(s *fsm.Spec[int]) { s.States = nil }, "at least one state and one event"},
	"no events":      {func(s *fsm.Spec[int]) { s.Events = nil }, "at least one state and one event"},
	"too many":       {func(s *fsm.Spec[int]) { s.Events = append(s.Events, many("e", 256)...) }, "at most 254 states and 255 events"},
	"double state":   {func(s *fsm.Spec[int]) { s.States = append(s.States, "OPEN") }, `state "OPEN" is empty or listed twice`},
	"empty event":    {func(s *fsm.Spec[int]) { s.Events = append(s.Events, "") }, `event "" is empty or listed twice`},
	"missing":        {func(s *fsm.Spec[int]) { s.Cells = s.Cells[:8] }, `cell "BROKEN" × "push" is missing`},
	"double":         {func(s *fsm.Spec[int]) { s.Cells = append(s.Cells, s.Cells[0]) }, `cell "" × "coin" is declared twice`},
	"triple":         {func(s *fsm.Spec[int]) { s.Cells = append(s.Cells, s.Cells[2]) }, `cell "LOCKED" × "coin" is declared 3 times`},
	"one-sided":      {func(s *fsm.Spec[int]) { s.Cells = append(s.Cells[:3:3], s.Cells[4:]...) }, `cell "LOCKED" × "coin" declares only the side "enough"`},
	"same side":      {func(s *fsm.Spec[int]) { s.Cells[3] = s.Cells[2] }, `cell "LOCKED" × "coin" is declared twice`},
	"unknown guard":  {func(s *fsm.Spec[int]) { s.Cells[3].Guard = "!rich" }, `names the unknown guard "rich"`},
	"unused guard":   {func(s *fsm.Spec[int]) { s.Guards["idle"] = s.Guards["enough"] }, `guard "idle" is used by no cell`},
	"hollow guard":   {func(s *fsm.Spec[int]) { s.Guards["enough"] = fsm.Guard[int]{} }, `guard "enough" lacks Meaning, Holds or Saw`},
	"unknown state":  {func(s *fsm.Spec[int]) { s.Cells[6].Next = "AJAR" }, `cell "OPEN" × "push" → "AJAR" names a state or event that is not listed`},
	"unknown event":  {func(s *fsm.Spec[int]) { s.Cells[6].Event = "pull" }, `cell "OPEN" × "pull" → "LOCKED" names a state or event that is not listed`},
	"no reason":      {func(s *fsm.Spec[int]) { s.Cells[5].Reason = " " }, `cell "OPEN" × "coin" has no reason`},
	"no verdict":     {func(s *fsm.Spec[int]) { s.Cells[5].Verdict = 0 }, `cell "OPEN" × "coin" has no verdict`},
	"idle first":     {func(s *fsm.Spec[int]) { s.Cells[0].Next = "" }, `cell "" × "coin" is first and must move`},
	"idle gap":       {func(s *fsm.Spec[int]) { s.Cells[5].Verdict = fsm.Gap }, `cell "OPEN" × "coin" is gap and must move`},
	"moving double":  {func(s *fsm.Spec[int]) { s.Cells[5].Next = "LOCKED" }, `cell "OPEN" × "coin" is duplicate and must stay, not move to "LOCKED"`},
	"moving note":    {func(s *fsm.Spec[int]) { s.Cells[7].Next = "LOCKED" }, `cell "BROKEN" × "coin" is noted and must stay`},
	"moving clash":   {func(s *fsm.Spec[int]) { s.Cells[4].Next = "OPEN" }, `cell "LOCKED" × "push" is conflict and must stay`},
	"into nothing":   {func(s *fsm.Spec[int]) { s.Cells[6].Next = "" }, `cell "OPEN" × "push" leads to nothing known with verdict applied`},
	"unreachable":    {func(s *fsm.Spec[int]) { s.Observed = nil }, `the cells of state "BROKEN" are unreachable`},
	"bad observed":   {func(s *fsm.Spec[int]) { s.Observed = append(s.Observed, "AJAR") }, `observed state "AJAR" is not listed`},
	"empty observed": {func(s *fsm.Spec[int]) { s.Observed = append(s.Observed, "") }, `observed state "" is not listed`},
}

func many(prefix string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = prefix + strconv.Itoa(i)
	}
	return names
}

func TestLaw2_ACompleteMachineIsAccepted(t *testing.T) {
	t.Parallel()
	_, err := fsm.New[uint8](turnstile())
	require.NoError(t, err)
}

func TestLaw2_EveryFlawIsNamed(t *testing.T) {
	t.Parallel()
	for name, flaw := range flaws {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := turnstile()
			flaw.broken(&spec)
			_, err := fsm.New[uint8](spec)
			require.ErrorIs(t, err, fsm.ErrSpec)
			require.ErrorContains(t, err, flaw.want)
			require.Panics(t, func() { fsm.Must[uint8](spec) })
		})
	}
}

func TestLaw2_AllFlawsAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	spec := turnstile()
	together := []string{"no name", "double state", "empty event", "same side", "unused guard", "unknown state", "no reason", "idle first", "unreachable"}
	for _, name := range together {
		flaws[name].broken(&spec)
	}
	_, err := fsm.New[uint8](spec)
	for _, name := range together {
		require.ErrorContains(t, err, flaws[name].want)
	}
	_, again := fsm.New[uint8](spec)
	require.Equal(t, err.Error(), again.Error(), "in a fixed order")
	require.Greater(t, strings.Count(err.Error(), ";"), len(together)-2)
}
