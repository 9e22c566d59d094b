package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/adapters/listen"
	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// door is the ingress as the server runs it, with durability always, and a plain stream of the same server beside it.
type door struct {
	*site
	nc     *nats.Conn // inside the process, as the server connects
	log    *jetstream.Log
	js     natsjs.JetStream
	server *listen.Server
	client *http.Client
	url    string
	sent   atomic.Int64 // notifications so far: no two are equal
}

// plainSubject is where the baseline publishes.
const plainSubject = "plain.notifications"

// openDoor starts the server and the ingress on loopback. The transport that is measured elsewhere plays no part.
func openDoor(ctx context.Context, c Config) (*door, error) {
	on, err := openSite(ctx, c, embedded.Always)
	if err != nil {
		return nil, err
	}
	d := &door{site: on}
	if err := d.open(ctx); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

func (d *door) open(ctx context.Context) (err error) {
	if d.nc, err = d.site.server.Connect(); err != nil {
		return err
	}
	if d.log, err = jetstream.OpenLog(ctx, d.nc, jetstream.LogConfig{}); err != nil {
		return err
	}
	if d.js, err = natsjs.New(d.nc); err != nil {
		return err
	}
	if _, err = d.js.CreateStream(ctx, natsjs.StreamConfig{Name: "PLAIN", Subjects: []string{plainSubject}}); err != nil {
		return err
	}
	handler, err := webhook.New(webhook.Config{Log: d.log})
	if err != nil {
		return err
	}
	if d.server, err = listen.New(listen.Config{Handler: handler, Refused: handler.Refused}); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	d.url = "http://" + listener.Addr().String() + "/hooks?"
	d.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers[len(callers)-1]}}
	go func() { _ = d.server.Serve(listener) }() // ends with close
	return nil
}

// close stops everything that was started.
func (d *door) close() error {
	var err error
	if d.client != nil {
		d.client.CloseIdleConnections()
		err = d.server.Close()
	}
	if d.log != nil {
		err = errors.Join(err, d.log.Close())
	}
	if d.nc != nil {
		d.nc.Close()
	}
	return errors.Join(err, d.site.close())
}

// next is a notification that was never sent before.
func (d *door) next() events.Event {
	return workload{users: 1 << 30, origin: events.Webhook}.event(int(d.sent.Add(1)))
}

// notify sends one notification and insists on the answer that promises durability.
func (d *door) notify(ctx context.Context) error {
	e := d.next()
	query := url.Values{"EventType": {string(e.Type)}, "RessourceId": {e.Ref.ID}, "Date": {strconv.FormatInt(e.Date, 10)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+query.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Hookfold-Seq") == "" {
		return fmt.Errorf("a notification was answered %s", resp.Status)
	}
	return nil
}

// publish is the baseline of notify: the same bytes, published and acknowledged.
func (d *door) publish(ctx context.Context) error {
	m, err := encode(d.next())
	if err != nil {
		return err
	}
	_, err = d.js.Publish(ctx, plainSubject, m.data)
	return err
}

// kept proves that the log grew by as many records as were sent.
func (d *door) kept(ctx context.Context, before projections.Position, n int) error {
	head, err := d.log.Head(ctx)
	if err == nil && head.Seq != before.Seq+projections.Seq(n) {
		err = fmt.Errorf("%d notifications were answered 200, the log grew by %d", n, head.Seq-before.Seq)
	}
	return err
}
