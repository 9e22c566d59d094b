package snapshot_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/snapshot"
	"github.com/hookfold/hookfold/internal/killtest"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// written is a snapshot as it stands in its file.
func written(t *testing.T, log projections.Log) []byte {
	t.Helper()
	c := config(t, log)
	s := open(t, c)
	fold(t, log, s)
	require.NoError(t, s.Close())
	b, err := os.ReadFile(filepath.Join(c.Dir, snapshot.FileName))
	require.NoError(t, err)
	return b
}

func TestWhatCannotBeUsedIsToldAndFoldedAnew(t *testing.T) {
	t.Parallel()
	log := filled(t, killtest.Lives(300, 20))
	good := written(t, log)
	version := len("hookfold snapshot\n")
	changed := func(at int, to byte) []byte {
		b := slices.Clone(good)
		b[at] = to
		return b
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"empty":              {nil, "it is not a snapshot"},
		"of somebody else":   {bytes.Repeat([]byte("#!/bin/sh\n"), 100), "it is not a snapshot"},
		"torn":               {good[:len(good)/2], "it is damaged"},
		"torn in the sum":    {good[:len(good)-3], "it is damaged"},
		"torn at the start":  {good[:version+12], "it is damaged"},
		"longer":             {append(slices.Clone(good), 0), "it is damaged"},
		"twice":              {slices.Concat(good, good), "it is damaged"},
		"a hole of zeros":    {slices.Concat(good[:500], make([]byte, 512), good[1012:]), "it is damaged"},
		"a flipped bit":      {changed(len(good)/3, good[len(good)/3]^4), "it is damaged"},
		"of a newer version": {changed(version, 2), "another version of Hookfold wrote it"},
		"of other rows":      {changed(version+1, projections.StateVersion+1), "another version of Hookfold wrote it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told, conf := &journal{}, config(t, log)
			conf.Logger = told.logger()
			require.NoError(t, os.WriteFile(filepath.Join(conf.Dir, snapshot.FileName), c.file, 0o600))
			s := open(t, conf)
			require.ErrorContains(t, s.Refused(), c.want)
			require.Contains(t, told.String(), "the read models are folded from the beginning of the log")
			require.Contains(t, told.String(), c.want)
			require.Zero(t, reached(t, s))
			fold(t, log, s)
			requireFresh(t, s, records(t, log, 300))
			require.NoError(t, s.Close())
			require.NoError(t, open(t, conf).Refused(), "the next copy takes its place")
		})
	}
}

func TestASnapshotOfAnotherLogIsFoldedAnew(t *testing.T) {
	t.Parallel()
	log := filled(t, killtest.Lives(300, 20))
	good := written(t, log)
	for name, other := range map[string]*projections.MemoryLog{
		"made anew":               filled(t, killtest.Lives(400, 20)),
		"made anew, and shorter":  filled(t, killtest.Lives(100, 20)),
		"made anew, and is empty": filled(t, nil),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conf := config(t, other)
			require.NoError(t, os.WriteFile(filepath.Join(conf.Dir, snapshot.FileName), good, 0o600))
			s := open(t, conf)
			require.ErrorIs(t, s.Refused(), projections.ErrRecreated)
			require.ErrorContains(t, s.Refused(), "it reaches to record 300")
			head, err := other.Head(t.Context())
			require.NoError(t, err)
			fold(t, other, s)
			requireFresh(t, s, records(t, other, head.Seq))
		})
	}
}

// failing is a log that cannot be opened.
type failing struct {
	projections.Log
	err error
}

func (l failing) Open(context.Context, projections.Position) (projections.Cursor, error) {
	return nil, l.err
}

func TestALogThatLostItsTailIsFoldedAnewAndOneThatIsAwayIsAnError(t *testing.T) {
	t.Parallel()
	log := filled(t, killtest.Lives(300, 20))
	conf := config(t, log)
	require.NoError(t, os.WriteFile(filepath.Join(conf.Dir, snapshot.FileName), written(t, log), 0o600))

	conf.Log = failing{log, projections.ErrRewound}
	s := open(t, conf)
	require.ErrorIs(t, s.Refused(), projections.ErrRewound)
	require.Zero(t, reached(t, s))

	conf.Log = failing{log, projections.ErrAway}
	_, err := snapshot.Open(t.Context(), conf)
	require.ErrorIs(t, err, projections.ErrAway)

	conf.Log = log
	require.NoError(t, open(t, conf).Refused())
}

func TestAFolderInPlaceOfTheFileIsAnError(t *testing.T) {
	t.Parallel()
	conf := config(t, anyLog{})
	require.NoError(t, os.Mkdir(filepath.Join(conf.Dir, snapshot.FileName), 0o700))
	_, err := snapshot.Open(t.Context(), conf)
	require.ErrorContains(t, err, "snapshot: reading the file")
	var refused *os.PathError
	require.True(t, errors.As(err, &refused))
}

func TestWhatAKilledProcessLeftUnfinishedIsTakenAway(t *testing.T) {
	t.Parallel()
	log := filled(t, killtest.Lives(300, 20))
	conf := config(t, log)
	left := filepath.Join(conf.Dir, ".snapshot-123")
	require.NoError(t, os.WriteFile(left, []byte("hookfold snap"), 0o600))
	require.NoError(t, open(t, conf).Refused())
	require.NoFileExists(t, left)
}

func TestEveryModelBeginsAnewWithItsVersion(t *testing.T) {
	t.Parallel()
	log := filled(t, killtest.Lives(300, 20))
	conf := config(t, log)
	require.NoError(t, os.WriteFile(filepath.Join(conf.Dir, snapshot.FileName), written(t, log), 0o600))
	next := views.Users
	next.Version++
	conf.Models = []projections.AnyModel{next, views.Sessions}
	s := open(t, conf)
	at, err := s.Checkpoint(t.Context(), next.ID(), 0)
	require.NoError(t, err)
	require.Zero(t, at)
	at, err = s.Checkpoint(t.Context(), views.Sessions.ID(), 0)
	require.NoError(t, err)
	require.Equal(t, projections.Seq(300), at.Position.Seq)
}
