package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// acme is a platform that publishes what it receives to a stream of its own making.
type acme struct {
	dir, listen string
	server      *embedded.Server
	nc          *nats.Conn
	js          natsjs.JetStream
}

// newAcme starts the platform's server and makes the stream PAYMENTS, with nothing but the client library.
func newAcme(t testing.TB) *acme {
	t.Helper()
	a := &acme{dir: t.TempDir(), listen: "127.0.0.1:0"}
	a.start(t)
	t.Cleanup(a.stop)
	_, err := a.js.CreateStream(t.Context(), natsjs.StreamConfig{Name: "PAYMENTS", Subjects: []string{"acme.>"}})
	require.NoError(t, err)
	return a
}

// start starts the server, again where it was before.
func (a *acme) start(t testing.TB) {
	t.Helper()
	var err error
	a.server, err = embedded.Start(context.Background(), embedded.Config{Dir: a.dir, Listen: a.listen, Sync: embedded.Interval})
	require.NoError(t, err)
	a.listen = strings.TrimPrefix(a.server.URL(), "nats://")
	a.nc, err = nats.Connect(a.server.URL())
	require.NoError(t, err)
	a.js, err = natsjs.New(a.nc)
	require.NoError(t, err)
}

func (a *acme) stop() {
	if a.nc != nil {
		a.nc.Close()
		_ = a.server.Close()
		a.nc = nil
	}
}

// publish publishes texts to a subject and returns the last sequence.
func (a *acme) publish(t testing.TB, subject string, texts ...string) uint64 {
	t.Helper()
	var last natsjs.PubAckFuture
	for _, text := range texts {
		var err error
		last, err = a.js.PublishAsync(subject, []byte(text))
		require.NoError(t, err)
	}
	<-a.js.PublishAsyncComplete()
	select {
	case ack := <-last.Ok():
		return ack.Sequence
	case err := <-last.Err():
		require.NoError(t, err)
	}
	return 0
}

// written are notifications of all kinds as JSON: out of order, repeated, pings and unknown types among them.
func written(t testing.TB, n int) []string {
	t.Helper()
	var out []string
	for _, line := range mixed(n, 11) {
		switch {
		case strings.HasPrefix(line, `{"type":`): // only fold reads those
			continue
		case !strings.HasPrefix(line, "{"):
			query, found := mangopay.QueryOf(line)
			require.True(t, found)
			v, err := url.ParseQuery(query)
			require.NoError(t, err)
			line = fmt.Sprintf(`{"EventType":%q,"ResourceId":%q,"Date":%q}`, v.Get("EventType"),
				v.Get("RessourceId")+v.Get("ResourceId"), v.Get("Date"))
		}
		out = append(out, line)
	}
	return out
}

// folded is what fold makes of lines, without the summary: a document for each resource.
func folded(t testing.TB, text []string) [][]byte {
	t.Helper()
	got := call(t, strings.NewReader(strings.Join(text, "\n")), "fold")
	docs := bytes.Split(bytes.TrimSpace([]byte(got.out)), []byte("\n"))
	return docs[:len(docs)-1]
}

// texts are documents to compare.
func texts(docs [][]byte) []string {
	var out []string
	for _, doc := range docs {
		out = append(out, string(doc))
	}
	return out
}

// whose reads whose document it is.
func whose(t testing.TB, doc []byte) (kind, id string) {
	t.Helper()
	var d struct{ Kind, ID string }
	require.NoError(t, json.Unmarshal(doc, &d))
	return d.Kind, d.ID
}

