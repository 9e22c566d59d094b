package bench

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/hookfold/hookfold/events"
)

// The contenders over one stream.
const (
	caseRaw             = "raw"
	caseBare            = "raw-bare"
	caseAfternoon       = "afternoon"
	caseAfternoonMemory = "afternoon-memory"
	caseMemory          = "memory"
	caseHalf            = "kv-half"
	caseEvery           = "kv-every"
)

// columnRaw has a bound in every table over a stream.
const columnRaw = "÷ raw"

// importCourse reads bare claims, as another stream's import or the backfill leaves them.
func importCourse() course {
	return streamCourse("import", "One stream of bare claims, as an import leaves them",
		"Each is folded by the model of users.", events.Import)
}

// webhookCourse reads what the ingress writes.
func webhookCourse() course {
	return streamCourse("webhook", "One stream of claims, as the ingress stores them",
		"Each is folded twice: by the model of users, and as a success of its hook by the model of hooks.", events.Webhook)
}

// afternoonEvents is how many events the baselines with an acknowledgement a message read: they are slow, and no faster
// on more.
const afternoonEvents = 20_000

func streamCourse(name, title, folded string, origin events.Origin) course {
	return newCourse(Table{
		Name: name, Title: title,
		Note: fmt.Sprintf("%s All contenders read the same stream of an embedded server, on file, from connections of their own. "+
			"raw: OrderedConsumer.Consume(PullMaxMessages(5000)) that only counts. afternoon: json.Unmarshal, looplab/fsm, "+
			"json.Marshal, kv.Put and Ack for each message, the first %s events.", folded, short(afternoonEvents)),
		Figures: []Figure{
			{Case: caseRaw, What: "count only"},
			{Case: caseBare, What: "count only, the same data without headers"},
			{Case: caseAfternoon, What: "afternoon projector, one KV write an event"},
			{Case: caseAfternoonMemory, What: "afternoon projector, views in a map"},
			{Case: caseMemory, What: "ours, stream → memory views", Targets: []Target{
				{Column: columnRaw, AtLeast: 0.90}, {Column: "÷ afternoon", AtLeast: 30},
			}},
			{Case: caseHalf, What: "ours, stream → JetStream KV, two events a row written", Targets: []Target{
				{Column: columnRaw, AtLeast: 0.30}, {Column: "÷ afternoon", AtLeast: 8},
			}},
			{Case: caseEvery, What: "ours, stream → JetStream KV, every event a row written"},
		},
	}, streamColumns(), []string{caseRaw, caseAfternoon}, func(ctx context.Context, c Config) (*field, error) {
		s, err := openStream(ctx, c, workload{users: c.Resources, origin: origin})
		if err != nil {
			return nil, err
		}
		if err := s.fillBare(ctx); err != nil {
			return nil, errors.Join(err, s.close())
		}
		return &field{close: s.close, run: map[string]func(context.Context) (lap, error){
			caseRaw:             s.raw,
			caseBare:            s.rawBare,
			caseAfternoon:       s.afternoonKV,
			caseAfternoonMemory: s.afternoonMemory,
			caseMemory:          s.memory,
			caseHalf:            func(ctx context.Context) (lap, error) { return s.kv(ctx, 2*s.users, s.events/2) },
			caseEvery:           func(ctx context.Context) (lap, error) { return s.kv(ctx, s.batch, s.events) },
		}}, nil
	})
}

func streamColumns() []column {
	return []column{
		figure("events/s", lap.rate),
		figure("CPU µs/event", lap.cpuMicros),
		{columnRaw, faster(caseRaw)},
		{"÷ afternoon", faster(caseAfternoon)},
		figure("writes/event", func(l lap) float64 {
			if l.writes == 0 {
				return math.NaN()
			}
			return float64(l.writes) / float64(l.n)
		}),
	}
}
