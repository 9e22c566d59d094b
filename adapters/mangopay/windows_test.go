package mangopay

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// limited answers with the headers of the provider's windows.
func limited(s *standIn, remaining [4]int, resets time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		at := s.clock.Now().Add(resets).Unix()
		w.Header().Set("x-ratelimit", "10, 20, 30, 40")
		w.Header().Set("x-ratelimit-remaining", fmt.Sprintf("%d, %d, %d, %d", remaining[0], remaining[1], remaining[2], remaining[3]))
		w.Header().Set("x-ratelimit-reset", fmt.Sprintf("%d, %d, %d, %d", at, at+60, at+120, at+180))
		say(w, 200, goodUser)
	}
}

func TestWindowsAreThoseOfTheNewestAnswer(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, nil)
	s.handle = limited(s, [4]int{2290, 4480, 8770, 105560}, time.Minute)
	c := s.client(t)
	require.Nil(t, c.Windows())
	_, err := c.User(context.Background(), "user_m_1")
	require.NoError(t, err)
	require.Equal(t, []Window{
		{15 * time.Minute, 10, 2290, now.Add(1 * time.Minute)}, {30 * time.Minute, 20, 4480, now.Add(2 * time.Minute)},
		{time.Hour, 30, 8770, now.Add(3 * time.Minute)}, {24 * time.Hour, 40, 105560, now.Add(4 * time.Minute)},
	}, c.Windows())
	s.handle = always(200, goodUser)
	_, err = c.User(context.Background(), "user_m_1")
	require.NoError(t, err)
	require.Len(t, c.Windows(), 4, "an answer that tells none changes none")
}

func TestHeadersThatAreNoFourNumbersTellNothing(t *testing.T) {
	t.Parallel()
	good := "1, 2, 3, 4"
	for _, bad := range []string{"", "1", "1,2,3", "1,2,3,4,5", "1,2,3,x", "1,2,3,", "1,2,3,99999999999999999999", "1.5,2,3,4"} {
		for i := range 3 {
			values := [3]string{good, good, good}
			values[i] = bad
			_, ok := parseWindows(http.Header{"X-Ratelimit": {values[0]}, "X-Ratelimit-Remaining": {values[1]}, "X-Ratelimit-Reset": {values[2]}})
			require.False(t, ok, "%q", values)
		}
	}
	w, ok := parseWindows(http.Header{"X-Ratelimit": {"1", "2", "3", "4"}, "X-Ratelimit-Remaining": {"1,2", "3,4"}, "X-Ratelimit-Reset": {good}})
	require.True(t, ok, "a header may come in several lines")
	require.Equal(t, 4, w[3].Made)
}

func TestNothingIsSentWhileAWindowIsExhausted(t *testing.T) {
	t.Parallel()
	for name, remaining := range map[string][4]int{"first": {0, 1, 1, 1}, "last": {9, 9, 9, 0}, "below": {-1, 9, 9, 9}} {
		s := newStandIn(t, nil)
		s.handle = limited(s, remaining, time.Minute)
		c := s.client(t)
		_, err := c.User(context.Background(), "user_m_1")
		require.NoError(t, err, name)
		for range 3 {
			_, err = c.Hook(context.Background(), "hook_1")
			require.ErrorIs(t, err, ErrRateLimit, name)
		}
		require.Len(t, s.Calls(), 1, name)
		e := asError(t, err)
		require.Zero(t, e.HTTPStatus)
		want := time.Minute
		if name == "last" {
			want = 4 * time.Minute
		}
		require.Equal(t, want, e.Retry, name)
		s.clock.Move(want)
		_, err = c.User(context.Background(), "user_m_1")
		require.NoError(t, err, name)
	}
}

func TestTheResetIsByTheProvidersClockAndNeverLongerThanItsWindow(t *testing.T) {
	t.Parallel()
	h := func(reset time.Time) http.Header {
		r := fmt.Sprint(reset.Unix())
		return http.Header{"X-Ratelimit": {"1,1,1,1"}, "X-Ratelimit-Remaining": {"0,9,9,9"}, "X-Ratelimit-Reset": {r + "," + r + "," + r + "," + r}}
	}
	var q quota
	theirs := now.Add(-10 * time.Minute)
	q.learn(h(theirs.Add(time.Minute)), now, theirs.Sub(now))
	retry, ok := q.take(now)
	require.False(t, ok)
	require.Equal(t, time.Minute, retry)
	q = quota{}
	q.learn(h(now.Add(1000*time.Hour)), now, 0)
	retry, ok = q.take(now)
	require.False(t, ok)
	require.Equal(t, 15*time.Minute, retry)
}

func TestWhatIsOnItsWayIsCounted(t *testing.T) {
	t.Parallel()
	var q quota
	q.learn(http.Header{"X-Ratelimit": {"1,1,1,1"}, "X-Ratelimit-Remaining": {"2,9,9,9"}, "X-Ratelimit-Reset": {fmt.Sprint(now.Add(time.Hour).Unix(), ",1,1,1")}}, now, 0)
	for range 2 {
		_, ok := q.take(now)
		require.True(t, ok)
	}
	retry, ok := q.take(now)
	require.False(t, ok)
	require.Equal(t, time.Second, retry, "what is on its way tells soon")
	q.done()
	_, ok = q.take(now)
	require.True(t, ok)
}

func TestOfTwoAnswersThatCrossTheLaterRequestCounts(t *testing.T) {
	t.Parallel()
	h := func(remaining string) http.Header {
		return http.Header{"X-Ratelimit": {"1,1,1,1"}, "X-Ratelimit-Remaining": {remaining + ",9,9,9"}, "X-Ratelimit-Reset": {"1,1,1,1"}}
	}
	var q quota
	q.learn(h("5"), now.Add(time.Second), 0)
	q.learn(h("6"), now, 0)
	require.Equal(t, 5, q.snapshot()[0].Remaining)
}

func TestACallDoesNotWaitForAWindowByItself(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, nil)
	s.handle = limited(s, [4]int{0, 9, 9, 9}, time.Second)
	c := s.client(t)
	_, err := c.User(context.Background(), "user_m_1")
	require.NoError(t, err)
	_, err = c.User(context.Background(), "user_m_1")
	require.ErrorIs(t, err, ErrRateLimit)
	require.Empty(t, s.clock.Waited(), "the caller decides")
}