func TestAForeignStreamGivesTheDocumentsOfFold(t *testing.T) {
	t.Parallel()
	text := written(t, 2000)
	want := folded(t, text)
	require.Greater(t, len(want), 40)
	a := newAcme(t)
	a.publish(t, "acme.orders", "not ours")
	last := a.publish(t, "acme.payments.hooks", text...)
	last = max(last, a.publish(t, "acme.payments.hooks", "garbage", `{"EventType":7}`, `{"type":"hookfold.observed","kind":"user","id":"user_1","date":1743627006,"values":{"kyc":"REGULAR"}}`,
		`{"EventType":"hookfold.observed","RessourceId":"user_1","Date":1743627006}`))

	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		log, err := jetstream.OpenForeign(t.Context(), a.nc, jetstream.ForeignConfig{
			Stream: "PAYMENTS", Subject: "acme.payments.hooks", Source: "mangopay", Decode: mangopay.DecodeJSON,
		})
		require.NoError(t, err)
		store := projections.NewMemoryStore()
		proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- proj.Run(ctx) }()
		require.NoError(t, proj.Wait(t.Context(), projections.Seq(last)))
		var got []string
		for _, m := range views.All() {
			for cursor, more := "", true; more; more = cursor != "" {
				page, err := store.List(t.Context(), projections.Query{Model: m.ID(), Cursor: cursor})
				require.NoError(t, err)
				for _, row := range page.Rows {
					doc, err := projections.ReadDocument(t.Context(), store, m, row.Ref.Source, row.Ref.ID, projections.AsOf{})
					if errors.Is(err, projections.ErrUnknown) {
						continue // what was said of it gives no document by itself
					}
					require.NoError(t, err, "%v", row.Ref)
					got = append(got, string(doc.JSON))
				}
				cursor = page.Next
			}
		}
		require.ElementsMatch(t, texts(want), got)
		stop()
		<-ended
		require.NoError(t, log.Close())
	})

	t.Run("through serve, killed on the way", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		flags := []string{"--source-stream", "PAYMENTS", "--source-subject", "acme.payments.hooks", "--source-nats", a.server.URL()}
		p := serveIn(t, dir, flags...)
		until(t, func() bool { return p.imported(t) > 0 })
		p.kill(t)
		p = serveIn(t, dir, flags...)
		until(t, func() bool { return p.imported(t) == last })
		path := map[string]string{"user": "/v1/users/", "idv_session": "/v1/idv-sessions/"}
		for _, doc := range want {
			kind, id := whose(t, doc)
			until(t, func() bool { // the read models follow the log
				status, got := p.read(t, path[kind]+url.PathEscape(id))
				return status == http.StatusOK && string(bytes.TrimSpace(got)) == string(doc)
			})
		}
		_, health := p.read(t, "/healthz")
		require.Contains(t, string(health), `"status":"ok"`)
		p.notify(t, s4Query)
		require.Equal(t, "ACTIVE", p.user(t, s4User).UserStatus, "the ingress is open as ever")
		p.stop(t)
	})
}

// healthz is what /healthz tells of an import.
type healthz struct {
	Status string
	Counts struct{ Import importStatus }
}

// healthz reads /healthz.
func (p *process) healthz(t testing.TB) healthz {
	t.Helper()
	_, body := p.read(t, "/healthz")
	var c healthz
	require.NoError(t, json.Unmarshal(body, &c))
	return c
}

// becomes waits until the read models, which follow the log, have a user at a KYC level.
func (p *process) becomes(t testing.TB, id, level string) {
	t.Helper()
	until(t, func() bool {
		status, _ := p.read(t, "/v1/users/"+id)
		return status == http.StatusOK && p.user(t, id).KYCLevel == level
	})
}

// imported is how far the import has come.
func (p *process) imported(t testing.TB) uint64 {
	t.Helper()
	return p.healthz(t).Counts.Import.SourceSeq
}

