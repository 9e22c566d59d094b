package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hookfold/hookfold/projections"
)

// state measures how things stand when it is asked.
type state struct {
	cfg Config

	head, reachable, storeReachable *prometheus.Desc
	applied, behind, age            *prometheus.Desc
	left, size                      *prometheus.Desc
	parked                          *prometheus.Desc

	mu    sync.Mutex
	level map[string]time.Time // by model: when it was last seen with nothing left to apply
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+name, help, labels, nil)
}

func newState(c Config) *state {
	return &state{
		cfg:            c,
		head:           desc("log_sequence", "Sequence of the newest record in the log."),
		reachable:      desc("log_reachable", "1 while the log tells where it stands, else 0."),
		storeReachable: desc("store_reachable", "1 while the store tells how far every read model has come, else 0."),
		applied:        desc("applied_sequence", "Sequence of the newest record that a read model has applied.", "model"),
		behind:         desc("lag_records", "Records in the log that a read model has not yet applied.", "model"),
		age:            desc("lag_seconds", "For how long, at most, the oldest record that a read model has not applied has been waiting; 0 when there is none.", "model"),
		left:           desc("limit_left_bytes", "What is left until the log takes no more.", "limit"),
		size:           desc("limit_size_bytes", "The whole of that limit.", "limit"),
		parked:         desc("parked_now", "Resources that stand still now, at most 1000. Left out where the store has no index.", "model"),
		level:          map[string]time.Time{},
	}
}

// Describe lists what is measured.
func (s *state) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.head, s.reachable, s.storeReachable, s.applied, s.behind, s.age, s.left, s.size, s.parked} {
		to <- d
	}
}

// Collect asks the log, the store and the limits. What cannot be asked is left out.
func (s *state) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.Patience)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	s.progress(ctx, gauge)
	if s.cfg.Limits == nil {
		return
	}
	limits, err := s.cfg.Limits(ctx)
	if err != nil {
		return // what ends the log cannot be told; readiness says why
	}
	for _, l := range limits {
		gauge(s.left, float64(l.Left), l.Name)
		gauge(s.size, float64(l.Size), l.Name)
	}
}

// progress tells how far log and read models have come. The log is asked first, so that what arrives meanwhile is no lag.
func (s *state) progress(ctx context.Context, gauge func(*prometheus.Desc, float64, ...string)) {
	head, err := s.cfg.Head(ctx)
	gauge(s.reachable, one(err == nil))
	if err == nil {
		gauge(s.head, float64(head.Seq))
	}
	store := true
	for _, m := range s.cfg.Models {
		at, failed := s.standing(ctx, m)
		if failed != nil {
			store = false
			continue
		}
		gauge(s.applied, float64(at.Seq), m.Plural())
		if err == nil {
			gauge(s.behind, float64(max(head.Seq, at.Seq)-at.Seq), m.Plural())
			gauge(s.age, s.waiting(m.Plural(), head, at).Seconds(), m.Plural())
		}
	}
	gauge(s.storeReachable, one(store))
	s.standStill(ctx, gauge)
}

// mostParked bounds what one scrape may cost.
const mostParked = 1000

// standStill counts what stands still.
func (s *state) standStill(ctx context.Context, gauge func(*prometheus.Desc, float64, ...string)) {
	if !s.cfg.Store.Features().Indexed {
		return
	}
	for _, m := range s.cfg.Models {
		q := projections.Quarantine{Store: s.cfg.Store, Models: []projections.AnyModel{m}}
		page, err := q.List(ctx, projections.HeldQuery{Limit: mostParked})
		if err == nil {
			gauge(s.parked, float64(len(page.Items)), m.Plural())
		}
	}
}

// standing is how far the slot of a model has come that is furthest behind.
func (s *state) standing(ctx context.Context, m projections.AnyModel) (projections.Position, error) {
	var low projections.Position
	for slot := range s.cfg.Slots {
		c, err := s.cfg.Store.Checkpoint(ctx, m.ID(), slot)
		if err != nil {
			return low, err
		}
		if slot == 0 || c.Position.Seq < low.Seq {
			low = c.Position
		}
	}
	return low, nil
}

// waiting is for how long a record can have been waiting: it came after the newest that is applied, and after the moment
// at which nothing was waiting. Without the second a single record after a quiet night would be hours late.
func (s *state) waiting(model string, head, at projections.Position) time.Duration {
	now := s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if at.Seq >= head.Seq {
		s.level[model] = now
		return 0
	}
	since := at.Time
	if at.Seq == 0 {
		since = head.Created
	}
	if level := s.level[model]; level.After(since) {
		since = level
	}
	return max(now.Sub(since), 0)
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
