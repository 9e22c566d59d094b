package jetstream_test

import (
	"strings"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/projections"
)

func TestSection4_StreamKeepsEverythingAndDropsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	s.open(jetstream.LogConfig{MaxBytes: 1 << 20})
	js, err := natsjs.New(s.nc)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "HOOKFOLD")
	require.NoError(t, err)
	have := stream.CachedInfo().Config
	require.Equal(t, []string{"hookfold.log.>"}, have.Subjects)
	require.Equal(t, natsjs.FileStorage, have.Storage)
	require.Equal(t, natsjs.LimitsPolicy, have.Retention)
	require.Equal(t, natsjs.DiscardNew, have.Discard)
	require.EqualValues(t, 1<<20, have.MaxBytes)
	require.Equal(t, 2*time.Minute, have.Duplicates)
	require.True(t, have.DenyDelete && have.DenyPurge && have.AllowDirect)
	require.Zero(t, have.MaxAge)
	require.Equal(t, 1, have.Replicas)
	require.Equal(t, "1", have.Metadata["hookfold.log"])
}

func TestStreamOfSomebodyElseIsRefusedWithEveryDifference(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*natsjs.StreamConfig)
		want   []string
	}{
		"subjects":  {func(c *natsjs.StreamConfig) { c.Subjects = append(c.Subjects, "more") }, []string{"subjects"}},
		"storage":   {func(c *natsjs.StreamConfig) { c.Storage = natsjs.MemoryStorage }, []string{"storage"}},
		"retention": {func(c *natsjs.StreamConfig) { c.Retention = natsjs.InterestPolicy }, []string{"retention"}},
		"discard":   {func(c *natsjs.StreamConfig) { c.Discard = natsjs.DiscardOld }, []string{"discard"}},
		"max_age":   {func(c *natsjs.StreamConfig) { c.MaxAge = time.Hour }, []string{"max_age"}},
		"max_msgs":  {func(c *natsjs.StreamConfig) { c.MaxMsgs = 9 }, []string{"max_msgs"}},
		"per subject": {func(c *natsjs.StreamConfig) { c.MaxMsgsPerSubject = 9 }, []string{
			"max_msgs_per_subject",
		}},
		"deny_delete": {func(c *natsjs.StreamConfig) { c.DenyDelete = false }, []string{"deny_delete"}},
		"rollup": {func(c *natsjs.StreamConfig) { c.DenyPurge, c.AllowRollup = false, true }, []string{
			"deny_purge", "allow_rollup_hdrs",
		}},
		"ttl":     {func(c *natsjs.StreamConfig) { c.AllowMsgTTL = true }, []string{"allow_msg_ttl"}},
		"no_ack":  {func(c *natsjs.StreamConfig) { c.NoAck = true }, []string{"no_ack"}},
		"persist": {func(c *natsjs.StreamConfig) { c.PersistMode = natsjs.AsyncPersistMode }, []string{"persist_mode"}},
		"sealed":  {func(c *natsjs.StreamConfig) { c.Sealed = true }, []string{"sealed"}},
		"mirror": {func(c *natsjs.StreamConfig) {
			c.Subjects, c.Mirror = nil, &natsjs.StreamSource{Name: "ORIGIN"}
		}, []string{"subjects", "mirror"}},
		"sources": {func(c *natsjs.StreamConfig) { c.Sources = []*natsjs.StreamSource{{Name: "ORIGIN"}} }, []string{
			"sources",
		}},
		"transform": {func(c *natsjs.StreamConfig) {
			c.SubjectTransform = &natsjs.SubjectTransformConfig{Source: ">", Destination: "x.>"}
		}, []string{"subject_transform"}},
		"newer layout": {func(c *natsjs.StreamConfig) { c.Metadata = map[string]string{"hookfold.log": "2"} }, []string{
			"metadata hookfold.log",
		}},
		"everything": {func(c *natsjs.StreamConfig) {
			*c = natsjs.StreamConfig{Name: c.Name, Subjects: []string{"x.>"}, Storage: natsjs.MemoryStorage, MaxAge: time.Hour}
		}, []string{"subjects", "storage", "discard", "max_age", "deny_delete", "deny_purge"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, embedded.Config{})
			have := s.foreign(t, test.change)
			_, err := jetstream.OpenLog(t.Context(), s.nc, jetstream.LogConfig{})
			var wrong *jetstream.StreamError
			require.ErrorAs(t, err, &wrong)
			require.Equal(t, have.Name, wrong.Stream)
			var properties []string
			for _, d := range wrong.Differences {
				properties = append(properties, d.Property)
				require.Contains(t, err.Error(), d.Property+" is "+d.Have+" and must be "+d.Want)
			}
			require.Equal(t, test.want, properties)
		})
	}
}

