package confirm_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/confirm"
	"github.com/hookfold/hookfold/events"
	provider_events "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// delivery is a claim that reaches the log at a time.
type delivery struct {
	at    time.Time
	claim events.Event
}

// world is a provider, a log with its read models, and a Confirmer between them, in virtual time.
type world struct {
	t        *testing.T
	provider *provider
	log      *projections.MemoryLog
	store    *projections.MemoryStore
	plan     []delivery
	config   confirm.Config
	restarts []time.Duration // after the beginning
	rivals   int             // Confirmers that run beside the first one, by the same marks
	over     projections.Log // what Confirmers see of the log; nil: the log
	away     float64         // how probable it is that the log cannot take an observation

	mu     sync.Mutex
	latest *confirm.Confirmer
}

func newWorld(t *testing.T, p *provider) *world {
	return &world{
		t: t, provider: p, store: projections.NewMemoryStore(),
		log: projections.NewMemoryLog("virtual", time.Now, 0),
	}
}

// claim plans a claim.
func (w *world) claim(after time.Duration, typ events.Type, id string, date int64, origin events.Origin) {
	e := provider_events.Notification{Type: typ, ResourceID: id, Date: date}.Event("")
	e.Delivery.Origin = origin
	w.plan = append(w.plan, delivery{at: time.Now().Add(after), claim: e})
}

// run lets virtual time pass. It must be called in a bubble.
func (w *world) run(length time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	var crew sync.WaitGroup
	proj, err := projections.New(projections.Config{Log: w.log, Store: w.store, Models: views.All()})
	require.NoError(w.t, err)
	crew.Go(func() { _ = proj.Run(ctx) })
	crew.Go(func() { w.deliver(ctx) })
	for range 1 + w.rivals {
		crew.Go(func() { w.confirm(ctx) })
	}
	wait(ctx, time.Now().Add(length))
	cancel()
	crew.Wait()
	head, err := w.log.Head(context.Background())
	require.NoError(w.t, err)
	require.Equal(w.t, head.Seq, proj.Applied(), "the read models follow")
}

// deliver appends every claim at its time.
func (w *world) deliver(ctx context.Context) {
	slices.SortStableFunc(w.plan, func(a, b delivery) int { return a.at.Compare(b.at) })
	for _, d := range w.plan {
		if !wait(ctx, d.at) {
			return
		}
		_, err := w.log.Append(ctx, d.claim)
		require.NoError(w.t, err)
	}
}

// confirm runs Confirmers, one after the other.
func (w *world) confirm(ctx context.Context) {
	began := time.Now()
	for _, after := range append(w.restarts, 1000*time.Hour) {
		c := w.confirmer()
		ctx, cancel := context.WithDeadline(ctx, began.Add(after))
		err := c.Run(ctx)
		require.ErrorIs(w.t, err, ctx.Err())
		cancel()
	}
}

