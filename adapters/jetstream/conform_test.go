package jetstream_test

import (
	"testing"

	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/proptest"
)

func TestLogKeepsWhatTheLogPortPromises(t *testing.T) {
	t.Parallel()
	n := proptest.Log(t, func(t testing.TB) proptest.LogPlace {
		s := newSite(t, embedded.Config{Sync: embedded.Interval})
		open := func(c jetstream.LogConfig) projections.Log {
			log, err := jetstream.OpenLog(t.Context(), s.nc, c)
			require.NoError(t, err)
			t.Cleanup(func() { assert.NoError(t, log.Close()) })
			return log
		}
		return proptest.LogPlace{
			Open:    func() projections.Log { return open(jetstream.LogConfig{}) },
			Restart: func() { s.restart(nil) },
			Recreate: func() {
				js, err := natsjs.New(s.nc)
				require.NoError(t, err)
				require.NoError(t, js.DeleteStream(t.Context(), "HOOKFOLD"))
			},
			Small: func() projections.Log {
				return open(jetstream.LogConfig{Stream: "SMALL", Prefix: "small", MaxBytes: 10_000})
			},
		}
	})
	require.Equal(t, 16, n)
}
