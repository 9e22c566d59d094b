package jetstream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
)

// hooks is where the platform of these tests publishes notifications.
const hooks = "acme.payments.hooks"

// platform is a site whose stream is made and filled with nothing but the client library.
type platform struct {
	*site
	js     natsjs.JetStream
	stream natsjs.Stream
}

// newPlatform makes the stream PAYMENTS, which holds hooks unless the configuration says otherwise.
func newPlatform(t testing.TB, config natsjs.StreamConfig) *platform {
	t.Helper()
	p := &platform{site: newSite(t, embedded.Config{Sync: embedded.Interval, Listen: "127.0.0.1:0"})}
	var err error
	p.js, err = natsjs.New(p.nc)
	require.NoError(t, err)
	config.Name = "PAYMENTS"
	if config.Subjects == nil {
		config.Subjects = []string{hooks}
	}
	p.stream, err = p.js.CreateStream(t.Context(), config)
	require.NoError(t, err)
	return p
}

// publish publishes texts as the platform does, and returns the last sequence. It waits for each: what waits for many is told
// of a lost connection late, when it is back, and takes for lost what was sent since.
func (p *platform) publish(subject string, texts ...string) (last projections.Seq) {
	p.t.Helper()
	for _, text := range texts {
		ack, err := p.js.Publish(p.t.Context(), subject, []byte(text))
		require.NoError(p.t, err)
		last = projections.Seq(ack.Sequence)
	}
	return last
}

// message is the n-th notification of a row, as the platform writes it.
func message(n int) string {
	e := event(n)
	return fmt.Sprintf(`{"EventType":%q,"RessourceId":%q,"Date":%d}`, e.Type, e.Ref.ID, e.Date)
}

// messages is the notifications from (inclusive) to (exclusive).
func messages(from, to int) []string {
	texts := make([]string, 0, to-from)
	for n := from; n < to; n++ {
		texts = append(texts, message(n))
	}
	return texts
}

// foreign opens the platform's stream.
func (p *platform) foreign(config jetstream.ForeignConfig) *jetstream.Log {
	p.t.Helper()
	config.Stream = "PAYMENTS"
	if config.Subject == "" {
		config.Subject = hooks
	}
	if config.Decode == nil {
		config.Decode = mangopay.DecodeJSON
	}
	log, err := jetstream.OpenForeign(p.t.Context(), p.nc, config)
	require.NoError(p.t, err)
	p.t.Cleanup(func() { _ = log.Close() })
	return log
}

// requireMessages checks that records hold exactly the messages from (inclusive) to (exclusive) of the row, at rising
// sequences.
func requireMessages(t testing.TB, records []projections.Record, from, to int) {
	t.Helper()
	require.Len(t, records, to-from)
	var before projections.Seq
	for i, r := range records {
		want := event(from + i)
		want.Delivery = events.Delivery{
			Origin: events.Import, Received: r.Time.UnixMilli(), Replica: "PAYMENTS", Attempt: uint64(r.Seq),
		}
		require.Equal(t, want, r.Event, "record %d", r.Seq)
		require.Greater(t, r.Seq, before)
		before = r.Seq
	}
}

// expireAll lets everything leave the stream by age, and takes the limit away again.
func (p *platform) expireAll() {
	p.t.Helper()
	config := p.stream.CachedInfo().Config
	config.MaxAge, config.Duplicates = 100*time.Millisecond, 100*time.Millisecond
	_, err := p.js.UpdateStream(p.t.Context(), config)
	require.NoError(p.t, err)
	require.Eventually(p.t, func() bool {
		info, err := p.stream.Info(p.t.Context())
		return err == nil && info.State.Msgs == 0
	}, patience, 10*time.Millisecond)
	config.MaxAge = 0
	_, err = p.js.UpdateStream(p.t.Context(), config)
	require.NoError(p.t, err)
}

// readers are the consumers of the stream.
func (p *platform) readers() []*natsjs.ConsumerInfo {
	p.t.Helper()
	var all []*natsjs.ConsumerInfo
	for info := range p.stream.ListConsumers(p.t.Context()).Info() {
		all = append(all, info)
	}
	return all
}

// publishMsg publishes one message with a header.
func (p *platform) publishMsg(m *nats.Msg) {
	p.t.Helper()
	_, err := p.js.PublishMsg(p.t.Context(), m)
	require.NoError(p.t, err)
}
