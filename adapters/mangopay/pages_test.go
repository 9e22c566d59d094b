package mangopay

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
)

// rows are n rows of a list, numbered from first.
func rows(first, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`{"Id":"id_%d","EventType":"E%d","Status":"ENABLED","Url":"https://x"}`, first+i, first+i)
	}
	return "[" + strings.Join(all, ",") + "]"
}

// listing serves total rows by page and per_page, at most most of them at a time, and says how many pages there are, or not.
func listing(s *standIn, total, most int, count bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.clock.Move(time.Second)
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		per, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
		per = min(per, most)
		from := min(total, (page-1)*per)
		if count {
			w.Header().Set("x-number-of-pages", strconv.Itoa((total+per-1)/per))
		}
		say(w, 200, rows(from, min(per, total-from)))
	}
}

func TestTrap32_AllPagesOfHooksAreRead(t *testing.T) {
	t.Parallel()
	for _, count := range []bool{true, false} {
		for total, requests := range map[int]int{0: 1, 1: 1, 9: 1, 99: 1, 100: 1, 101: 2, 151: 2, 200: 2, 250: 3} {
			s := newStandIn(t, nil)
			s.handle = listing(s, total, 100, count)
			got, err := s.client(t).Hooks(context.Background())
			require.NoError(t, err)
			require.Len(t, got.Value, total)
			for i, h := range got.Value {
				require.Equal(t, fmt.Sprintf("id_%d", i), h.ID)
				require.Equal(t, events.Type(fmt.Sprintf("E%d", i)), h.EventType)
			}
			if count || total < leastPerPage {
				require.Len(t, s.Calls(), requests, "%d hooks", total)
			}
			require.Equal(t, now.Add(-time.Second), got.At, "the start of the first page")
		}
	}
}

func TestAListWhosePagesAreSmallerThanAskedIsReadWhole(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, nil)
	s.handle = listing(s, 35, 10, false)
	got, err := s.client(t).Hooks(context.Background())
	require.NoError(t, err)
	require.Len(t, got.Value, 35)
}

func TestAListThatKnowsNoPagesIsReadOnce(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(200, rows(0, 12)))
	got, err := s.client(t).Sessions(context.Background(), "user_m_1")
	require.NoError(t, err)
	require.Len(t, got.Value, 12)
	require.Len(t, s.Calls(), 2)
}

func TestARowThatMovesToTheNextPageComesOnce(t *testing.T) {
	t.Parallel()
	paged := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Number-Of-Pages", "2")
			say(w, 200, body)
		}
	}
	s := newStandIn(t, inTurn(paged(rows(0, 3)), paged(rows(2, 2))))
	got, err := s.client(t).Hooks(context.Background())
	require.NoError(t, err)
	require.Len(t, got.Value, 4)
}

func TestAListIsWholeOrFails(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"an object": `{}`, "null": `null`, "a page": `<html>`, "no id": `[{"Id":"a"},{"Status":"ENABLED"}]`, "an odd row": `[{"Id":"a"},"b"]`,
	} {
		_, err := newStandIn(t, always(200, body)).client(t).Hooks(context.Background())
		require.ErrorIs(t, err, ErrUnreadable, name)
	}
	s := newStandIn(t, inTurn(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Number-Of-Pages", "2")
		say(w, 200, rows(0, 2))
	}, always(403, "{}")))
	_, err := s.client(t).Hooks(context.Background())
	require.ErrorIs(t, err, ErrForbidden)
	s = newStandIn(t, nil)
	s.handle = listing(s, 1<<30, 10, false)
	_, err = s.client(t).Hooks(context.Background())
	require.ErrorIs(t, err, ErrUnreadable)
	require.Len(t, s.Calls(), mostPages, "an endless list ends")
}

func TestS3_SessionsOfAUser(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(200, sample(t, `[{"Id":"idnver_1","Status":"PENDING","CreationDate":1746449121,"LastUpdate":null},
		{"Id":"idnver_2","Status":"REFUSED","CreationDate":1746449852,"LastUpdate":1746449945}]`)))
	got, err := s.client(t).Sessions(context.Background(), "user_m_1")
	require.NoError(t, err)
	require.Equal(t, Answer[[]SessionRow]{[]SessionRow{{"idnver_1", "PENDING", 1746449121, 0}, {"idnver_2", "REFUSED", 1746449852, 1746449945}}, now}, got)
	require.Equal(t, "/v2.01/acme/users/user_m_1/identity-verifications", s.Calls()[0].Path)
}

func TestEventsReadsOnePage(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Number-Of-Pages", "7")
		say(w, 200, sample(t, `[{"ResourceId":"user_m_1","EventType":"USER_KYC_REGULAR","Date":1743627006},
			{"RessourceId":"2","EventType":"SOMETHING_NEW","Date":1743627007.0},{"ResourceId":null,"EventType":"KYC_CREATED","Date":null}]`))
	})
	got, err := s.client(t).Events(context.Background(), EventQuery{Type: "USER_KYC_REGULAR", After: 1743620000, Before: 1743630000, Page: 3, PerPage: 50})
	require.NoError(t, err)
	require.Equal(t, Answer[EventPage]{EventPage{[]PastEvent{
		{"USER_KYC_REGULAR", "user_m_1", 1743627006}, {"SOMETHING_NEW", "2", 1743627007}, {"KYC_CREATED", "", 0},
	}, 7}, now}, got)
	query, err := url.ParseQuery(s.Calls()[0].Query)
	require.NoError(t, err)
	require.Equal(t, url.Values{
		"EventType": {"USER_KYC_REGULAR"}, "AfterDate": {"1743620000"}, "BeforeDate": {"1743630000"}, "page": {"3"}, "per_page": {"50"},
	}, query)
}

func TestAQuestionToTheListOfEventsHasDefaults(t *testing.T) {
	t.Parallel()
	require.Equal(t, url.Values{"page": {"1"}, "per_page": {"100"}}, EventQuery{}.values())
	require.Equal(t, url.Values{"page": {"1"}, "per_page": {"100"}}, EventQuery{Page: -3, PerPage: 101}.values())
}

func TestAQuestionBeyond45DaysNamesTheFields(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(400, `{"Message":"x","Type":"param_error","errors":{"BeforeDate":"Events older than 45 days can not be searched","AfterDate":"Events older than 45 days can not be searched"}}`))
	_, err := s.client(t).Events(context.Background(), EventQuery{After: 1})
	require.ErrorIs(t, err, ErrParam)
	require.Equal(t, []string{"AfterDate", "BeforeDate"}, asError(t, err).Fields)
}
