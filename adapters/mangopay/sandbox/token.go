package sandbox

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"time"
)

// token is an access token.
type token struct {
	client string
	until  time.Time
}

// tokenBody is the answer to who asks for one.
type tokenBody struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
}

// badCredentials is the provider's answer to wrong, missing or expired credentials.
func badCredentials(message string) *refusal {
	return refused(http.StatusUnauthorized, "invalid_credentials", message)
}

// serveToken gives an access token to who knows a client's credentials: Basic, or client_id and client_secret in the body.
func (s *Sandbox) serveToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	client, key, basic := r.BasicAuth()
	if !basic {
		client, key = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	out, err := s.grant(client, key, r.PostFormValue("grant_type"))
	s.write(w, r, out, err)
}

func (s *Sandbox) grant(client, key, grant string) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if err := s.faults.meeting(client).hit(s.ids, now); err != nil {
		return reply{}, err
	}
	if client == "" || key == "" || !s.knows(client, key) {
		no := badCredentials("Wrong clientId or apiKey: they do not belong to a client of this environment")
		no.oauth = "invalid_client"
		return reply{}, no
	}
	if grant != "" && grant != "client_credentials" { // an SDK sends it as JSON, where no form is found
		return reply{}, badParam("grant_type", "The value must be client_credentials.")
	}
	s.sweepTokens(now)
	secret := s.ids.secret()
	s.tokens[secret] = token{client, now.Add(time.Duration(float64(s.cfg.TokenLife) * s.cfg.Speed))}
	return ok(tokenBody{secret, "bearer", int(s.cfg.TokenLife / time.Second)})
}

// knows tells whether credentials are taken.
func (s *Sandbox) knows(client, key string) bool {
	if len(s.cfg.Clients) == 0 {
		return true
	}
	want, is := s.cfg.Clients[client]
	return is && subtle.ConstantTimeCompare([]byte(key), []byte(want)) == 1
}

// sweepTokens forgets what has expired.
func (s *Sandbox) sweepTokens(now time.Time) {
	for secret, t := range s.tokens {
		if !t.until.After(now) {
			delete(s.tokens, secret)
		}
	}
}

// admit lets a request in whose token is the client's and that is within the limits, and shows the limits in any case.
func (s *Sandbox) admit(c *call, out http.Header) error {
	kind, secret, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	t, known := s.tokens[secret]
	if !known || !strings.EqualFold(kind, "bearer") || !t.until.After(c.at) {
		return badCredentials("The access token is missing, unknown or expired: ask for a new one")
	}
	if t.client != c.r.PathValue("client") {
		return badCredentials("The access token belongs to another client")
	}
	q := s.quotas[t.client]
	if q == nil {
		q = newQuota(s.cfg.Limits, c.at)
		s.quotas[t.client] = q
	}
	within := q.take(c.at)
	q.show(out, c.at)
	if !within {
		return tooMany()
	}
	return nil
}
