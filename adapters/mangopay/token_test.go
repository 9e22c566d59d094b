package mangopay

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheTokenIsAskedForByClientCredentialsInTheHeader(t *testing.T) {
	t.Parallel()
	const odd = "k+/=:%20&~"
	s := newStandIn(t, always(200, goodUser))
	give := s.token
	var authorization, body, contentType string
	s.token = func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		authorization, body, contentType = r.Header.Get("Authorization"), string(b), r.Header.Get("Content-Type")
		give(w, r)
	}
	_, err := s.client(t, func(c *Config) { c.APIKey = odd }).User(context.Background(), "user_m_1")
	require.NoError(t, err)
	require.Equal(t, "Basic "+base64.StdEncoding.EncodeToString([]byte("acme:"+odd)), authorization, "as it is, not escaped")
	require.Equal(t, "grant_type=client_credentials", body)
	require.Equal(t, "application/x-www-form-urlencoded", contentType)
	require.Equal(t, "Bearer token-1", s.Calls()[0].Authorization)
}

func TestATokenIsRenewedThirtySecondsBeforeItsEnd(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(200, goodUser))
	c := s.client(t)
	for _, step := range []struct {
		later  time.Duration
		tokens int
	}{{0, 1}, {1169 * time.Second, 1}, {time.Second, 2}, {1169 * time.Second, 2}, {time.Second, 3}} {
		s.clock.Move(step.later)
		_, err := c.User(context.Background(), "user_m_1")
		require.NoError(t, err)
		require.Equal(t, step.tokens, s.Tokens())
	}
}

func TestAShortLivedTokenIsUsedForHalfItsLife(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(200, goodUser))
	s.life = 20
	c := s.client(t)
	for _, tokens := range []int{1, 1, 2} {
		_, err := c.User(context.Background(), "user_m_1")
		require.NoError(t, err)
		require.Equal(t, tokens, s.Tokens())
		s.clock.Move(5 * time.Second)
	}
}

func TestTrap23_TheLifeOfATokenMayBeWrittenInAnyWay(t *testing.T) {
	t.Parallel()
	for _, life := range []string{`1200`, `1200.0`, `"1200"`, `1.2e3`} {
		s := newStandIn(t, always(200, goodUser))
		s.token = always(200, `{"access_token":"x","token_type":"bearer","expires_in":`+life+`,"more":{}}`)
		c := s.client(t)
		_, err := c.User(context.Background(), "user_m_1")
		require.NoError(t, err, life)
		require.Equal(t, now.Add(1170*time.Second), c.tokens.renew, life)
	}
}

func TestATokenThatDoesNotSayHowLongItLivesIsNotKeptForLong(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(200, goodUser))
	s.token = func(w http.ResponseWriter, _ *http.Request) {
		s.counted()
		say(w, 200, `{"access_token":"x"}`)
	}
	c := s.client(t)
	for _, tokens := range []int{1, 1, 2} {
		_, err := c.User(context.Background(), "user_m_1")
		require.NoError(t, err)
		require.Equal(t, tokens, s.Tokens())
		s.clock.Move(unsaidLife / 2)
	}
}

func TestARefusedTokenIsDroppedAndTheRequestSentOnceMore(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, inTurn(always(401, refusalOf("invalid_credentials")), always(200, goodUser)))
	_, err := s.client(t).User(context.Background(), "user_m_1")
	require.NoError(t, err)
	require.Equal(t, []string{"Bearer token-1", "Bearer token-2"}, []string{s.Calls()[0].Authorization, s.Calls()[1].Authorization})
}

func TestAFreshTokenThatIsRefusedIsNotExchangedForAMinute(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(401, refusalOf("invalid_credentials")))
	c := s.client(t)
	for range 3 {
		_, err := c.User(context.Background(), "user_m_1")
		require.ErrorIs(t, err, ErrCredentials)
	}
	require.Equal(t, 2, s.Tokens())
	require.Len(t, s.Calls(), 4, "twice, then once each")
	s.clock.Move(refusedPause)
	_, err := c.User(context.Background(), "user_m_1")
	require.ErrorIs(t, err, ErrCredentials)
	require.Equal(t, 3, s.Tokens())
}

func TestTrap25_AnSCA401IsNoFailureOfTheCredentials(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"PendingUserAction redirectUrl=" + canaryURL, "pendinguseraction redirectUrl=x", "PendingUserAction"} {
		s := newStandIn(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Add("WWW-Authenticate", header)
			say(w, 401, refusalOf("invalid_credentials"))
		})
		c := s.client(t)
		for range 2 {
			_, err := c.User(context.Background(), "user_m_1")
			require.ErrorIs(t, err, ErrSCA)
			require.NotErrorIs(t, err, ErrCredentials)
		}
		require.Equal(t, 1, s.Tokens(), "the token is kept")
		require.Len(t, s.Calls(), 2, "nothing is repeated")
	}
}

