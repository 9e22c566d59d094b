package confirm_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay"
)

// change is a value that something has from a time on, Unix seconds.
type change struct {
	at    int64
	value string
}

// object is one resource as the provider holds it.
type object struct {
	created int64
	user    string // whose session or document it is
	person  string
	values  map[string][]change // by machine, oldest first
}

// at is the value of a machine at a time.
func (o *object) at(machine string, t int64) (value string) {
	for _, c := range o.values[machine] {
		if c.at <= t {
			value = c.value
		}
	}
	return value
}

// faults are what can go wrong with a call, as probabilities.
type faults struct {
	stale    float64       // the answer is older than the request
	lag      time.Duration // by so much at most
	limited  float64       // 429
	broken   float64       // 503
	sca      float64       // an SCA 401
	panics   float64       // a bug of the client
	latency  time.Duration // of an answer at most
	outage   [2]int64      // Unix seconds between which nothing answers
	reserved []mangopay.Window
	always   error  // what every call is answered with; nil: as it should be
	typ      string // and the Type of that error
}

// provider is the API of a provider that exists in virtual time. What it does is a function of its seed and of how often
// it was asked for a thing, whatever the order of goroutines.
type provider struct {
	seed    uint64
	faults  faults
	objects map[string]*object // by kind/id

	mu    sync.Mutex
	asked map[string]uint64
	calls []time.Time
	paths []string
}

func newProvider(seed uint64, f faults) *provider {
	return &provider{seed: seed, faults: f, objects: map[string]*object{}, asked: map[string]uint64{}}
}

// call is one call under way.
type call struct {
	object *object // nil: no such thing
	start  time.Time
	seen   int64 // the answer is of this time
}

// ask begins a call.
func (p *provider) ask(ctx context.Context, path, kind, id string) (c call, err error) {
	p.mu.Lock()
	key := path + "/" + id
	p.asked[key]++
	n := p.asked[key]
	c.start = time.Now()
	p.calls = append(p.calls, c.start)
	p.paths = append(p.paths, key)
	p.mu.Unlock()
	h := fnv.New64a()
	fmt.Fprint(h, key, n)
	random := rand.New(rand.NewPCG(p.seed, h.Sum64()))
	f := p.faults
	if f.latency > 0 {
		t := time.NewTimer(time.Duration(random.Int64N(int64(f.latency))))
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return c, fmt.Errorf("%w: %w", mangopay.ErrUnavailable, ctx.Err())
		}
	}
	c.seen = c.start.Unix()
	at := &mangopay.Error{At: c.start.Truncate(time.Second)}
	switch dice := random.Float64(); {
	case f.always != nil:
		at.HTTPStatus, at.Type = 400, f.typ
		return c, fmt.Errorf("%w: %w", f.always, at)
	case f.outage[0] <= c.seen && c.seen < f.outage[1]:
		return c, mangopay.ErrUnavailable
	case dice < f.limited:
		at.Retry = time.Duration(1+random.IntN(60)) * time.Second
		return c, fmt.Errorf("%w: %w", mangopay.ErrRateLimit, at)
	case dice < f.limited+f.broken:
		return c, mangopay.ErrUnavailable
	case dice < f.limited+f.broken+f.sca:
		return c, mangopay.ErrSCA
	case dice < f.limited+f.broken+f.sca+f.panics:
		panic("a bug of the client")
	}
	if random.Float64() < f.stale {
		c.seen -= random.Int64N(int64(f.lag/time.Second) + 1)
	}
	c.object = p.objects[kind+"/"+id]
	if c.object == nil || c.object.created > c.seen {
		return c, fmt.Errorf("%w: %w", mangopay.ErrNotFound, at)
	}
	return c, nil
}

// answer dates an answer as the client does.
func answer[T any](c call, v T) mangopay.Answer[T] {
	return mangopay.Answer[T]{Value: v, At: c.start.Truncate(time.Second)}
}

func (p *provider) User(ctx context.Context, id string) (a mangopay.Answer[mangopay.User], err error) {
	c, err := p.ask(ctx, "users", "user", id)
	if err != nil {
		return a, err
	}
	return answer(c, mangopay.User{
		ID: id, Created: c.object.created, PersonType: c.object.person, Status: c.object.at("status", c.seen),
		Category: c.object.at("category", c.seen), KYCLevel: c.object.at("kyc", c.seen),
	}), nil
}

func (p *provider) ScaStatus(ctx context.Context, id string) (a mangopay.Answer[mangopay.ScaStatus], err error) {
	c, err := p.ask(ctx, "sca-status", "user", id)
	if err != nil {
		return a, err
	}
	if c.object.at("sca", c.seen) == "" { // never triggered
		return a, fmt.Errorf("%w: %w", mangopay.ErrNotFound, &mangopay.Error{At: c.start.Truncate(time.Second)})
	}
	return answer(c, mangopay.ScaStatus{IsEnrolled: c.object.at("sca", c.seen) == "true"}), nil
}

func (p *provider) Regulatory(ctx context.Context, id string) (a mangopay.Answer[mangopay.Regulatory], err error) {
	c, err := p.ask(ctx, "regulatory", "user", id)
	if err != nil {
		return a, err
	}
	return answer(c, mangopay.Regulatory{
		InflowsBlocked:  c.object.at("inflows", c.seen) == "BLOCKED",
		OutflowsBlocked: c.object.at("outflows", c.seen) == "BLOCKED",
	}), nil
}

func (p *provider) Session(ctx context.Context, id string) (a mangopay.Answer[mangopay.Session], err error) {
	c, err := p.ask(ctx, "sessions", "idv_session", id)
	if err != nil {
		return a, err
	}
	return answer(c, mangopay.Session{
		ID: id, UserID: c.object.user, Status: c.object.at("session", c.seen), Created: c.object.created,
		Checks: []mangopay.Check{{ID: "c1", Type: "IDENTITY_DOCUMENT_VERIFICATION", Status: "REFUSED", Reasons: []string{"FRAUD", "EXPIRED"}}},
	}), nil
}

func (p *provider) KYCDocument(ctx context.Context, id string) (a mangopay.Answer[mangopay.KYCDocument], err error) {
	c, err := p.ask(ctx, "documents", "kyc_document", id)
	if err != nil {
		return a, err
	}
	return answer(c, mangopay.KYCDocument{ID: id, UserID: c.object.user, Type: "IDENTITY_PROOF", Status: c.object.at("document", c.seen)}), nil
}

// Windows is what the provider says is left.
func (p *provider) Windows() []mangopay.Window { return p.faults.reserved }

// most is the greatest number of calls in any stretch of a length.
func (p *provider) most(length time.Duration) (most int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	from := 0
	for i, t := range p.calls {
		for t.Sub(p.calls[from]) >= length {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

// spent is how many calls were made.
func (p *provider) spent() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.calls)
}

// windows is what is left of a quarter of an hour.
func windows(remaining, made int, reset time.Time) []mangopay.Window {
	return []mangopay.Window{{Length: 15 * time.Minute, Made: made, Remaining: remaining, Reset: reset}}
}
