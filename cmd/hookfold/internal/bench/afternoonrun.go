package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// afternoonMemory keeps the views in a map.
func (s *stream) afternoonMemory(ctx context.Context) (lap, error) {
	js, done, err := s.client()
	if err != nil {
		return lap{}, err
	}
	defer done()
	kept := map[string][]byte{}
	l, err := s.acknowledged(ctx, js, func(key string, value []byte) error { kept[key] = value; return nil })
	if err != nil {
		return lap{}, err
	}
	return l, s.agree(l.n, func(id string) ([]byte, error) { return kept[id], nil })
}

// afternoonKV writes the view into a bucket for every message.
func (s *stream) afternoonKV(ctx context.Context) (lap, error) {
	js, done, err := s.client()
	if err != nil {
		return lap{}, err
	}
	defer done()
	const bucket = "afternoon"
	kv, err := js.CreateKeyValue(ctx, natsjs.KeyValueConfig{Bucket: bucket})
	if err != nil {
		return lap{}, err
	}
	l, err := s.acknowledged(ctx, js, func(key string, value []byte) error {
		_, err := kv.Put(ctx, key, value)
		return err
	})
	l.writes = l.n
	if err == nil {
		err = s.agree(l.n, func(id string) ([]byte, error) {
			entry, err := kv.Get(ctx, id)
			if err != nil {
				return nil, err
			}
			return entry.Value(), nil
		})
	}
	return l, errors.Join(err, js.DeleteKeyValue(ctx, bucket))
}

// acknowledged runs the projector over the beginning of the stream.
func (s *stream) acknowledged(ctx context.Context, js natsjs.JetStream, keep func(string, []byte) error) (lap, error) {
	n := min(s.events, afternoonEvents)
	consumer, err := js.CreateConsumer(ctx, streamName, natsjs.ConsumerConfig{Durable: "afternoon", AckPolicy: natsjs.AckExplicitPolicy})
	if err != nil {
		return lap{}, err
	}
	a := newAfternoon()
	l, err := timed(n, func() error {
		_, err := take(ctx, consumer, n, func(m natsjs.Msg) error { return a.handle(ctx, m, keep) })
		return err
	})
	return l, errors.Join(err, js.DeleteConsumer(ctx, streamName, consumer.CachedInfo().Name))
}

// agree compares what the afternoon projector keeps of every user after n events with our fold of the same events.
func (s *stream) agree(n int, kept func(id string) ([]byte, error)) error {
	for first := range min(n, s.users) {
		value, err := kept(s.user(first).ID)
		if err != nil {
			return err
		}
		var view userView
		if err := json.Unmarshal(value, &view); err != nil {
			return fmt.Errorf("the afternoon projector lost a user: %w", err)
		}
		var recs []projections.Record
		for i := first; i < n; i += s.users {
			recs = append(recs, s.record(i))
		}
		if want := expected(s.user(first), recs); !equal(view.States, want) {
			return fmt.Errorf("user %d: the afternoon projector has %v, the fold %v", first, view.States, want)
		}
	}
	return nil
}

// expected is what a user's machines publish, in the afternoon projector's words.
func expected(ref events.Ref, recs []projections.Record) map[string]string {
	k := projections.Fold(views.Users, ref, recs, projections.AsOf{}).Value.Known()
	level := k.KYCLevel
	if k.RenewalDue {
		level = "DUE"
	}
	enrolled := ""
	if k.Enrolled == "true" {
		enrolled = "ENROLLED"
	}
	return map[string]string{
		"status": k.Status, "category": k.Category, "kyc": level, "sca": enrolled, "inflows": k.Inflows, "outflows": k.Outflows,
	}
}

// equal compares two sets of states in which an absent machine is an unknown one.
func equal(have, want map[string]string) bool {
	for machine, state := range want {
		if have[machine] != state {
			return false
		}
	}
	return true
}