// foreign makes a stream that differs from the log's own.
func (s *site) foreign(t *testing.T, change func(*natsjs.StreamConfig)) natsjs.StreamConfig {
	t.Helper()
	js, err := natsjs.New(s.nc)
	require.NoError(t, err)
	_, err = js.CreateStream(t.Context(), natsjs.StreamConfig{Name: "ORIGIN", Subjects: []string{"origin"}})
	require.NoError(t, err)
	c := natsjs.StreamConfig{
		Name: "HOOKFOLD", Subjects: []string{"hookfold.log.>"}, Discard: natsjs.DiscardNew, DenyDelete: true, DenyPurge: true,
	}
	change(&c)
	sealed := c.Sealed
	c.Sealed = false
	stream, err := js.CreateStream(t.Context(), c)
	require.NoError(t, err)
	if sealed {
		c = stream.CachedInfo().Config
		c.Sealed = true
		_, err = js.UpdateStream(t.Context(), c)
		require.NoError(t, err)
	}
	return c
}

func TestLimitsOfAStreamFollowTheConfiguration(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	limits := func(c jetstream.LogConfig) (int64, time.Duration) {
		t.Helper()
		s.open(c)
		js, err := natsjs.New(s.nc)
		require.NoError(t, err)
		stream, err := js.Stream(t.Context(), "HOOKFOLD")
		require.NoError(t, err)
		return stream.CachedInfo().Config.MaxBytes, stream.CachedInfo().Config.Duplicates
	}
	size, window := limits(jetstream.LogConfig{})
	require.EqualValues(t, -1, size)
	require.Equal(t, 2*time.Minute, window)
	size, window = limits(jetstream.LogConfig{MaxBytes: 1 << 20, Duplicates: time.Minute})
	require.EqualValues(t, 1<<20, size)
	require.Equal(t, time.Minute, window)
	size, window = limits(jetstream.LogConfig{})
	require.EqualValues(t, 1<<20, size, "zero leaves the stream as it is")
	require.Equal(t, time.Minute, window)
}

func TestSubjectsThatAnotherStreamHoldsAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	js, err := natsjs.New(s.nc)
	require.NoError(t, err)
	_, err = js.CreateStream(t.Context(), natsjs.StreamConfig{Name: "OTHER", Subjects: []string{"hookfold.>"}})
	require.NoError(t, err)
	_, err = jetstream.OpenLog(t.Context(), s.nc, jetstream.LogConfig{})
	require.ErrorContains(t, err, "give the log a Prefix of its own")
}

func TestTwoThatOpenTheLogAtOnceBothSucceed(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	errs := make(chan error)
	for range 8 {
		go func() {
			_, err := jetstream.OpenLog(t.Context(), s.nc, jetstream.LogConfig{})
			errs <- err
		}()
	}
	for range 8 {
		require.NoError(t, <-errs)
	}
}

func TestConfigurationIsRefusedWithEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := jetstream.OpenLog(t.Context(), nil, jetstream.LogConfig{
		Stream: "a.b", Prefix: "x.>", MaxBytes: -1, Replicas: 9, Duplicates: time.Millisecond, Timeout: -1, Batch: -1, Gather: -1,
	})
	require.Error(t, err)
	require.Equal(t, 8, strings.Count(err.Error(), "jetstream: "), err.Error())
	for _, field := range []string{"Stream", "Prefix", "MaxBytes", "Replicas", "Duplicates", "Timeout", "Batch", "Gather"} {
		require.ErrorContains(t, err, field)
	}
	_, err = jetstream.OpenLog(t.Context(), nil, jetstream.LogConfig{})
	require.ErrorContains(t, err, "connect to a server first")
}

func TestClosedLogIsAwayAndLeavesTheConnectionOpen(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	fill(t, log, row(0, 3))
	require.NoError(t, log.Close())
	for i := range 200 { // a request that outruns the closing shows only now and then
		_, err := log.Append(t.Context(), event(100+i))
		require.ErrorIs(t, err, projections.ErrAway)
	}
	require.True(t, s.nc.IsConnected())
	require.EqualValues(t, 4, fill(t, s.open(jetstream.LogConfig{}), row(3, 4)))
}
