package mangopay

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestRule13_AtIsDateLessWhatTheAnswerTookRoundedDown(t *testing.T) {
	t.Parallel()
	date := func(s string) http.Header { return http.Header{"Date": {s}} }
	for name, c := range map[string]struct {
		header http.Header
		took   time.Duration
		want   string
	}{
		"at once":           {date("Wed, 02 Apr 2025 20:50:06 GMT"), 0, "20:50:06"},
		"a moment":          {date("Wed, 02 Apr 2025 20:50:06 GMT"), time.Millisecond, "20:50:05"},
		"a second":          {date("Wed, 02 Apr 2025 20:50:06 GMT"), time.Second, "20:50:05"},
		"long":              {date("Wed, 02 Apr 2025 20:50:06 GMT"), 9500 * time.Millisecond, "20:49:56"},
		"clock set back":    {date("Wed, 02 Apr 2025 20:50:06 GMT"), -time.Hour, "20:50:06"},
		"behind":            {date("Wed, 02 Apr 2025 20:40:00 GMT"), time.Second, "20:39:59"},
		"a cache's":         {date("Wed, 02 Apr 2025 08:00:00 GMT"), 0, "08:00:00"},
		"ahead":             {date("Wed, 02 Apr 2025 21:50:06 GMT"), 0, "21:50:06"},
		"too far ahead":     {date("Wed, 02 Apr 2025 21:50:07 GMT"), 0, "20:49:06"},
		"absurd":            {date("Fri, 02 Apr 9999 20:50:06 GMT"), 0, "20:49:06"},
		"missing":           {http.Header{}, 0, "20:49:06"},
		"missing, and long": {http.Header{}, 9500 * time.Millisecond, "20:48:56"},
		"unreadable":        {date("yesterday"), 0, "20:49:06"},
		"an old form":       {date("Wednesday, 02-Apr-25 20:50:06 GMT"), 0, "20:50:06"},
	} {
		got := instant(c.header, now.Add(-c.took), now)
		require.Equal(t, c.want, got.Format(time.TimeOnly), name)
		require.Equal(t, time.UTC, got.Location(), name)
	}
}

// Whatever the delays and however far our clock is off, At is not later than the start of the request by the provider's
// clock: an old reading must not win over a newer notification.
func TestRule13_AtIsNeverLaterThanTheStart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := now.Add(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "start")))
		there := time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(t, "there"))
		back := time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(t, "back"))
		skew := time.Duration(rapid.Int64Range(-int64(time.Hour)/2, int64(time.Hour)/2).Draw(t, "skew"))
		h := http.Header{"Date": {start.Add(there).Format(http.TimeFormat)}}
		at := instant(h, start.Add(skew), start.Add(there+back).Add(skew))
		require.False(t, at.After(start), "%v after %v", at, start)
		require.Less(t, start.Sub(at), there+back+2*time.Second)
		require.Zero(t, at.Nanosecond())
	})
}

func TestRule13_AtIsTheStartOfTheAttemptThatAnswered(t *testing.T) {
	t.Parallel()
	var s *standIn
	slow := func(w http.ResponseWriter, r *http.Request) {
		s.clock.Move(3 * time.Second)
		w.Header().Set("Date", s.clock.Now().Format(http.TimeFormat))
		say(w, 200, goodUser)
	}
	s = newStandIn(t, inTurn(always(503, ""), always(401, ""), slow))
	give := s.token
	s.token = func(w http.ResponseWriter, r *http.Request) { s.clock.Move(7 * time.Second); give(w, r) }
	got, err := s.client(t).User(context.Background(), "user_m_1")
	require.NoError(t, err)
	require.Equal(t, s.clock.Now().Add(-3*time.Second).Truncate(time.Second), got.At, "neither tokens nor earlier attempts make it older")
}
