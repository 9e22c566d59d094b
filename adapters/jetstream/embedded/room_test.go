package embedded_test

import (
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
)

func TestServerTellsWhatItsBoundAndItsDiskHaveLeft(t *testing.T) {
	t.Parallel()
	s := start(t, embedded.Config{MaxBytes: 1 << 20})
	limits, err := s.Limits()
	require.NoError(t, err)
	require.Equal(t, "server", limits[0].Name)
	require.EqualValues(t, 1<<20, limits[0].Left)
	require.EqualValues(t, 1<<20, limits[0].Size)
	require.Len(t, limits, 2)
	require.Equal(t, "disk", limits[1].Name)
	require.Positive(t, limits[1].Left)
	require.Greater(t, limits[1].Size, limits[1].Left)

	nc, err := s.Connect()
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "S", Subjects: []string{"s"}})
	require.NoError(t, err)
	_, err = js.Publish(t.Context(), "s", make([]byte, 100_000))
	require.NoError(t, err)
	limits, err = s.Limits()
	require.NoError(t, err)
	require.InDelta(t, 1<<20-100_000, limits[0].Left, 1000)
	require.NoError(t, s.Close())
	_, err = s.Limits()
	require.ErrorContains(t, err, "start it again")
}

func TestServerWithoutABoundOfItsOwnHasThreeQuartersOfTheDisk(t *testing.T) {
	t.Parallel()
	s := start(t, embedded.Config{})
	limits, err := s.Limits()
	require.NoError(t, err)
	require.InEpsilon(t, limits[1].Left/4*3, limits[0].Size, 0.2, "the disk is others' too")
}
