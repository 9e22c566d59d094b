package mangopay

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/hookfold/hookfold/events"
)

type Config struct {
	Source    string
	BaseURL   string
	ClientID  string
	APIKey    string
	Transport http.RoundTripper
	Now       func() time.Time
	Wait      func(context.Context, time.Duration) error
	Rand      func() float64
	NewKey    func() string
	Observe   func(Call)
	Logger    *slog.Logger
}

type Call struct {
	Method, Path string
	Status       int
	Duration     time.Duration
	Kind         string
}

type Window struct {
	Length          time.Duration
	Made, Remaining int
	Reset           time.Time
}

type Client struct{}

var errEarly = errors.New("mangopay: signatures only")

func New(c Config) (*Client, error) { return nil, errEarly }

func (c *Client) User(ctx context.Context, id string) (a Answer[User], err error) { return a, errEarly }
func (c *Client) ScaStatus(ctx context.Context, userID string) (a Answer[ScaStatus], err error) {
	return a, errEarly
}
func (c *Client) Regulatory(ctx context.Context, userID string) (a Answer[Regulatory], err error) {
	return a, errEarly
}
func (c *Client) Session(ctx context.Context, id string) (a Answer[Session], err error) {
	return a, errEarly
}
func (c *Client) Sessions(ctx context.Context, userID string) (a Answer[[]SessionRow], err error) {
	return a, errEarly
}
func (c *Client) KYCDocument(ctx context.Context, id string) (a Answer[KYCDocument], err error) {
	return a, errEarly
}
func (c *Client) Events(ctx context.Context, q EventQuery) (a Answer[EventPage], err error) {
	return a, errEarly
}
func (c *Client) Hooks(ctx context.Context) (a Answer[[]Hook], err error)         { return a, errEarly }
func (c *Client) Hook(ctx context.Context, id string) (a Answer[Hook], err error) { return a, errEarly }
func (c *Client) CreateHook(ctx context.Context, t events.Type, url, tag string) (a Answer[Hook], err error) {
	return a, errEarly
}
func (c *Client) UpdateHook(ctx context.Context, id string, change HookChange) (a Answer[Hook], err error) {
	return a, errEarly
}
func (c *Client) Windows() []Window { return nil }
func (c *Client) Source() string    { return "" }
func (c *Client) Close()            {}
