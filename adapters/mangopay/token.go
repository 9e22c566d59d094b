package mangopay

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	// renewBefore is how long before its end a token is renewed.
	renewBefore = 30 * time.Second
	// unsaidLife is the life of a token that does not say how long it lives.
	unsaidLife = 5 * time.Minute
	// refusedPause and lockedPause are how long refused credentials are not tried again: the provider locks who goes on trying.
	refusedPause = time.Minute
	lockedPause  = 5 * time.Minute
)

// tokens holds the token of one client. It is safe for concurrent use.
type tokens struct {
	source  clientcredentials.Config
	http    *http.Client
	config  Config
	observe func(e endpoint, status int, took time.Duration, err error)
	down    func() // hears that no answer came, once for all who waited for it
	flights *flights[string]

	mu      sync.Mutex
	token   string
	renew   time.Time
	refusal *Error    // of the credentials, while paused
	paused  time.Time // until then the credentials are not tried again
	kept    time.Time // until then a token is not dropped: a fresh one was refused too
}

// newTokens asks where for tokens. The credentials go into the header alone, as they are: unlike RFC 6749 the provider does
// not have them escaped.
func newTokens(c Config, where environment, over *http.Client) *tokens {
	return &tokens{
		source: clientcredentials.Config{
			ClientID: c.ClientID, ClientSecret: c.APIKey, TokenURL: where.base + tokenCreate.path, AuthStyle: oauth2.AuthStyleInHeader,
		},
		http: &http.Client{
			Transport:     basic{over.Transport, c.ClientID, c.APIKey},
			CheckRedirect: over.CheckRedirect,
		},
		config: c, flights: newFlights[string](),
	}
}

// get returns a token that lives on for a while. All who need a new one at the same time wait for the same.
func (t *tokens) get(ctx context.Context) (string, error) {
	if token, err := t.have(); token != "" || err != nil {
		return token, err
	}
	token, err := t.flights.do(ctx, "", t.fetch)
	var shared *Error
	if errors.As(err, &shared) {
		own := *shared
		err = &own
	}
	return token, err
}

// have is the present token, or the refusal that still stands, or neither.
func (t *tokens) have() (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.config.Now()
	if t.refusal != nil && now.Before(t.paused) {
		again := *t.refusal
		again.Retry, again.unsent = t.paused.Sub(now), true
		return "", &again
	}
	if t.token != "" && now.Before(t.renew) {
		return t.token, nil
	}
	return "", nil
}

// fetch asks for a token.
func (t *tokens) fetch(ctx context.Context) (string, error) {
	if token, err := t.have(); token != "" || err != nil { // found since we looked
		return token, err
	}
	within, cancel := context.WithTimeout(ctx, t.config.Timeout)
	defer cancel()
	began, started := time.Now(), t.config.Now()
	got, err := t.source.Token(context.WithValue(within, oauth2.HTTPClient, t.http))
	if err != nil {
		status, err := t.failed(ctx, err, started)
		t.observe(tokenCreate, status, t.config.Now().Sub(started), err)
		return "", err
	}
	t.observe(tokenCreate, http.StatusOK, t.config.Now().Sub(started), nil)
	life := unsaidLife
	if !got.Expiry.IsZero() {
		life = got.Expiry.Sub(began).Truncate(time.Second)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, t.renew, t.refusal = got.AccessToken, started.Add(life-min(renewBefore, life/2)), nil
	return got.AccessToken, nil
}

// failed reads why there is no token. What the oauth2 package says is not passed on: it quotes the provider's answer.
func (t *tokens) failed(ctx context.Context, err error, started time.Time) (status int, _ error) {
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		e := &Error{Method: tokenCreate.method, Path: tokenCreate.path, is: ErrUnreadable, Reason: "it holds no token"}
		var network *url.Error
		if errors.As(err, &network) {
			e.is, e.Reason = ErrUnavailable, broken(err)
		}
		return 0, t.weigh(e)
	}
	h := refused.Response.Header
	e := refuse(tokenCreate, refused.Response.StatusCode, h, refused.Body, instant(h, started, t.config.Now()))
	return e.HTTPStatus, t.weigh(e)
}

// weigh draws the consequences of an error.
func (t *tokens) weigh(e *Error) error {
	switch {
	case errors.Is(e, ErrUnavailable):
		e.counted = true
		t.down()
	case errors.Is(e, ErrCredentials), errors.Is(e, ErrLockout):
		t.pause(e)
	}
	return e
}

// pause keeps refused credentials from being tried again at once.
func (t *tokens) pause(e *Error) {
	long := refusedPause
	if errors.Is(e, ErrLockout) {
		long = lockedPause
	}
	e.Retry = max(e.Retry, long)
	t.config.Logger.Error("mangopay: the provider refused the credentials", "source", t.config.Source, "error", e)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refusal, t.paused = e, t.config.Now().Add(e.Retry)
}

// drop forgets a token that was refused. False when that cannot help: a fresh one was refused a moment ago.
func (t *tokens) drop(token string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.config.Now().Before(t.kept) {
		return false
	}
	if t.token == token {
		t.token = ""
	}
	return true
}

// keep holds on to a fresh token that was refused all the same, so that not every request asks for another one.
func (t *tokens) keep() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = t.config.Now().Add(refusedPause)
}
