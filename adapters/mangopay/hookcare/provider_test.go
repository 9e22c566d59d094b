package hookcare_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/hookcare"
	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// secret is the token of the ingress: a canary that must not be found anywhere but in what the provider is told.
const (
	secret  = "c4n4ry-t0ken"
	ingress = "https://hooks.example.com/hooks"
	address = ingress + "/" + secret
	apiKey  = "c4n4ry-key"
)

const kyc, light, closed = catalogue.UserKYCRegular, catalogue.UserKYCLight, catalogue.UserAccountClosed

// object is a hook as the provider renders it.
type object struct {
	Id, Url, Status, Validity, EventType, Tag string
	CreationDate                              int64
}

// provider holds hooks: one for each type, ten on a page, no deletion.
type provider struct {
	*httptest.Server
	ignoresValidity bool // takes an update of it and does nothing
	refusesValidity bool // answers it with 400
	revivesBySwitch bool // DISABLED, then ENABLED makes a hook VALID
	unknown         events.Type
	before          func(r *http.Request) // runs before each answer
	fails           func(r *http.Request) int

	mu    sync.Mutex
	hooks []*object
	asked []string // method, path and body, as they came
}

func newProvider(t testing.TB) *provider {
	p := &provider{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2.01/oauth/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"access_token":"t","token_type":"bearer","expires_in":1200}`)
	})
	mux.HandleFunc("GET /v2.01/acme/hooks", p.list)
	mux.HandleFunc("POST /v2.01/acme/hooks", p.create)
	mux.HandleFunc("GET /v2.01/acme/hooks/{id}", p.view)
	mux.HandleFunc("PUT /v2.01/acme/hooks/{id}", p.update)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.before != nil {
			p.before(r)
		}
		if p.fails != nil {
			if status := p.fails(r); status != 0 {
				refuse(w, status, "x", "X")
				return
			}
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// client asks the provider.
func (p *provider) client(t testing.TB) *mangopay.Client {
	c, err := mangopay.New(mangopay.Config{BaseURL: p.URL, ClientID: "acme", APIKey: apiKey, Attempts: 1})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// has adds a hook as if somebody had made it.
func (p *provider) has(t events.Type, url string) *object {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := &object{
		Id: fmt.Sprint("hook_m_", len(p.hooks)), Url: url, Status: "ENABLED", Validity: "VALID", EventType: string(t),
		CreationDate: int64(1700000000 + len(p.hooks)),
	}
	p.hooks = append(p.hooks, h)
	return h
}

func (p *provider) find(match func(*object) bool) *object {
	for _, h := range p.hooks {
		if match(h) {
			return h
		}
	}
	return nil
}

// of is the hook of a type.
func (p *provider) of(t events.Type) object {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.find(func(h *object) bool { return h.EventType == string(t) }); h != nil {
		return *h
	}
	return object{}
}

func (p *provider) note(r *http.Request, body string) {
	p.asked = append(p.asked, r.Method+" "+r.URL.Path+body)
}

func (p *provider) list(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note(r, "")
	page, _ := strconv.Atoi(cmp.Or(r.URL.Query().Get("page"), "1"))
	const per = 10 // however many are asked for
	from := min((page-1)*per, len(p.hooks))
	w.Header().Set("X-Number-Of-Pages", strconv.Itoa((len(p.hooks)+per-1)/per))
	answer(w, append([]*object{}, p.hooks[from:min(from+per, len(p.hooks))]...))
}

func (p *provider) view(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note(r, "")
	h := p.find(func(h *object) bool { return h.Id == r.PathValue("id") })
	if h == nil {
		refuse(w, http.StatusNotFound, "ressource_not_found", "")
		return
	}
	answer(w, h)
}

func (p *provider) create(w http.ResponseWriter, r *http.Request) {
	var in object
	_ = json.NewDecoder(r.Body).Decode(&in)
	p.mu.Lock()
	taken := p.find(func(h *object) bool { return h.EventType == in.EventType }) != nil
	p.note(r, " "+in.EventType)
	p.mu.Unlock()
	if taken || in.EventType == string(p.unknown) {
		refuse(w, http.StatusBadRequest, "param_error", "EventType")
		return
	}
	h := p.has(events.Type(in.EventType), in.Url)
	h.Tag = in.Tag
	answer(w, h)
}

func (p *provider) update(w http.ResponseWriter, r *http.Request) {
	var in object
	var body bytes.Buffer
	_ = json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in)
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(&body, " status=%s validity=%s", in.Status, in.Validity)
	p.note(r, body.String())
	h := p.find(func(h *object) bool { return h.Id == r.PathValue("id") })
	switch {
	case h == nil:
		refuse(w, http.StatusNotFound, "ressource_not_found", "")
		return
	case in.Validity != "" && p.refusesValidity:
		refuse(w, http.StatusBadRequest, "param_error", "Validity")
		return
	case in.Validity != "" && !p.ignoresValidity:
		h.Validity = in.Validity
	}
	if h.Status == "DISABLED" && in.Status == "ENABLED" && p.revivesBySwitch {
		h.Validity = "VALID"
	}
	h.Status, h.Url = cmp.Or(in.Status, h.Status), cmp.Or(in.Url, h.Url)
	answer(w, h)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// refuse answers as the provider does, and repeats the secret, as a provider may.
func refuse(w http.ResponseWriter, status int, typ, field string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"Type": typ, "Message": "no " + address, "Id": "e1", "Date": 1746458497.0, "errors": map[string]string{field: "taken by " + address},
	})
}

// puts are the updates that the provider got.
func (p *provider) puts() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []string
	for _, a := range p.asked {
		if a[:3] == "PUT" {
			list = append(list, a)
		}
	}
	return list
}

// house is a log, its read models, and the care of hooks on a clock of its own.
type house struct {
	t     testing.TB
	log   *projections.MemoryLog
	store projections.Store
	proj  *projections.Projector
	said  *buffer

	mu     sync.Mutex
	now    time.Time
	alerts []hookcare.Alert
	filled []hookcare.Hole
}

// buffer is a log file that several may write.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newHouse(t testing.TB) *house {
	h := &house{t: t, now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), said: &buffer{}}
	h.log, h.store = projections.NewMemoryLog("log", h.Now, 0), projections.NewMemoryStore()
	var err error
	h.proj, err = projections.New(projections.Config{Log: h.log, Store: h.store, Models: views.All()})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = h.proj.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return h
}

func (h *house) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// later lets time pass.
func (h *house) later(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// config cares for two hooks.
func (h *house) config(api hookcare.API) hookcare.Config {
	return hookcare.Config{
		API: api, Log: h.log, Store: h.store, Ingress: ingress, Token: secret, Types: []events.Type{kyc, light}, Now: h.Now,
		Logger: slog.New(slog.NewTextHandler(h.said, nil)),
		Alerted: func(a hookcare.Alert) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.alerts = append(h.alerts, a)
		},
		Fill: func(_ context.Context, holes []hookcare.Hole) error {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.filled = append(h.filled, holes...)
			return nil
		},
	}
}

// care makes the care.
func (h *house) care(c hookcare.Config) *hookcare.Care {
	care, err := hookcare.New(c)
	require.NoError(h.t, err)
	return care
}

// append stores an event and waits until the read models have it.
func (h *house) append(e events.Event) {
	_, err := h.log.Append(h.t.Context(), e)
	require.NoError(h.t, err)
	h.settle()
}

// settle waits until the read models have what the log has.
func (h *house) settle() {
	head, err := h.log.Head(h.t.Context())
	require.NoError(h.t, err)
	require.NoError(h.t, h.proj.Wait(h.t.Context(), head.Seq))
}

// fails lets deliveries of a hook fail now.
func (h *house) fails(t events.Type, n int) {
	at := h.Now().UnixMilli()
	data, err := events.Canonical(events.Attempt{At: at, First: at, Count: n, N: uint64(at)})
	require.NoError(h.t, err)
	h.append(events.Event{Type: events.DeliveryFailed, Ref: events.Ref{Source: "mangopay", Kind: "hook", ID: string(t)}, Date: at / 1000, Data: data})
}

// succeeds stores a notification now.
func (h *house) succeeds(t events.Type) {
	e := catalogue.Notification{Type: t, ResourceID: "u", Date: h.Now().Unix()}.Event("")
	e.Delivery = events.Delivery{Origin: events.Webhook, Received: h.Now().UnixMilli(), Attempt: uint64(h.Now().UnixMilli())}
	h.append(e)
}

// view is the read model of a hook.
func (h *house) view(t events.Type) projections.View[views.Hook] {
	h.settle()
	v, err := projections.Read(h.store, views.Hooks, "mangopay").Get(h.t.Context(), string(t))
	require.NoError(h.t, err)
	return v
}

// told are the events of a type that the log holds.
func (h *house) told(typ events.Type) []events.Event {
	head, err := h.log.Head(h.t.Context())
	require.NoError(h.t, err)
	cursor, err := h.log.Open(h.t.Context(), projections.Position{})
	require.NoError(h.t, err)
	defer func() { _ = cursor.Close() }()
	var list []events.Event
	for cursor.Position().Seq < head.Seq {
		records, err := cursor.Next(h.t.Context())
		require.NoError(h.t, err)
		for _, r := range records {
			if r.Event.Type == typ {
				list = append(list, r.Event)
			}
		}
	}
	return list
}
