package jetstream_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/projections"
)

// deleteStream is what only somebody outside of the package can do. It waits until the server, which removes files
// behind its answer, is done: a stream made meanwhile under the same name would fail.
func (s *site) deleteStream() {
	s.t.Helper()
	js, err := natsjs.New(s.nc)
	require.NoError(s.t, err)
	require.NoError(s.t, js.DeleteStream(s.t.Context(), "HOOKFOLD"))
	require.Eventually(s.t, func() bool {
		left, err := filepath.Glob(filepath.Join(s.config.Dir, "jetstream", "*", "streams", "*"))
		return err == nil && len(left) == 0
	}, patience, time.Millisecond)
}

// damage flips one bit of the record that holds a text, as a bad disk would.
func (s *site) damage(text string) {
	s.t.Helper()
	s.damageIn("HOOKFOLD", text)
}

// damageIn does so in any stream.
func (s *site) damageIn(stream, text string) {
	s.t.Helper()
	blocks, err := filepath.Glob(filepath.Join(s.config.Dir, "jetstream", "*", "streams", stream, "msgs", "*.blk"))
	require.NoError(s.t, err)
	for _, block := range blocks {
		raw, err := os.ReadFile(block)
		require.NoError(s.t, err)
		if at := bytes.Index(raw, []byte(text)); at >= 0 {
			raw[at] ^= 1
			require.NoError(s.t, os.WriteFile(block, raw, 0o600))
			return
		}
	}
	s.t.Fatalf("no block holds %q", text)
}

// backup copies the directory of a stopped server, and returns how to put the copy back.
func (s *site) backup() (restore func()) {
	s.t.Helper()
	from, to := filepath.Join(s.config.Dir, "jetstream"), filepath.Join(s.t.TempDir(), "jetstream")
	require.NoError(s.t, os.CopyFS(to, os.DirFS(from)))
	return func() {
		require.NoError(s.t, os.RemoveAll(from))
		require.NoError(s.t, os.CopyFS(from, os.DirFS(to)))
	}
}

func TestCursorGoesOnAfterItsPosition(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{Batch: 10})
	fill(t, log, row(0, 30))
	c := cursor(t, log, projections.Position{})
	records, err := c.Next(t.Context())
	require.NoError(t, err)
	require.Len(t, records, 10, "while more follows, a batch becomes full")
	at := c.Position()
	require.Equal(t, projections.Position{
		Stream: "HOOKFOLD", Created: at.Created, Seq: records[9].Seq, Time: records[9].Time,
	}, at)
	s.restart(nil)
	records, err = read(t, cursor(t, log, at), 20)
	require.NoError(t, err)
	requireRow(t, records, 11, row(10, 30))
}

func TestPositionOfAnEmptyLogIsKnownAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	c := cursor(t, log, projections.Position{})
	at := c.Position()
	require.Zero(t, at.Seq)
	fill(t, log, row(0, 3))
	records, err := read(t, cursor(t, log, at), 3)
	require.NoError(t, err)
	requireRow(t, records, 1, row(0, 3))
	s.deleteStream()
	log = s.open(jetstream.LogConfig{})
	_, err = log.Open(t.Context(), at)
	require.ErrorIs(t, err, projections.ErrRecreated)
}

func TestPositionThatTheLogDoesNotHoldIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	fill(t, log, row(0, 10))
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	tests := []struct {
		name   string
		change func(*projections.Position)
		want   error
	}{
		{"beyond the newest record", func(p *projections.Position) { p.Seq++ }, projections.ErrRewound},
		{"another record at that sequence", func(p *projections.Position) { p.Time = p.Time.Add(1) }, projections.ErrRewound},
		{"a stream made at another time", func(p *projections.Position) { p.Created = p.Created.Add(-1) }, projections.ErrRecreated},
		{"another stream", func(p *projections.Position) { p.Stream = "OTHER" }, projections.ErrRecreated},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := head
			test.change(&p)
			_, err := log.Open(t.Context(), p)
			require.ErrorIs(t, err, test.want)
		})
	}
	_, err = log.Open(t.Context(), head)
	require.NoError(t, err)
}

func TestLogThatWasMadeAnewIsNoticed(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	fill(t, log, row(0, 5))
	c := cursor(t, log, projections.Position{})
	_, err := read(t, c, 5)
	require.NoError(t, err)
	s.deleteStream()
	log = s.open(jetstream.LogConfig{})
	fill(t, log, row(0, 8))
	_, err = log.Open(t.Context(), c.Position())
	require.ErrorIs(t, err, projections.ErrRecreated)
	_, err = read(t, c, 1)
	require.ErrorIs(t, err, projections.ErrRecreated, "a cursor that is open notices as well")
}

