package jetstream_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

func TestEnoughIsWhatIsMoreThanTheReserve(t *testing.T) {
	t.Parallel()
	const mib, gib = 1 << 20, 1 << 30
	for name, c := range map[string]struct {
		reserve, left, size int64
		enough              bool
	}{
		"a great disk":              {0, gib + 1, 4000 * gib, true},
		"a great disk, nearly full": {0, gib, 4000 * gib, false},
		"a tenth of a small one":    {0, 6*mib + 1, 60 * mib, true},
		"less than a tenth":         {0, 6 * mib, 60 * mib, false},
		"nothing":                   {0, 0, 60 * mib, false},
		"less than nothing":         {0, -5, 60 * mib, false},
		"as was asked":              {50 * mib, 50*mib + 1, 60 * mib, true},
		"less than was asked":       {50 * mib, 50 * mib, 60 * mib, false},
	} {
		near := jetstream.Limit{Name: "disk", Left: c.left, Size: c.size}
		err := jetstream.Enough(c.reserve, jetstream.Limit{Name: "stream", Left: 5 * gib, Size: 5 * gib}, near)
		if c.enough {
			assert.NoError(t, err, name)
			continue
		}
		require.ErrorIs(t, err, jetstream.ErrScarce, name)
		assert.Contains(t, err.Error(), "disk: ", name)
	}
	assert.NoError(t, jetstream.Enough(0), "where nothing ends nothing is scarce")
	assert.EqualError(t, jetstream.Enough(0, jetstream.Limit{Name: "stream", Left: 1 << 19, Size: 64 << 20}),
		"jetstream: the log is nearly full: make room, raise the limit or archive old records before it refuses notifications (stream: 0.5 MiB of 64.0 MiB left, reserve 6.4 MiB)")
}

func TestTheLimitOfTheStreamShrinksWithEveryRecordUntilTheLogIsFull(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log, err := jetstream.OpenLog(t.Context(), s.nc, jetstream.LogConfig{MaxBytes: 64 << 10})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, log.Close()) })
	last := int64(64<<10) + 1
	scarce := false
	for n := int64(0); ; n++ {
		limits, err := log.Limits(t.Context())
		require.NoError(t, err)
		require.Len(t, limits, 1)
		require.Equal(t, "stream", limits[0].Name)
		require.EqualValues(t, 64<<10, limits[0].Size)
		require.Less(t, limits[0].Left, last)
		last = limits[0].Left
		scarce = scarce || jetstream.Enough(0, limits...) != nil
		_, err = log.Append(t.Context(), events.Event{Type: "X", Ref: events.Ref{Source: "s", Kind: "k", ID: "x"}, Date: n})
		if err != nil {
			require.ErrorIs(t, err, projections.ErrFull)
			break
		}
		require.Less(t, n, int64(1000))
	}
	assert.True(t, scarce, "told before the log is full")
	open, err := jetstream.OpenLog(t.Context(), s.nc, jetstream.LogConfig{Stream: "OPEN", Prefix: "open"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, open.Close()) })
	limits, err := open.Limits(t.Context())
	require.NoError(t, err)
	assert.Empty(t, limits, "a stream without a limit")
	s.stop()
	_, err = log.Limits(t.Context())
	assert.ErrorIs(t, err, projections.ErrAway)
}
