package jetstream_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
)

func TestLaw7_EveryMessageOfAForeignStreamIsAnEvent(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	p.publish(hooks,
		message(1),
		`{"EventType":"A_TYPE_OF_TOMORROW","ResourceId":"x","Date":"1743627006.0","Tag":"more"}`,
		`{"EventType":"USER_KYC_LIGHT","RessourceId":"","Date":1743627006}`, // the dashboard's ping
		`{"EventType":"hookfold.observed","RessourceId":"user_m_1","Date":1743627006}`,
		"not JSON \xff", "", strings.Repeat("é", 5000), message(1))
	log := p.foreign(jetstream.ForeignConfig{Source: "acme-sandbox"})
	records, err := read(t, cursor(t, log, projections.Position{}), 8)
	require.NoError(t, err)

	want := event(1)
	want.Ref.Source = "acme-sandbox"
	for i, r := range records {
		assert.Equal(t, projections.Seq(i+1), r.Seq)
		assert.Equal(t, events.Delivery{
			Origin: events.Import, Received: r.Time.UnixMilli(), Replica: "PAYMENTS", Attempt: uint64(r.Seq),
		}, r.Event.Delivery)
		assert.Equal(t, "acme-sandbox", r.Event.Ref.Source)
	}
	assert.Equal(t, want.ID(), records[0].Event.ID())
	assert.Equal(t, want.ID(), records[7].Event.ID(), "a repetition stays one")
	assert.Equal(t, events.Type("A_TYPE_OF_TOMORROW"), records[1].Event.Type)
	assert.Equal(t, events.Passed, records[2].Event.Type)
	ids := map[events.ID]bool{}
	for i, raw := range map[int]string{
		3: `{"EventType":"hookfold.observed","RessourceId":"user_m_1","Date":1743627006}`,
		4: "not JSON \uFFFD", 5: "", 6: strings.Repeat("é", 1024),
	} {
		e := records[i].Event
		assert.Equal(t, events.Undecodable, e.Type)
		assert.Equal(t, records[i].Time.Unix(), e.Date)
		var kept struct {
			Raw, Stream, Subject string
			Seq                  uint64
		}
		require.NoError(t, json.Unmarshal(e.Data, &kept))
		assert.Equal(t, raw, kept.Raw)
		assert.Equal(t, []any{"PAYMENTS", hooks, uint64(i + 1)}, []any{kept.Stream, kept.Subject, kept.Seq})
		ids[e.ID()] = true
	}
	assert.Len(t, ids, 4)
}

func TestAForeignDecoderThatReturnsWhatNoLogCanKeepIsAsOneThatFails(t *testing.T) {
	t.Parallel()
	user := events.Ref{Source: "acme", Kind: "user", ID: "1"}
	for name, e := range map[string]events.Event{
		"no kind":            {Type: "X", Ref: events.Ref{Source: "acme", ID: "1"}},
		"no id":              {Type: "X", Ref: events.Ref{Source: "acme", Kind: "user"}},
		"no text":            {Type: "X\xff", Ref: user},
		"a source no text":   {Type: "X", Ref: events.Ref{Source: "\xff", Kind: "user", ID: "1"}},
		"a long id":          {Type: "X", Ref: events.Ref{Kind: "user", ID: strings.Repeat("x", 513)}},
		"data not canonical": {Type: "X", Ref: user, Data: []byte(`{ "a":1}`)},
		"much data":          {Type: "X", Ref: user, Data: []byte(`"` + strings.Repeat("x", 64<<10) + `"`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, natsjs.StreamConfig{})
			p.publish(hooks, "x", "y")
			log := p.foreign(jetstream.ForeignConfig{
				Decode: func(_ string, _ map[string][]string, data []byte) (events.Event, error) {
					if string(data) == "y" {
						return events.Event{Type: "Y", Ref: user}, nil
					}
					return e, nil
				},
			})
			records, err := read(t, cursor(t, log, projections.Position{}), 2)
			require.NoError(t, err)
			require.Equal(t, events.Undecodable, records[0].Event.Type)
			require.Equal(t, user, records[1].Event.Ref)
			to := p.open(jetstream.LogConfig{})
			require.EqualValues(t, 2, fill(t, to, []events.Event{records[0].Event, records[1].Event}))
		})
	}
}

func TestAForeignStreamIsReadOnlyAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	p.publish(hooks, messages(0, 10)...)
	before, err := p.stream.Info(t.Context())
	require.NoError(t, err)
	log := p.foreign(jetstream.ForeignConfig{})
	for _, es := range [][]events.Event{row(0, 1), row(0, 3), nil} {
		_, err = log.Append(t.Context(), es...)
		require.ErrorIs(t, err, projections.ErrReadOnly)
	}
	c := cursor(t, log, projections.Position{})
	records, err := read(t, c, 10)
	require.NoError(t, err)
	requireMessages(t, records, 0, 10)
	require.NoError(t, c.Close())
	after, err := p.stream.Info(t.Context())
	require.NoError(t, err)
	require.Equal(t, before.Config, after.Config)
	require.Equal(t, before.State, after.State)
	_, err = jetstream.OpenForeign(t.Context(), p.nc, jetstream.ForeignConfig{Stream: "NONE", Decode: mangopay.DecodeJSON})
	require.ErrorIs(t, err, projections.ErrAway)
	_, err = p.js.Stream(t.Context(), "NONE")
	require.ErrorIs(t, err, natsjs.ErrStreamNotFound, "and none is made")
}

func TestOtherSubjectsAreLeftOutByOneFilterOnTheServer(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{Subjects: []string{"acme.>", "other"}})
	for i := range 300 {
		p.publish(hooks, message(i))
		p.publish("acme.orders", "not ours")
		p.publish("other", "not ours")
	}
	log := p.foreign(jetstream.ForeignConfig{Batch: 100, Gather: time.Minute})
	c := cursor(t, log, projections.Position{})
	infos := p.readers()
	require.Len(t, infos, 1)
	require.Equal(t, hooks, infos[0].Config.FilterSubject)
	require.Empty(t, infos[0].Config.FilterSubjects)
	var records []projections.Record
	for range 3 {
		some, err := c.Next(t.Context())
		require.NoError(t, err)
		require.Len(t, some, 100, "what lies between does not cut a batch short")
		records = append(records, some...)
	}
	requireMessages(t, records, 0, 300)
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	require.Equal(t, c.Position(), head, "the head is the newest record, not the stream's newest message")
	p.publish("other", "not ours")
	p.publish(hooks, message(300))
	records, err = read(t, c, 1)
	require.NoError(t, err)
	requireMessages(t, records, 300, 301)
}

func TestAStreamThatHoldsNothingElseIsReadWithoutAFilter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		subjects []string
		subject  string
		filter   string
	}{
		"the same":       {[]string{hooks}, hooks, ""},
		"everything":     {[]string{hooks, "x"}, ">", ""},
		"a wider one":    {[]string{hooks, "acme.payments.more"}, "acme.*.*", ""},
		"a narrower one": {[]string{"acme.>"}, hooks, hooks},
		"one of several": {[]string{hooks, "acme.other"}, "acme.payments.>", "acme.payments.>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, natsjs.StreamConfig{Subjects: test.subjects})
			p.publish(hooks, message(0))
			c := cursor(t, p.foreign(jetstream.ForeignConfig{Subject: test.subject}), projections.Position{})
			records, err := read(t, c, 1)
			require.NoError(t, err)
			requireMessages(t, records, 0, 1)
			require.Equal(t, test.filter, p.readers()[0].Config.FilterSubject)
		})
	}
}

func TestAStreamThatLearnsAnotherSubjectGivesOnlyOurs(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	c := cursor(t, p.foreign(jetstream.ForeignConfig{}), projections.Position{})
	config := p.stream.CachedInfo().Config
	config.Subjects = append(config.Subjects, "acme.orders")
	_, err := p.js.UpdateStream(t.Context(), config)
	require.NoError(t, err)
	p.publish("acme.orders", message(0))
	p.publish(hooks, message(1))
	records, err := read(t, c, 2)
	require.NoError(t, err)
	require.Equal(t, events.Passed, records[0].Event.Type)
	requireMessages(t, records[1:], 1, 2)
}