func TestLogThatLostItsTailIsNoticedByAnOpenCursor(t *testing.T) {
	t.Parallel()
	for name, rewritten := range map[string]int{"shorter": 0, "as long": 6, "longer": 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, embedded.Config{})
			log := s.open(jetstream.LogConfig{})
			fill(t, log, row(0, 6))
			var restore func()
			s.restart(func() { restore = s.backup() })
			fill(t, log, row(6, 12))
			c := cursor(t, log, projections.Position{})
			_, err := read(t, c, 12)
			require.NoError(t, err)

			s.stop()
			restore()
			if rewritten > 0 { // by another process, before this one is back
				other, err := embedded.Start(t.Context(), s.config)
				require.NoError(t, err)
				nc, err := other.Connect()
				require.NoError(t, err)
				second, err := jetstream.OpenLog(t.Context(), nc, jetstream.LogConfig{})
				require.NoError(t, err)
				fill(t, second, row(100, 100+rewritten))
				nc.Close()
				require.NoError(t, other.Close())
			}
			s.start()
			_, err = read(t, c, 1)
			require.ErrorIs(t, err, projections.ErrRewound)
			_, err = c.Next(t.Context())
			require.ErrorIs(t, err, projections.ErrRewound, "it stays")
			_, err = log.Open(t.Context(), c.Position())
			require.ErrorIs(t, err, projections.ErrRewound)
		})
	}
}

func TestDamagedRecordIsAHole(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	es := row(0, 10)
	fill(t, log, es)
	s.restart(func() { s.damage(`"date":1700000003,`) })

	c := cursor(t, log, projections.Position{})
	records, err := read(t, c, 10)
	require.ErrorIs(t, err, projections.ErrHole)
	require.ErrorContains(t, err, "sequence 4 is missing between 3 and 5")
	requireRow(t, records, 1, es[:3])
	require.EqualValues(t, 3, c.Position().Seq)
	_, err = c.Next(t.Context())
	require.ErrorIs(t, err, projections.ErrHole, "it stays")

	at := records[2]
	_, err = log.Open(t.Context(), projections.Position{
		Stream: "HOOKFOLD", Created: c.Position().Created, Seq: 4, Time: at.Time,
	})
	require.ErrorIs(t, err, projections.ErrHole)
}

func TestDamagedNewestRecordIsAHoleAlsoWhenNothingFollows(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	fill(t, log, row(0, 10))
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	s.restart(func() { s.damage(`"date":1700000009,`) })
	after, err := log.Head(t.Context())
	require.NoError(t, err)
	_, err = read(t, cursor(t, log, projections.Position{}), 10)
	if after.Seq == head.Seq {
		require.ErrorIs(t, err, projections.ErrHole)
	}
	_, err = log.Open(t.Context(), head)
	require.Error(t, err)
}

func TestLogWithoutItsBeginningIsAHoleUnlessArchived(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	fill(t, log, row(0, 10))
	c := cursor(t, log, projections.Position{})
	_, err := read(t, c, 10)
	require.NoError(t, err)
	s.expire(t, log)
	fill(t, log, row(10, 15))

	_, err = log.Open(t.Context(), projections.Position{})
	require.ErrorIs(t, err, projections.ErrHole)
	_, err = log.Open(t.Context(), c.Position())
	require.ErrorIs(t, err, projections.ErrHole)

	archived := s.open(jetstream.LogConfig{Archived: 10})
	for _, from := range []projections.Position{{}, c.Position()} {
		records, err := read(t, cursor(t, archived, from), 5)
		require.NoError(t, err)
		requireRow(t, records, 11, row(10, 15))
	}
}

// expire lets everything leave the stream by age, as an operator does after an archive, and forbids it again.
func (s *site) expire(t *testing.T, log *jetstream.Log) {
	t.Helper()
	js, err := natsjs.New(s.nc)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "HOOKFOLD")
	require.NoError(t, err)
	config := stream.CachedInfo().Config
	config.MaxAge, config.Duplicates = 100*time.Millisecond, 100*time.Millisecond
	_, err = js.UpdateStream(t.Context(), config)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		info, err := stream.Info(t.Context())
		return err == nil && info.State.Msgs == 0
	}, patience, 10*time.Millisecond)
	config.MaxAge = 0
	_, err = js.UpdateStream(t.Context(), config)
	require.NoError(t, err)
}
