package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

func TestLaw10_ARunningServerRebuildsSwapsAndGoesBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := serveIn(t, dir)
	p.notify(t, s4Query)
	_, want := p.read(t, "/v1/users/"+s4User)

	got := command(t, "rebuild", "users", "--dry-run", "--admin", p.admin)
	require.Equal(t, exitDone, got.code, got.err)
	assert.Regexp(t, `^users: 1 rows at log record \d+ are equal \(digest [0-9a-f]{16}\); nothing was changed\n$`, got.out)
	got = command(t, "rebuild", "--all", "--admin", p.admin)
	require.Equal(t, exitDone, got.code, got.err)
	assert.Regexp(t, `users: 1 rows .* are equal .*; users_v1_green is live instead of users_v1\n`, got.out)
	assert.Equal(t, 3, strings.Count(got.out, "_green is live instead of"))
	_, have := p.read(t, "/v1/users/"+s4User)
	assert.Equal(t, string(want), string(have))

	p.notify(t, "EventType=USER_KYC_REGULAR&Date=1743627006&RessourceId="+s4User)
	assert.Equal(t, "REGULAR", p.user(t, s4User).KYCLevel, "it goes on on the other side")
	p.kill(t)
	p = serveIn(t, dir)
	assert.Equal(t, "REGULAR", p.user(t, s4User).KYCLevel, "and after a kill")
	got = command(t, "rebuild", "user", "--rollback", "--json", "--admin", p.admin)
	require.Equal(t, exitDone, got.code, got.err)
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	var report projections.RebuildReport
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &report))
	assert.True(t, report.Swapped)
	assert.Equal(t, "users_v1", report.Rebuilt)
	assert.Equal(t, "REGULAR", p.user(t, s4User).KYCLevel, "the old side was brought up first")
	p.notify(t, "EventType=USER_KYC_LIGHT&Date=1743627016&RessourceId="+s4User)
	assert.Equal(t, "LIGHT", p.user(t, s4User).KYCLevel)

	got = command(t, "rebuild", "users", "--discard-previous", "--admin", p.admin)
	assert.Equal(t, result{exitDone, "", ""}, got)
	got = command(t, "rebuild", "users", "--rollback", "--admin", p.admin)
	assert.Equal(t, exitBadInput, got.code)
	assert.Contains(t, got.err, "there is no side to go back to: rebuild instead")
	p.stop(t)
	assert.NotContains(t, p.stderr.String(), "projector stopped", "a swap is no failure")
}

func TestRebuildNamesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	p := serveIn(t, t.TempDir(), "--store", "memory")
	p.notify(t, s4Query)
	for _, args := range [][]string{{}, {"users", "--all"}, {"users", "--rollback", "--dry-run"}} {
		args = append([]string{"rebuild", "--admin", p.admin}, args...)
		assert.Equal(t, exitUsage, command(t, args...).code, args)
	}
	got := command(t, "rebuild", "payouts", "--admin", p.admin)
	assert.Equal(t, exitBadInput, got.code)
	assert.Contains(t, got.err, "no read model is called that: give one of ")
	got = command(t, "rebuild", "sessions", "--admin", p.admin)
	require.Equal(t, exitDone, got.code, got.err)
	assert.Contains(t, got.out, "idv-sessions: 0 rows at log record ")
	p.stop(t)
}

func TestRebuildShowsWhatDiffers(t *testing.T) {
	t.Parallel()
	report := projections.RebuildReport{
		Model: "users", Live: "users_v1", Rebuilt: "users_v1_green", Seq: 9, Compared: true, LiveRows: 4, RebuiltRows: 5,
		LiveDigest: "aa", RebuiltDigest: "bb", Different: 3,
		Differences: []projections.Difference{
			{Ref: events.Ref{Kind: "user", ID: "u"}, What: "document", Field: "kyc_level", Live: `"LIGHT"`},
			{Ref: events.Ref{Kind: "user", ID: "v"}, What: "extra"},
		},
	}
	text, err := json.Marshal(report)
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, (&rebuildCmd{}).report(&out, text))
	assert.Equal(t, `user u: document kyc_level is "LIGHT" live and nothing rebuilt
user v: extra
users: 3 of 5 resources differ at log record 9, 2 shown; nothing was changed
`, out.String())

	step, err := json.Marshal(rebuildStep{
		RebuildProgress: projections.RebuildProgress{Model: "users", Phase: "fold", Done: 500, Of: 1000}, Share: 0.5, PerSecond: 250, Remaining: 2,
	})
	require.NoError(t, err)
	bar, err := rebuildBar(step)
	require.NoError(t, err)
	assert.Equal(t, "[##########----------]  50 %  users: fold 500/1000, 250/s, 2s left", bar)
}

func TestEachPhaseOfARebuildIsTimedByItself(t *testing.T) {
	t.Parallel()
	began := time.Unix(1_700_000_000, 0)
	s := &stepper{began: began, phase: "fold"}
	told := func(after time.Duration, phase string, done, of projections.Seq) [3]float64 {
		step := s.at(began.Add(after), projections.RebuildProgress{Phase: phase, Done: done, Of: of})
		return [3]float64{step.Share, step.PerSecond, step.Remaining}
	}
	assert.Equal(t, [3]float64{0.25, 250, 3}, told(time.Second, "fold", 250, 1000))
	assert.Equal(t, [3]float64{1, 500, 0}, told(2*time.Second, "fold", 1000, 1000))
	assert.Equal(t, [3]float64{0, 0, 0}, told(10*time.Second, "read", 0, 400), "nobody knows yet")
	assert.Equal(t, [3]float64{0.25, 100, 3}, told(11*time.Second, "read", 100, 400))
	assert.Equal(t, [3]float64{1, 0, 0}, told(20*time.Second, "compare", 1000, 1000))
	assert.Equal(t, [3]float64{0.5, 0, 0}, told(30*time.Second, "fold", 1000, 2000), "what was folded before is not counted")
	assert.Equal(t, [3]float64{0.75, 50, 10}, told(40*time.Second, "fold", 1500, 2000))
}