func TestAForeignStreamThatReadingWouldEmptyIsRefused(t *testing.T) {
	t.Parallel()
	for _, retention := range []natsjs.RetentionPolicy{natsjs.WorkQueuePolicy, natsjs.InterestPolicy} {
		t.Run(retention.String(), func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, natsjs.StreamConfig{Retention: retention})
			_, err := jetstream.OpenForeign(t.Context(), p.nc, jetstream.ForeignConfig{Stream: "PAYMENTS", Decode: mangopay.DecodeJSON})
			require.ErrorIs(t, err, jetstream.ErrRetention)
			require.Empty(t, p.readers())
		})
	}
}

func TestAForeignStreamThatBecomesOneThatReadingWouldEmptyIsLeft(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	log := p.foreign(jetstream.ForeignConfig{})
	config := p.stream.CachedInfo().Config
	config.Retention = natsjs.InterestPolicy
	_, err := p.js.UpdateStream(t.Context(), config)
	require.NoError(t, err)
	_, err = log.Open(t.Context(), projections.Position{})
	require.ErrorIs(t, err, jetstream.ErrRetention)
}

func TestAForeignConfigurationTellsAllOfItsProblems(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	_, err := jetstream.OpenForeign(t.Context(), p.nc, jetstream.ForeignConfig{
		Stream: "a b", Subject: "a..b", Source: strings.Repeat("x", 513), Timeout: -1, Batch: -1, Gather: -1,
	})
	for _, problem := range []string{"Stream", "Subject", "Decode", "Source", "Timeout", "Batch", "Gather"} {
		require.ErrorContains(t, err, "jetstream: "+problem)
	}
	require.NotContains(t, err.Error(), "Prefix")
	good := jetstream.ForeignConfig{Stream: "PAYMENTS", Subject: "acme.orders", Decode: mangopay.DecodeJSON}
	_, err = jetstream.OpenForeign(t.Context(), p.nc, good)
	require.ErrorIs(t, err, jetstream.ErrSubject, "a subject that is mistyped would stay empty for ever")
	_, err = jetstream.OpenForeign(t.Context(), nil, good)
	require.ErrorContains(t, err, "no connection")
}

func TestRestartsAndLostConnectionsLeaveNoGapAndNoDoubleInAForeignStream(t *testing.T) {
	t.Parallel()
	for name, accept := range map[string]bool{"strict": false, "accepting losses": true} {
		for _, subjects := range [][]string{{hooks}, {"acme.>"}} {
			t.Run(name+" "+subjects[0], func(t *testing.T) {
				t.Parallel()
				p := newPlatform(t, natsjs.StreamConfig{Subjects: subjects})
				publish := func(from, to int) {
					for i := from; i < to; i++ {
						p.publish(hooks, message(i))
						if len(subjects[0]) < len(hooks) {
							p.publish("acme.orders", "not ours")
						}
					}
				}
				publish(0, 400)
				c := cursor(t, p.foreign(jetstream.ForeignConfig{Batch: 30, AcceptLoss: accept}), projections.Position{})
				var records []projections.Record
				for i := range 3 {
					some, err := read(t, c, 60)
					require.NoError(t, err)
					records = append(records, some...)
					if i == 1 {
						p.restart(nil)
					} else {
						require.NoError(t, p.nc.ForceReconnect())
						<-p.back
					}
				}
				publish(400, 410)
				some, err := read(t, c, 410-len(records))
				require.NoError(t, err)
				requireMessages(t, append(records, some...), 0, 410)
			})
		}
	}
}

