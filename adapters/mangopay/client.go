package mangopay

import (
	"context"
	"net/http"
)

// Client asks one environment of the provider as one client id. It is safe for concurrent use and shares nothing with
// other clients: no connection, header, token, window or circuit breaker. Make it with [New].
//
// Every method sends one documented call, or one for each page. Requests may be repeated (GET and PUT by nature, POST by
// its idempotency key), and are, after a broken connection, a 5xx or a 429: at most Config.Attempts times, as the answer's
// Retry-After says or with growing pauses. A call fails with an [*Error], or with the error of its context.
//
// Equal reads at the same time are sent once. The answer may then be to a request that started before the call; its At
// says so. Whoever needs a reading that is newer than something compares At with it and asks again.
type Client struct {
	config  Config
	where   environment
	http    *http.Client
	tokens  *tokens
	flights *flights[reply]
	breaker *breaker
	quota   quota
}

// New makes a client. It sends nothing yet. The error wraps [ErrConfig] and names every problem.
func New(config Config) (*Client, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	where, err := parseBase(config.BaseURL)
	if err != nil {
		return nil, err
	}
	c := &Client{config: config, where: where, http: newHTTP(config), flights: newFlights[reply]()}
	c.breaker = &breaker{limit: config.Failures, pause: config.Pause, told: c.turned}
	c.tokens = newTokens(config, where, c.http)
	c.tokens.observe, c.tokens.down = c.observe, func() { c.breaker.heard(unavailable, config.Now()) }
	return c, nil
}

// Source names provider, environment and client, as configured.
func (c *Client) Source() string { return c.config.Source }

// Windows returns how many calls the provider has counted and still allows, in its windows of 15 minutes, 30 minutes, 1 hour and 24 hours, by
// the newest answer. nil before one told it. While a window is exhausted, calls fail with [ErrRateLimit] and send nothing.
func (c *Client) Windows() []Window { return c.quota.snapshot() }

// Close closes idle connections. It does not end calls that are on their way: their contexts do.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// User reads a natural or legal user (GET View a User, SCA).
func (c *Client) User(ctx context.Context, id string) (Answer[User], error) {
	return view(ctx, c, userView, id, wireUser.read)
}

// ScaStatus reads how a user stands with strong customer authentication. It is [ErrNotFound] too when an enrolment was never
// triggered.
func (c *Client) ScaStatus(ctx context.Context, userID string) (Answer[ScaStatus], error) {
	return view(ctx, c, scaStatusView, userID, wireScaStatus.read)
}

// Regulatory reads whether a user is blocked, and when its verification must be renewed.
func (c *Client) Regulatory(ctx context.Context, userID string) (Answer[Regulatory], error) {
	return view(ctx, c, regulatoryView, userID, wireRegulatory.read)
}

// Session reads an identity verification session (GET View an IDV Session).
func (c *Client) Session(ctx context.Context, id string) (Answer[Session], error) {
	return view(ctx, c, sessionView, id, wireSession.read)
}

// Sessions lists all sessions of a user. At is that of the first page.
func (c *Client) Sessions(ctx context.Context, userID string) (Answer[[]SessionRow], error) {
	return every(ctx, c, sessionList, userID, nil, wireSessionRow.row)
}

// KYCDocument reads a document of a user, for its status and its user.
func (c *Client) KYCDocument(ctx context.Context, id string) (Answer[KYCDocument], error) {
	return view(ctx, c, kycDocumentView, id, wireKYCDocument.read)
}

// view reads one object. read says what the object is, and what is wrong with it.
func view[W, T any](ctx context.Context, c *Client, e endpoint, id string, read func(W, string) (T, string)) (Answer[T], error) {
	r, err := c.request(e, id, nil, nil)
	if err != nil {
		return Answer[T]{}, err
	}
	got, err := c.read(ctx, r)
	if err != nil {
		return Answer[T]{}, err
	}
	return understand(r, got, id, read)
}

// understand decodes an object.
func understand[W, T any](r request, got reply, id string, read func(W, string) (T, string)) (Answer[T], error) {
	var w W
	if !decode(got.body, '{', &w) {
		return Answer[T]{}, r.unreadable(got, "it is no JSON object")
	}
	v, wrong := read(w, id)
	if wrong != "" {
		return Answer[T]{}, r.unreadable(got, wrong)
	}
	return Answer[T]{Value: v, At: got.at}, nil
}

// unreadable is the error of an answer that is not what the documents promise.
func (r request) unreadable(got reply, reason string) error {
	e := r.fail(ErrUnreadable, reason)
	e.HTTPStatus, e.At = got.status, got.at
	return e
}

// turned tells the log that the circuit breaker has opened or closed.
func (c *Client) turned(_, to circuit) {
	switch to {
	case open:
		c.config.Logger.Warn("mangopay: the provider is not well: requests pause", "source", c.config.Source)
	case closed:
		c.config.Logger.Info("mangopay: the provider answers", "source", c.config.Source)
	}
}