func TestASourceThatIsAwayShowsInHealthAndStopsNothingElse(t *testing.T) {
	t.Parallel()
	a := newAcme(t)
	a.publish(t, "acme.payments.hooks", `{"EventType":"USER_KYC_LIGHT","RessourceId":"u","Date":1743627006}`)
	a.stop()
	const canary = "c4n4ry-5d1e"
	p := serveIn(t, t.TempDir(), "--source-stream", "PAYMENTS", "--source-subject", "acme.payments.*",
		"--source-nats", "nats://me:"+canary+"@"+a.listen)
	p.notify(t, s4Query)
	until(t, func() bool { return p.healthz(t).Counts.Import.Trouble == errSource.Error() })
	for _, path := range []string{"/healthz", "/readyz"} {
		until(t, func() bool { status, _ := p.read(t, path); return status == http.StatusOK })
	}
	a.start(t)
	until(t, func() bool { return p.imported(t) == 1 })
	require.Equal(t, "ok", p.healthz(t).Status)
	p.becomes(t, "u", "LIGHT")
	a.stop()
	until(t, func() bool { return p.healthz(t).Counts.Import.Trouble == errSource.Error() })
	p.notify(t, s4Query)
	p.stop(t)
	require.NotContains(t, p.stderr.String(), canary)
}

func TestASourceIsImportedBesideALogOnTheSameServerInEveryFormat(t *testing.T) {
	t.Parallel()
	a := newAcme(t)
	header, data, err := events.Encode(mangopay.Notification{Type: mangopay.UserKYCRegular, ResourceID: "c", Date: 1743627006}.Event("x"))
	require.NoError(t, err)
	_, err = a.js.PublishMsg(t.Context(), &nats.Msg{Subject: "acme.cloudevents", Header: header, Data: data})
	require.NoError(t, err)
	a.publish(t, "acme.query", "EventType=USER_KYC_REGULAR&RessourceId=q&Date=1743627006", "nothing of the kind",
		"EventType=USER_KYC_REGULAR&RessourceId=&Date=1743627006")
	last := a.publish(t, "acme.json", `{"EventType":"USER_KYC_REGULAR","RessourceId":"j","Date":1743627006}`)
	for format, id := range map[string]string{"json": "j", "query": "q", "cloudevents": "c"} {
		p := serveIn(t, t.TempDir(), "--nats", a.server.URL(), "--source-stream", "PAYMENTS", "--source-subject", "acme."+format, "--source-format", format)
		until(t, func() bool { return p.healthz(t).Counts.Import.Events == 1 })
		p.becomes(t, id, "REGULAR")
		if format == "query" {
			until(t, func() bool { c := p.healthz(t).Counts.Import; return c.Undecodable == 1 && c.Passed == 1 })
			require.Contains(t, p.stderr.String(), "is --source-format right?")
		}
		require.LessOrEqual(t, p.imported(t), last)
		p.stop(t)
	}
}

func TestASourceThatLostWhatWasNotImportedSaysSoUntilItIsAccepted(t *testing.T) {
	t.Parallel()
	a := newAcme(t)
	flags := []string{"--source-stream", "PAYMENTS", "--source-nats", a.server.URL()}
	dir := t.TempDir()
	first := a.publish(t, "acme.x", `{"EventType":"USER_KYC_LIGHT","RessourceId":"1","Date":1743627006}`)
	p := serveIn(t, dir, flags...)
	until(t, func() bool { return p.imported(t) == first })
	p.stop(t)
	a.publish(t, "acme.x", `{"EventType":"USER_KYC_LIGHT","RessourceId":"2","Date":1743627006}`)
	stream, err := a.js.Stream(t.Context(), "PAYMENTS")
	require.NoError(t, err)
	require.NoError(t, stream.Purge(t.Context()))
	last := a.publish(t, "acme.x", `{"EventType":"USER_KYC_LIGHT","RessourceId":"3","Date":1743627006}`)
	p = serveIn(t, dir, flags...)
	until(t, func() bool { return strings.Contains(p.healthz(t).Counts.Import.Trouble, "before they were read") })
	p.stop(t)
	p = serveIn(t, dir, append(flags, "--source-accept-loss")...)
	until(t, func() bool { return p.imported(t) == last })
	p.becomes(t, "3", "LIGHT")
	p.stop(t)
}
