package jetstream_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/projections"
)

// memory is a log whose clock stands at a second, so that two made at different seconds are told apart.
func memory(t *testing.T, made int64, n int) *projections.MemoryLog {
	t.Helper()
	log := projections.NewMemoryLog("log", func() time.Time { return time.Unix(made, 0).UTC() }, 0)
	for i := range n {
		_, err := log.Append(t.Context(), event(i))
		require.NoError(t, err)
	}
	return log
}

func TestWitness_NoticesALogThatLostItsTailOrWasMadeAnew(t *testing.T) {
	t.Parallel()
	w := jetstream.Witness{File: filepath.Join(t.TempDir(), "position.json"), Log: memory(t, 1, 5)}
	require.NoError(t, w.Examine(t.Context()), "a first start")
	require.NoError(t, w.Note(t.Context()))
	require.NoError(t, w.Examine(t.Context()))

	w.Log = memory(t, 1, 9)
	require.NoError(t, w.Examine(t.Context()), "it may have gone on")
	w.Log = memory(t, 1, 4)
	err := w.Examine(t.Context())
	require.ErrorIs(t, err, jetstream.ErrLost)
	require.ErrorIs(t, err, projections.ErrRewound)
	w.Log = memory(t, 2, 9)
	require.ErrorIs(t, w.Examine(t.Context()), projections.ErrRecreated)
}

func TestWitness_AnEmptyLogIsNotNotedAndADamagedFileIsNamed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "position.json")
	w := jetstream.Witness{File: file, Log: memory(t, 1, 0)}
	require.NoError(t, w.Note(t.Context()))
	assert.NoFileExists(t, file)
	require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	require.ErrorContains(t, w.Examine(t.Context()), file)
	w.File, w.Log = filepath.Join(file, "below"), memory(t, 1, 1)
	require.Error(t, w.Note(t.Context()), "what cannot be written is told")
}

func TestWitness_WatchTellsOfEveryNoteThatFailsAndEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := jetstream.Witness{File: filepath.Join(t.TempDir(), "gone", "position.json"), Log: memory(t, 1, 1), Every: time.Millisecond}
	ctx, stop := context.WithCancel(t.Context())
	told := 0
	w.Watch(ctx, func(err error) {
		told++
		assert.ErrorContains(t, err, "cannot be written down")
		if told == 2 {
			stop()
		}
	})
	assert.Equal(t, 2, told)
}