func TestRefusedCredentialsAreNotTriedAgainAtOnce(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]struct {
		answer http.HandlerFunc
		is     error
		pause  time.Duration
	}{
		"refused":      {always(401, refusalOf("invalid_credentials")), ErrCredentials, refusedPause},
		"RFC 6749":     {always(400, `{"error":"invalid_client"}`), ErrCredentials, refusedPause},
		"locked":       {always(400, `{"error":"unauthorized_client","error_description":"x"}`), ErrLockout, lockedPause},
		"said by them": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "600"); say(w, 401, "{}") }, ErrCredentials, 10 * time.Minute},
	} {
		tried := 0
		s := newStandIn(t, always(200, goodUser))
		give := s.token
		s.token = func(w http.ResponseWriter, r2 *http.Request) { tried++; r.answer(w, r2) }
		c := s.client(t)
		for range 3 {
			_, err := c.User(context.Background(), "user_m_1")
			require.ErrorIs(t, err, r.is, name)
			require.Equal(t, r.pause, asError(t, err).Retry, name)
		}
		require.Equal(t, 1, tried, name)
		s.clock.Move(r.pause - time.Second)
		_, err := c.User(context.Background(), "user_m_1")
		require.Equal(t, time.Second, asError(t, err).Retry, name)
		s.clock.Move(time.Second)
		s.token = give
		_, err = c.User(context.Background(), "user_m_1")
		require.NoError(t, err, name)
	}
}

func TestManyCallersShareOneToken(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, func(w http.ResponseWriter, r *http.Request) {
		say(w, 200, `{"Id":"`+r.URL.Path[len("/v2.01/acme/sca/users/"):]+`"}`)
	})
	c := s.client(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			_, err := c.User(context.Background(), string(rune('a'+i)))
			require.NoError(t, err)
		})
	}
	all.Wait()
	require.Equal(t, 1, s.Tokens())
	require.Len(t, s.Calls(), 20)
}

// roundTrip is a transport in memory, for tests in fake time.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestWhoWaitsForATokenCanGiveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stuck := roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		c, err := New(Config{BaseURL: "http://127.0.0.1", ClientID: "acme", APIKey: "k", Transport: stuck, Attempts: 1})
		require.NoError(t, err)
		first := make(chan error, 1)
		go func() { _, err := c.User(t.Context(), "a"); first <- err }()
		synctest.Wait()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		started := time.Now()
		_, err = c.User(short, "b")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(started))
		err = <-first
		require.ErrorIs(t, err, ErrUnavailable)
		require.ErrorContains(t, err, "in time")
		require.Equal(t, c.config.Timeout, time.Since(started), "every attempt is bounded")
	})
}

func TestAFailedTokenIsOneFailureHoweverManyWaited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tried := 0
		slow := roundTrip(func(r *http.Request) (*http.Response, error) {
			tried++
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		c, err := New(Config{BaseURL: "http://127.0.0.1", ClientID: "acme", APIKey: "k", Transport: slow, Attempts: 1})
		require.NoError(t, err)
		started := time.Now()
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				_, err := c.User(t.Context(), string(rune('a'+i)))
				require.ErrorIs(t, err, ErrUnavailable)
			})
		}
		all.Wait()
		require.Equal(t, 1, tried)
		require.Equal(t, c.config.Timeout, time.Since(started), "nobody waits in a row")
		require.Equal(t, 1, c.breaker.failures)
		require.Equal(t, closed, c.breaker.state)
	})
}

func TestATokenIsReadAsJSONWhateverItsContentType(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "text/json"} {
		s := newStandIn(t, always(200, goodUser))
		s.token = func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{kind}
			_, _ = w.Write([]byte(`{"access_token":"x","token_type":"bearer","expires_in":1200}`))
		}
		_, err := s.client(t).User(context.Background(), "user_m_1")
		require.NoError(t, err, kind)
		require.Equal(t, "Bearer x", s.Calls()[0].Authorization)
	}
}

func TestOnlyTheTokenThatWasRefusedIsDropped(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(200, goodUser))
	tokens := s.client(t).tokens
	old, err := tokens.get(context.Background())
	require.NoError(t, err)
	require.True(t, tokens.drop(old))
	fresh, err := tokens.get(context.Background())
	require.NoError(t, err)
	require.NotEqual(t, old, fresh)
	require.True(t, tokens.drop(old), "another request was refused with the old one only now")
	again, err := tokens.get(context.Background())
	require.NoError(t, err)
	require.Equal(t, fresh, again)
}

func TestAnErrorThatManyShareIsEachOnesOwn(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(200, goodUser))
	s.token = always(503, "")
	c := s.client(t, func(c *Config) { c.Failures, c.Pause, c.Attempts = 1, time.Minute, 2 })
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			_, err := c.User(context.Background(), string(rune('a'+i)))
			require.ErrorIs(t, err, ErrUnavailable)
			require.Equal(t, time.Minute, asError(t, err).Retry)
		})
	}
	all.Wait()
}
