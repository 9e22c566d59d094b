package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/scenario"
)

// everything is what goes wrong in a world, more or less of each: readings less stale than the window of fold rule 14, beyond
// which nobody could tell, and all of it short enough for stories that do not wait.
func everything(seed int) mishaps {
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	upTo := func(most int) int { return 10 + random.IntN(most-10) }
	share := func(most float64) float64 { return 0.1 + random.Float64()*(most-0.1) }
	return mishaps{
		tokens: true,
		api:    obj{"share": share(0.35), "stale": upTo(250), "index": upTo(60)},
		delivery: obj{
			"seed": seed, "drop": share(0.3), "duplicate": share(0.5), "reorder": share(0.4), "hold_up_to": upTo(120),
			"delay": share(0.4), "delay_up_to": upTo(300),
		},
	}
}

// Every story that comes with Hookfold is told to a server with a log and a store of its own. In the end each document says
// what the provider says, confirmed, and the same whatever went wrong on the way. HOOKFOLD_STORY_WORLDS=N has everything go
// wrong in N ways.
func TestLaw3b_EveryStoryEndsConfirmedAsTheProviderSaysWhateverGoesWrong(t *testing.T) {
	t.Parallel()
	worlds := 1
	if n := os.Getenv("HOOKFOLD_STORY_WORLDS"); n != "" {
		var err error
		worlds, err = strconv.Atoi(n)
		require.NoError(t, err)
	}
	ends := make([]map[string]string, worlds+1)
	t.Run("worlds", func(t *testing.T) {
		for seed := range ends {
			t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
				t.Parallel()
				wrong := mishaps{}
				if seed > 0 {
					wrong = everything(seed)
				}
				t.Logf("%+v", wrong)
				w := newWorld(t, byte(seed), wrong)
				ends[seed] = w.tell()
				if seed > 0 {
					w.wentWrong()
				}
			})
		}
	})
	for seed := range ends {
		require.NotEmpty(t, ends[seed])
		assert.Equal(t, ends[0], ends[seed], "seed %d ends otherwise than where nothing goes wrong", seed)
	}
}

// tell tells every story, waits out the window, and gives the documents.
func (w *world) tell() map[string]string {
	for _, story := range scenario.All() {
		w.play(story)
	}
	w.rest()
	return w.judge()
}

// judge compares every document with the provider, and gives them.
func (s *site) judge() map[string]string {
	s.t.Helper()
	list := s.truths()
	if wrong := s.differences(list); len(wrong) > 0 {
		s.t.Fatalf("%d of %d documents differ from the provider; the shortest: %s\n%s", len(wrong), len(list), wrong[0].text, wrong[0].whole)
	}
	return s.ends(list)
}

// later is longer than anything takes that a story begins and does not end: an enrolment expires after ten minutes, and a
// notification that failed comes again after ten.
const later = 15 * time.Minute

// rest lets time pass until nothing is open.
func (w *world) rest() {
	w.advance(later)
	w.act("backfill")
	for range 100 {
		w.advance(time.Minute)
		if w.settle().Open == 0 {
			return
		}
	}
	w.t.Fatal("something stays open")
}

// wentWrong holds that the faults were met.
func (w *world) wentWrong() {
	var met map[string]int
	require.NoError(w.t, json.Unmarshal(w.tool("GET", "delivery-faults", nil), &met))
	for _, name := range []string{"dropped", "delayed", "duplicated", "reordered"} {
		assert.NotZero(w.t, met[name], name)
	}
	c := w.confirming()
	assert.NotZero(w.t, c.Verdicts["not_yet_visible"], "stale readings, in %v", c.Verdicts)
	assert.NotZero(w.t, c.Verdicts["unconfirmable"], "refused calls, in %v", c.Verdicts)
}