func TestMessagesThatSomebodyDeletedMayBeMissing(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	p.publish(hooks, messages(0, 10)...)
	for _, seq := range []uint64{3, 6, 7} {
		require.NoError(t, p.stream.DeleteMsg(t.Context(), seq))
	}
	c := cursor(t, p.foreign(jetstream.ForeignConfig{}), projections.Position{})
	records, err := read(t, c, 7)
	require.NoError(t, err)
	at := projections.Position{Stream: "PAYMENTS", Created: c.Position().Created, Seq: records[1].Seq, Time: records[1].Time}
	var seqs []projections.Seq
	for _, r := range records {
		seqs = append(seqs, r.Seq)
	}
	require.Equal(t, []projections.Seq{1, 2, 4, 5, 8, 9, 10}, seqs)
	p.publish(hooks, messages(10, 12)...)
	require.NoError(t, p.stream.DeleteMsg(t.Context(), 2)) // what was read last itself
	records, err = read(t, c, 2)
	require.NoError(t, err)
	requireMessages(t, records, 10, 12)
	records, err = read(t, cursor(t, p.foreign(jetstream.ForeignConfig{}), at), 7)
	require.NoError(t, err)
	require.EqualValues(t, 4, records[0].Seq)
}

func TestADamagedMessageOfAForeignStreamIsAHoleUnlessLossIsAccepted(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"in the middle": 4, "the newest": 9} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, natsjs.StreamConfig{})
			p.publish(hooks, messages(0, 10)...)
			p.restart(func() { p.damageIn("PAYMENTS", message(n)) })
			_, err := read(t, cursor(t, p.foreign(jetstream.ForeignConfig{}), projections.Position{}), 10)
			info, failed := p.stream.Info(t.Context())
			require.NoError(t, failed)
			if info.State.LastSeq == 10 { // else the server itself took the last message away when it started
				require.ErrorIs(t, err, projections.ErrHole)
			}
			c := cursor(t, p.foreign(jetstream.ForeignConfig{AcceptLoss: true}), projections.Position{})
			records, err := read(t, c, 9)
			require.NoError(t, err)
			p.publish(hooks, message(10))
			more, err := read(t, c, 1)
			require.NoError(t, err)
			require.Len(t, append(records, more...), 10)
			require.Equal(t, event(10).ID(), more[0].Event.ID())
		})
	}
}

func TestAFirstReadingBeginsWithTheFirstMessageThatIsThere(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	p.publish(hooks, messages(0, 5)...)
	p.expireAll()
	c := cursor(t, p.foreign(jetstream.ForeignConfig{}), projections.Position{})
	require.EqualValues(t, 5, c.Position().Seq, "from now on nothing may leave unread")
	at := c.Position()
	p.publish(hooks, messages(5, 8)...)
	records, err := read(t, c, 3)
	require.NoError(t, err)
	requireMessages(t, records, 5, 8)
	records, err = read(t, cursor(t, p.foreign(jetstream.ForeignConfig{}), at), 3)
	require.NoError(t, err)
	requireMessages(t, records, 5, 8)
}

func TestMessagesThatLeftUnreadAreAHoleUnlessLossIsAccepted(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	p.publish(hooks, messages(0, 5)...)
	log := p.foreign(jetstream.ForeignConfig{Batch: 3})
	c := cursor(t, log, projections.Position{})
	records, err := c.Next(t.Context())
	require.NoError(t, err)
	require.Len(t, records, 3)
	unread := c.Position()
	_, err = read(t, c, 2)
	require.NoError(t, err)
	all := c.Position()
	require.NoError(t, p.stream.Purge(t.Context()))
	p.publish(hooks, messages(5, 7)...)

	_, err = log.Open(t.Context(), unread)
	require.ErrorIs(t, err, projections.ErrHole)
	require.ErrorContains(t, err, "messages 4 to 5 left stream PAYMENTS before they were read")
	records, err = read(t, cursor(t, log, all), 2)
	require.NoError(t, err, "what left it after it was read is no loss")
	requireMessages(t, records, 5, 7)
	records, err = read(t, cursor(t, p.foreign(jetstream.ForeignConfig{AcceptLoss: true}), unread), 2)
	require.NoError(t, err)
	requireMessages(t, records, 5, 7)
}

