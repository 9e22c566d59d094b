package jetstream_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/projections"
)

func TestBeforeIsThePlaceFromWhichEverythingSinceATimeIsRead(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	none, err := log.Before(t.Context(), time.Now())
	require.NoError(t, err)
	assert.Zero(t, none, "an empty log")

	es := row(0, 100)
	fill(t, log, es)
	records, err := read(t, cursor(t, log, projections.Position{}), len(es))
	require.NoError(t, err)
	for i, r := range records {
		at, err := log.Before(t.Context(), r.Time)
		require.NoError(t, err)
		if at.Seq == 0 {
			assert.True(t, records[0].Time.Equal(r.Time), "record %d", i)
			assert.Zero(t, at)
			continue
		}
		assert.True(t, records[at.Seq-1].Time.Before(r.Time), "record %d", i)
		assert.False(t, records[at.Seq].Time.Before(r.Time), "the newest one")
		next, err := read(t, cursor(t, log, at), 1)
		require.NoError(t, err, "a cursor opens there")
		assert.Equal(t, at.Seq+1, next[0].Seq)
	}
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	last, err := log.Before(t.Context(), time.Now().Add(time.Hour))
	require.NoError(t, err)
	assert.Equal(t, head, last)
}
