package mangopay

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// gate is work that waits for a release, or for its context.
type gate struct {
	begun   int
	ended   []error
	release chan struct{}
}

func newGate() *gate { return &gate{release: make(chan struct{})} }

func (g *gate) work(ctx context.Context) (reply, error) {
	g.begun++
	n := g.begun
	var err error
	select {
	case <-g.release:
	case <-ctx.Done():
		err = ctx.Err()
	}
	g.ended = append(g.ended, err)
	return reply{status: n}, err
}

type found struct {
	status int
	err    error
}

// fly starts a caller and tells what it found.
func fly(ctx context.Context, f *flights[reply], g *gate) chan found {
	out := make(chan found, 1)
	go func() {
		got, err := f.do(ctx, "key", g.work)
		out <- found{got.status, err}
	}()
	synctest.Wait()
	return out
}

func TestEqualReadsAreSentOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, g := newFlights[reply](), newGate()
		a, b := fly(t.Context(), f, g), fly(t.Context(), f, g)
		close(g.release)
		require.Equal(t, found{1, nil}, <-a)
		require.Equal(t, found{1, nil}, <-b)
		require.Empty(t, f.running)
		require.Equal(t, found{2, nil}, <-fly(t.Context(), f, g), "what comes later is read anew")
	})
}

func TestACallerThatGivesUpDoesNotFailTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, g := newFlights[reply](), newGate()
		first, cancel := context.WithCancel(t.Context())
		a, b := fly(first, f, g), fly(t.Context(), f, g)
		cancel()
		require.Equal(t, found{0, context.Canceled}, <-a)
		close(g.release)
		require.Equal(t, found{1, nil}, <-b)
		require.Equal(t, []error{nil}, g.ended)
	})
}

func TestAReadThatNobodyWaitsForEndsAndIsNotJoined(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, g := newFlights[reply](), newGate()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		a, b := fly(short, f, g), fly(short, f, g)
		require.ErrorIs(t, (<-a).err, context.DeadlineExceeded)
		require.ErrorIs(t, (<-b).err, context.DeadlineExceeded)
		later := fly(t.Context(), f, g)
		require.Equal(t, []error{context.Canceled}, g.ended)
		close(g.release)
		require.Equal(t, found{2, nil}, <-later)
		_, err := f.do(short, "key", g.work)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 2, g.begun, "who has given up already starts nothing")
	})
}

func TestAFailureIsForAllWhoWaited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFlights[reply]()
		boom := errors.New("boom")
		_, err := f.do(t.Context(), "key", func(context.Context) (reply, error) { return reply{}, boom })
		require.ErrorIs(t, err, boom)
	})
}

// answer is an answer of a transport in memory.
func answer(status int, body string) *http.Response {
	w := httptest.NewRecorder()
	say(w, status, body)
	return w.Result()
}

func TestAReadThatBeganBeforeAWriteIsNotJoinedAfterIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		reads := 0
		c, err := New(Config{BaseURL: "http://127.0.0.1", ClientID: "acme", APIKey: "k", Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			switch r.Method {
			case http.MethodPost:
				return answer(200, `{"access_token":"t","expires_in":1200}`), nil
			case http.MethodPut:
				return answer(200, `{"Id":"hook_1","Validity":"VALID"}`), nil
			}
			if reads++; reads == 1 {
				<-release
				return answer(200, `{"Id":"hook_1","Validity":"INVALID"}`), nil
			}
			return answer(200, `{"Id":"hook_1","Validity":"VALID"}`), nil
		})})
		require.NoError(t, err)
		before := make(chan Answer[Hook], 1)
		go func() { h, _ := c.Hook(t.Context(), "hook_1"); before <- h }()
		synctest.Wait()
		_, err = c.UpdateHook(t.Context(), "hook_1", HookChange{Validity: "VALID"})
		require.NoError(t, err)
		after, err := c.Hook(t.Context(), "hook_1")
		require.NoError(t, err)
		require.Equal(t, "VALID", after.Value.Validity)
		close(release)
		require.Equal(t, "INVALID", (<-before).Value.Validity)
	})
}

func TestRule13_WhoJoinsAReadGetsItsStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		c, err := New(Config{BaseURL: "http://127.0.0.1", ClientID: "acme", APIKey: "k", Timeout: time.Minute, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			body := goodUser
			if r.Method == http.MethodPost {
				body = `{"access_token":"t","expires_in":1200}`
			} else {
				<-release
			}
			a := answer(200, body)
			a.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
			return a, nil
		})})
		require.NoError(t, err)
		started := time.Now()
		first := make(chan Answer[User], 2)
		ask := func() { u, _ := c.User(t.Context(), "user_m_1"); first <- u }
		go ask()
		time.AfterFunc(10*time.Second, func() { go ask() })
		time.AfterFunc(20*time.Second, func() { close(release) })
		a, b := <-first, <-first
		require.Equal(t, started.UTC(), a.At)
		require.Equal(t, a, b, "the joiner can tell that this is older than its call")
	})
}