func TestMessagesThatLeaveAStreamBeforeAnOpenCursorReadsThemAreAHole(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	p.publish(hooks, messages(0, 1000)...)
	c := cursor(t, p.foreign(jetstream.ForeignConfig{Batch: 10}), projections.Position{})
	_, err := c.Next(t.Context()) // the server waits with most of the rest until it is wanted
	require.NoError(t, err)
	require.NoError(t, p.stream.Purge(t.Context(), natsjs.WithPurgeSequence(900)))
	_, err = read(t, c, 990)
	require.ErrorIs(t, err, projections.ErrHole)
	require.ErrorContains(t, err, "to 899 left stream PAYMENTS before they were read")
}

func TestAForeignPositionThatTheStreamDoesNotHoldIsRefused(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{Subjects: []string{"acme.>"}})
	p.publish(hooks, messages(0, 10)...)
	for _, accept := range []bool{false, true} {
		log := p.foreign(jetstream.ForeignConfig{AcceptLoss: accept})
		head, err := log.Head(t.Context())
		require.NoError(t, err)
		for _, test := range []struct {
			name   string
			change func(*projections.Position)
			want   error
		}{
			{"beyond the newest message", func(p *projections.Position) { p.Seq++ }, projections.ErrRewound},
			{"another message at that sequence", func(p *projections.Position) { p.Time = p.Time.Add(1) }, projections.ErrRewound},
			{"a stream made at another time", func(p *projections.Position) { p.Created = p.Created.Add(-1) }, projections.ErrRecreated},
			{"another stream", func(p *projections.Position) { p.Stream = "OTHER" }, projections.ErrRecreated},
			{"as it is", func(*projections.Position) {}, nil},
		} {
			at := head
			test.change(&at)
			c, err := log.Open(t.Context(), at)
			require.ErrorIs(t, err, test.want, test.name)
			if c != nil {
				require.NoError(t, c.Close())
			}
		}
	}
}

func TestAForeignStreamThatIsMadeAnewIsNoticedByAnOpenCursor(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	p.publish(hooks, messages(0, 5)...)
	c := cursor(t, p.foreign(jetstream.ForeignConfig{AcceptLoss: true}), projections.Position{})
	_, err := read(t, c, 5)
	require.NoError(t, err)
	p.recreate()
	p.publish(hooks, messages(0, 8)...)
	_, err = read(t, c, 1)
	require.ErrorIs(t, err, projections.ErrRecreated)
}

func TestAnEmptyForeignStreamHasAHeadToBeginAt(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	log := p.foreign(jetstream.ForeignConfig{})
	p.publish(hooks, messages(0, 3)...)
	require.NoError(t, p.stream.Purge(t.Context()))
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	require.Zero(t, head.Seq, "no record is there that one could wait for")
	c := cursor(t, log, head)
	p.publish(hooks, message(3))
	records, err := read(t, c, 1)
	require.NoError(t, err)
	requireMessages(t, records, 3, 4)
}

func TestWhatEncodeWroteIsACloudEventOfAForeignStream(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	header, data, err := events.Encode(event(1))
	require.NoError(t, err)
	p.publishMsg(&nats.Msg{Subject: hooks, Header: header, Data: data})
	log := p.foreign(jetstream.ForeignConfig{Decode: mangopay.DecodeCloudEvent})
	records, err := read(t, cursor(t, log, projections.Position{}), 1)
	require.NoError(t, err)
	requireMessages(t, records, 1, 2)
}

// recreate deletes the stream and makes it anew.
func (p *platform) recreate() {
	p.t.Helper()
	require.NoError(p.t, p.js.DeleteStream(p.t.Context(), "PAYMENTS"))
	config := p.stream.CachedInfo().Config
	require.Eventually(p.t, func() bool { // the server removes files behind its answer
		_, err := os.Stat(p.config.Dir + "/jetstream/$G/streams/PAYMENTS")
		return errors.Is(err, os.ErrNotExist)
	}, patience, 1e6)
	var err error
	p.stream, err = p.js.CreateStream(p.t.Context(), config)
	require.NoError(p.t, err)
}
