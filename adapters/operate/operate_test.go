package operate_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/operate"
)

// serve serves one action on a real server whose whole answers have no time at all.
func serve(t *testing.T, c operate.Config, do func(context.Context, url.Values, func(any) error) error) string {
	t.Helper()
	return serveFor(t, 0, c, do)
}

// serveFor is serve where the server gives a whole answer so much time; 0: without end.
func serveFor(t *testing.T, most time.Duration, c operate.Config, do func(context.Context, url.Values, func(any) error) error) string {
	t.Helper()
	c.Actions = []operate.Action{{Path: "/v1/act", Do: do}}
	h, err := operate.New(c)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(h)
	server.Config.WriteTimeout = most
	server.Start()
	t.Cleanup(server.Close)
	return server.URL + "/v1/act"
}

// post asks and returns the answer.
func post(t *testing.T, address string, header ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, nil)
	require.NoError(t, err)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// said reads an answer to its end.
func said(t *testing.T, res *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return string(body)
}

func TestEveryLineLeavesAtOnceAndTheServersTimeForAnAnswerDoesNotCutItOff(t *testing.T) {
	t.Parallel()
	more := make(chan struct{})
	at := serveFor(t, time.Nanosecond, operate.Config{}, func(_ context.Context, _ url.Values, tell func(any) error) error {
		if err := tell("first"); err != nil {
			return err
		}
		<-more
		return tell("second")
	})
	res := post(t, at)
	in := bufio.NewScanner(res.Body)
	require.True(t, in.Scan())
	assert.Equal(t, `"first"`, in.Text(), "told before the second is there")
	assert.Equal(t, "application/x-ndjson", res.Header.Get("Content-Type"))
	close(more)
	require.True(t, in.Scan())
	assert.Equal(t, `"second"`, in.Text())
	require.True(t, in.Scan())
	assert.Equal(t, `{"done":true}`, in.Text())
}

func TestWhatIsNotDoneSaysWhy(t *testing.T) {
	t.Parallel()
	at := serve(t, operate.Config{}, func(_ context.Context, asked url.Values, tell func(any) error) error {
		switch asked.Get("how") {
		case "asked":
			return fmt.Errorf("%w: give since", operate.ErrAsked)
		case "late":
			return errors.Join(tell(1), operate.ErrAsked)
		}
		return errors.New("the provider is away")
	})
	res := post(t, at+"?how=asked")
	assert.Equal(t, http.StatusBadRequest, res.StatusCode)
	assert.JSONEq(t, `{"error":"operate: the question makes no sense: give since"}`, said(t, res))
	res = post(t, at+"?how=late")
	assert.Equal(t, http.StatusOK, res.StatusCode, "the answer had begun")
	assert.Equal(t, "1\n{\"done\":false,\"error\":\"operate: the question makes no sense\"}\n", said(t, res))
	assert.Equal(t, "{\"done\":false,\"error\":\"the provider is away\"}\n", said(t, post(t, at)))
	assert.Equal(t, http.StatusBadRequest, post(t, at+"?%zz").StatusCode)
}

func TestOneActionAtATime(t *testing.T) {
	t.Parallel()
	begun, end := make(chan struct{}), make(chan struct{})
	at := serve(t, operate.Config{}, func(_ context.Context, _ url.Values, tell func(any) error) error {
		close(begun)
		<-end
		return nil
	})
	second := make(chan int, 1)
	go func() {
		defer close(end)
		<-begun
		res, err := http.Post(at, "", nil)
		if err == nil {
			second <- res.StatusCode
			_ = res.Body.Close() // nothing of it is read
		}
		close(second)
	}()
	assert.Equal(t, "{\"done\":true}\n", said(t, post(t, at)))
	assert.Equal(t, http.StatusConflict, <-second)
}

func TestAnActionEndsWithItsCallerAndWithTheServer(t *testing.T) {
	t.Parallel()
	ends, stop := context.WithCancel(t.Context())
	over := make(chan error, 1)
	at := serve(t, operate.Config{Ends: ends}, func(ctx context.Context, _ url.Values, tell func(any) error) error {
		if err := tell("begun"); err != nil {
			return err
		}
		<-ctx.Done()
		over <- ctx.Err()
		return ctx.Err()
	})
	res := post(t, at)
	require.NoError(t, first(res))
	require.NoError(t, res.Body.Close())
	assert.ErrorIs(t, <-over, context.Canceled, "the caller is gone")

	res = again(t, at)
	require.NoError(t, first(res))
	stop()
	assert.ErrorIs(t, <-over, context.Canceled, "the server stops")
	assert.Contains(t, said(t, res), `"done":false`)
}

// first waits for the first line.
func first(res *http.Response) error {
	_, err := io.ReadFull(res.Body, make([]byte, len("\"begun\"\n")))
	return err
}

// again asks until the action before has ended.
func again(t *testing.T, at string) *http.Response {
	t.Helper()
	for {
		if res := post(t, at); res.StatusCode != http.StatusConflict {
			return res
		}
	}
}

func TestAForeignPageCannotMakeABrowserAsk(t *testing.T) {
	t.Parallel()
	at := serve(t, operate.Config{}, func(context.Context, url.Values, func(any) error) error { return nil })
	assert.Equal(t, http.StatusForbidden, post(t, at, "Sec-Fetch-Site", "cross-site").StatusCode)
	assert.Equal(t, http.StatusForbidden, post(t, at, "Origin", "https://elsewhere.example").StatusCode)
	assert.Equal(t, http.StatusOK, post(t, at).StatusCode, "a program")
	res, err := http.Get(at)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, http.StatusMethodNotAllowed, res.StatusCode, "a link does nothing")
}

func TestConfigTellsEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	nothing := func(context.Context, url.Values, func(any) error) error { return nil }
	_, err := operate.New(operate.Config{Write: -1, Actions: []operate.Action{
		{Path: "v1/act", Do: nothing}, {Path: "/v1/act"}, {Path: "/v1/act", Do: nothing},
	}})
	require.ErrorIs(t, err, operate.ErrConfig)
	for _, problem := range []string{`"v1/act" is no path`, `"/v1/act" has no Do`, "given twice", "Write is negative"} {
		assert.ErrorContains(t, err, problem)
	}
}