func (w *world) confirmer() *confirm.Confirmer {
	config := w.config
	config.API, config.Log, config.Marks = w.provider, w.log, &confirm.StoreMarks{Store: w.store}
	if w.over != nil {
		config.Log = w.over
	}
	if w.away > 0 {
		config.Log = &shaky{MemoryLog: w.log, away: w.away, random: rand.New(rand.NewPCG(w.provider.seed, 2))}
	}
	config.Windows = w.provider.Windows
	c, err := confirm.New(config)
	require.NoError(w.t, err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.latest = c
	return c
}

// shaky is a log that sometimes cannot take an observation.
type shaky struct {
	*projections.MemoryLog
	away   float64
	mu     sync.Mutex
	random *rand.Rand
}

func (s *shaky) Append(ctx context.Context, es ...events.Event) (projections.Seq, error) {
	s.mu.Lock()
	away := s.random.Float64() < s.away
	s.mu.Unlock()
	if away {
		return 0, projections.ErrAway
	}
	return s.MemoryLog.Append(ctx, es...)
}

// wait waits until a time; false: the context ended first.
func wait(ctx context.Context, until time.Time) bool {
	t := time.NewTimer(time.Until(until))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// user and session are what the read models say.
func (w *world) user(id string) (views.User, error) {
	v, err := projections.Read(w.store, views.Users, "mangopay").Get(context.Background(), id)
	return v.Value, err
}

func (w *world) session(id string) (views.Session, error) {
	v, err := projections.Read(w.store, views.Sessions, "mangopay").Get(context.Background(), id)
	return v.Value, err
}

// walk says how a machine of the provider's goes from value to value, and by which events it tells.
type walk struct {
	first string
	steps map[string][]step
}

// step is a change that the provider tells of.
type step struct {
	to    string
	event events.Type
}

// walks are the documented ways (domain tables), with the events that change no value among them.
var walks = map[string]walk{
	"status": {"ACTIVE", map[string][]step{
		"ACTIVE":              {{"PENDING_USER_ACTION", "USER_ACCOUNT_VALIDATION_ASKED"}, {"CLOSED", "USER_ACCOUNT_CLOSED"}},
		"PENDING_USER_ACTION": {{"ACTIVE", "USER_ACCOUNT_ACTIVATED"}},
	}},
	"category": {"PAYER", map[string][]step{
		"PAYER":    {{"OWNER", "USER_CATEGORY_UPDATED_TO_OWNER"}},
		"OWNER":    {{"PAYER", "USER_CATEGORY_UPDATED_TO_PAYER"}, {"PLATFORM", "USER_CATEGORY_UPDATED_TO_PLATFORM"}},
		"PLATFORM": {{"OWNER", "USER_CATEGORY_UPDATED_TO_OWNER"}},
	}},
	"kyc": {"LIGHT", map[string][]step{
		"LIGHT":   {{"REGULAR", "USER_KYC_REGULAR"}},
		"REGULAR": {{"LIGHT", "USER_KYC_LIGHT"}, {"REGULAR", "USER_KYC_RENEWAL_REQUIRED"}, {"REGULAR", "USER_KYC_RENEWED"}},
	}},
	"sca": {"", map[string][]step{
		"":      {{"", "SCA_ENROLLMENT_EXPIRED"}, {"false", "SCA_ENROLLMENT_FAILED"}, {"true", "SCA_ENROLLMENT_SUCCEEDED"}},
		"false": {{"false", "SCA_ENROLLMENT_FAILED"}, {"true", "SCA_ENROLLMENT_SUCCEEDED"}},
		"true":  {{"true", "SCA_ENROLLMENT_FAILED"}, {"true", "SCA_ENROLLMENT_SUCCEEDED"}},
	}},
	"inflows": {"UNBLOCKED", map[string][]step{
		"UNBLOCKED": {{"BLOCKED", "USER_INFLOWS_BLOCKED"}}, "BLOCKED": {{"UNBLOCKED", "USER_INFLOWS_UNBLOCKED"}},
	}},
	"outflows": {"UNBLOCKED", map[string][]step{
		"UNBLOCKED": {{"BLOCKED", "USER_OUTFLOWS_BLOCKED"}}, "BLOCKED": {{"UNBLOCKED", "USER_OUTFLOWS_UNBLOCKED"}},
	}},
	"session": {"PENDING", map[string][]step{
		"PENDING":   {{"VALIDATED", "IDENTITY_VERIFICATION_VALIDATED"}, {"REFUSED", "IDENTITY_VERIFICATION_FAILED"}, {"REVIEW", "IDENTITY_VERIFICATION_INCONCLUSIVE"}},
		"REVIEW":    {{"VALIDATED", "IDENTITY_VERIFICATION_VALIDATED"}, {"REFUSED", "IDENTITY_VERIFICATION_FAILED"}},
		"VALIDATED": {{"OUT_OF_DATE", "IDENTITY_VERIFICATION_OUTDATED"}},
	}},
}

// names are the machines in a fixed order.
var names = []string{"status", "category", "kyc", "sca", "inflows", "outflows"}

// kinds of claims that a forger makes up.
var forgeries = map[string][]events.Type{
	"user": {
		"USER_ACCOUNT_CLOSED", "USER_ACCOUNT_ACTIVATED", "USER_CATEGORY_UPDATED_TO_OWNER", "USER_CATEGORY_UPDATED_TO_PLATFORM",
		"USER_KYC_REGULAR", "USER_KYC_LIGHT", "USER_KYC_RENEWED", "SCA_ENROLLMENT_SUCCEEDED", "SCA_ENROLLMENT_EXPIRED",
		"USER_INFLOWS_UNBLOCKED", "USER_OUTFLOWS_BLOCKED",
	},
	"idv_session":  {"IDENTITY_VERIFICATION_VALIDATED", "IDENTITY_VERIFICATION_PENDING", "IDENTITY_VERIFICATION_OUTDATED"},
	"kyc_document": {"KYC_SUCCEEDED", "KYC_FAILED"},
}

// story fills a world from a seed: three hours of a provider whose notifications are dropped, delayed, repeated and forged.
type story struct {
	*world
	random *rand.Rand
	told   map[string]bool // kind/id/machine of which the read models can know
	forged []string        // kind/id that nobody holds
}

func newStory(w *world, seed uint64) *story {
	s := &story{world: w, random: rand.New(rand.NewPCG(seed, 1)), told: map[string]bool{}}
	for i := range 2 + s.random.IntN(2) {
		s.life(fmt.Sprintf("user_m_%d", i))
	}
	for i := range s.random.IntN(4) {
		s.forgeNew(i)
	}
	for range s.random.IntN(6) {
		s.forgeReal()
	}
	return s
}

// life makes a user with sessions and documents.
func (s *story) life(id string) {
	born := time.Now().Unix() - s.random.Int64N(3600)
	person := []string{"NATURAL", "LEGAL"}[s.random.IntN(2)]
	user := &object{created: born, person: person, values: map[string][]change{}}
	s.provider.objects["user/"+id] = user
	for _, name := range names {
		s.live("user", id, user, name, time.Duration(s.random.Int64N(int64(time.Hour))))
	}
	for i := range s.random.IntN(3) {
		after := time.Duration(s.random.Int64N(int64(time.Hour)))
		session := fmt.Sprintf("idv_%s_%d", id, i)
		o := &object{created: time.Now().Add(after).Unix(), user: id, person: person, values: map[string][]change{}}
		s.provider.objects["idv_session/"+session] = o
		s.tell("idv_session", session, "session", "IDENTITY_VERIFICATION_PENDING", o.created, after)
		s.live("idv_session", session, o, "session", after)
	}
	if s.random.IntN(2) == 0 {
		s.document(id, user)
	}
}

// live lets one machine change, and tells of it.
func (s *story) live(kind, id string, o *object, name string, after time.Duration) {
	w := walks[name]
	value := w.first
	o.values[name] = append(o.values[name], change{o.created, value})
	for range s.random.IntN(5) {
		ways := w.steps[value]
		if o.person == "NATURAL" {
			ways = slices.DeleteFunc(slices.Clone(ways), func(s step) bool { return s.to == "REVIEW" })
		}
		if len(ways) == 0 {
			return
		}
		to := ways[s.random.IntN(len(ways))]
		after += s.pause()
		at := time.Now().Add(after).Unix()
		value = to.to
		o.values[name] = append(o.values[name], change{at, value})
		s.tell(kind, id, name, to.event, at, after)
	}
}

// pause is the time between two changes: often none, seldom long.
func (s *story) pause() time.Duration {
	switch s.random.IntN(8) {
	case 0:
		return 0
	case 1, 2:
		return time.Duration(s.random.IntN(5)) * time.Second
	case 3, 4, 5:
		return time.Duration(s.random.IntN(400)) * time.Second
	default:
		return time.Duration(s.random.IntN(3600)) * time.Second
	}
}

// tell delivers a notification as the network does. What is dropped the list of events has, hours later.
func (s *story) tell(kind, id, name string, t events.Type, date int64, after time.Duration) {
	s.told[kind+"/"+id+"/"+name] = true
	delay := time.Duration(s.random.IntN(3000)) * time.Millisecond
	if s.random.IntN(3) == 0 {
		delay = time.Duration(s.random.IntN(1200)) * time.Second
	}
	if s.random.IntN(6) == 0 {
		s.claim(5*time.Hour+delay, t, id, date, events.Backfill)
		return
	}
	s.claim(after+delay, t, id, date, events.Webhook)
	if s.random.IntN(4) == 0 {
		s.claim(after+delay+time.Duration(s.random.IntN(1200))*time.Second, t, id, date, events.Webhook)
	}
}

// document makes a document that lifts its user's level. Of the level itself nobody is ever told.
func (s *story) document(user string, o *object) {
	id := "doc_" + user
	after := 3*time.Hour + s.pause()
	at := time.Now().Add(after).Unix()
	level := []string{"REGULAR", "LIGHT"}[s.random.IntN(2)]
	o.values["kyc"] = append(o.values["kyc"], change{at, level})
	s.told["user/"+user+"/kyc"] = true
	s.provider.objects["kyc_document/"+id] = &object{
		created: at - 60, user: user, values: map[string][]change{"document": {{at, "VALIDATED"}}},
	}
	s.tell("kyc_document", id, "document", "KYC_SUCCEEDED", at, after)
}

// forgeNew makes claims about something that does not exist.
func (s *story) forgeNew(i int) {
	kind := []string{"user", "idv_session", "kyc_document"}[s.random.IntN(3)]
	id := fmt.Sprintf("made-up-%d", i)
	s.forged = append(s.forged, kind+"/"+id)
	for range 1 + s.random.IntN(3) {
		s.forge(kind, id)
	}
}

// forgeReal makes a claim about something that does.
func (s *story) forgeReal() {
	real := slices.Sorted(maps.Keys(s.provider.objects))
	kind, id, _ := strings.Cut(real[s.random.IntN(len(real))], "/")
	s.forge(kind, id)
}

// forge makes one claim up, dated as the forger likes.
func (s *story) forge(kind, id string) {
	types := forgeries[kind]
	t := types[s.random.IntN(len(types))]
	after := time.Duration(s.random.Int64N(int64(4 * time.Hour)))
	date := time.Now().Add(after).Unix()
	switch s.random.IntN(4) {
	case 0:
		date -= s.random.Int64N(10 * 24 * 3600)
	case 1:
		date += s.random.Int64N(2 * 3600)
	}
	if info, ok := provider_events.Lookup(t); ok && info.Machine != "" {
		s.told[kind+"/"+id+"/"+info.Machine] = true
	}
	s.claim(after, t, id, date, events.Webhook)
}
