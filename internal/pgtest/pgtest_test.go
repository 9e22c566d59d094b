package pgtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answers asks a server for one number.
func answers(t *testing.T, s *Server, sql string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(s.bin, "psql"), "-AtX", s.URL(), "-c", sql)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

func TestAPrivateServerAnswersOutlivesACrashAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context())
	require.NoError(t, err)
	answers(t, s, "CREATE TABLE kept AS SELECT 41 AS n")
	for _, crash := range []bool{false, true} {
		require.NoError(t, s.Restart(t.Context(), crash))
		answers(t, s, "UPDATE kept SET n = n + 1")
	}
	assert.Equal(t, "43\n", answers(t, s, "SELECT n FROM kept"))
	assert.Equal(t, "UTF8\n", answers(t, s, "SHOW server_encoding"))
	require.NoError(t, s.Stop())
	_, err = os.Stat(s.dir)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestAServerThatIsKilledKeepsWhatItCommitted(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), "fsync=on")
	require.NoError(t, err)
	answers(t, s, "CREATE TABLE kept AS SELECT 41 AS n")
	first := answers(t, s, "SELECT pg_postmaster_start_time()")
	require.NoError(t, s.Kill(t.Context()))
	assert.Equal(t, "41\n", answers(t, s, "SELECT n FROM kept"))
	assert.NotEqual(t, first, answers(t, s, "SELECT pg_postmaster_start_time()"))
	assert.Equal(t, "on\n", answers(t, s, "SHOW fsync"))
	log, err := os.ReadFile(filepath.Join(s.dir, "log"))
	require.NoError(t, err)
	assert.Contains(t, string(log), "database system was not properly shut down")
	require.NoError(t, s.Stop())
}
