package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestListShowsPeopleATableAndProgramsLines(t *testing.T) {
	t.Parallel()
	p := serveIn(t, t.TempDir())
	for i, what := range []string{"USER_ACCOUNT_ACTIVATED", "USER_ACCOUNT_CLOSED", "USER_KYC_LIGHT", "USER_ACCOUNT_CLOSED"} {
		p.notify(t, fmt.Sprintf("EventType=%s&RessourceId=user_%d&Date=1743627006", what, i))
	}
	list := func(args ...string) result {
		return command(t, append([]string{"list", "--admin", p.admin}, args...)...)
	}
	want := []string{"id      user_status  kyc_level", "user_0  ACTIVE       -", "user_1  CLOSED       -", "user_2  -            LIGHT", "user_3  CLOSED       -", ""}
	for _, kind := range []string{"users", "user"} {
		assert.Equal(t, result{exitDone, strings.Join(want, "\n"), ""}, list(kind))
	}
	assert.Equal(t, result{exitDone, "id      user_status\nuser_1  CLOSED\nuser_3  CLOSED\n", ""}, list("users", "--filter", "user_status=CLOSED", "--filter", "confirmed.status=false"))
	assert.Equal(t, result{exitDone, "id      kyc_level\nuser_2  LIGHT\n", ""}, list("users", "--filter", `user_status=""`))
	assert.Equal(t, result{exitDone, "", "hookfold: nothing to list\n"}, list("idv-sessions"))
	assert.Equal(t, result{exitDone, "", ""}, list("idv-sessions", "--json"))
	assert.Equal(t, exitDone, list("hooks", "--filter", "consecutive_failures=0", "--wait", "4", "--source", "mangopay").code)

	all := list("users", "--json")
	assert.Equal(t, 4, strings.Count(all.out, "\n"))
	for line := range strings.Lines(all.out) {
		var d struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(line), &d))
		assert.Equal(t, command(t, "get", d.ID, "--json", "--admin", p.admin).out, line, "the same document as get prints")
	}
	first := list("users", "--json", "--limit", "3")
	_, cursor, more := strings.Cut(strings.TrimSpace(first.err), "hookfold: there may be more: --all, or --cursor ")
	require.True(t, more, first.err)
	rest := list("users", "--json", "--cursor", cursor)
	assert.Equal(t, all.out, first.out+rest.out)
	assert.Empty(t, rest.err)
	p.stop(t)
}

func TestListTellsWhatCannotBeListed(t *testing.T) {
	t.Parallel()
	p := serveIn(t, t.TempDir())
	for name, want := range map[string]result{
		"nonsense":                       {code: exitBadInput, err: "the server answered 404: no such path"},
		"users --filter status=ACTIVE":   {code: exitBadInput, err: "its fields are ambiguous, "},
		"users --filter gaps=x":          {code: exitBadInput, err: "gaps takes a number"},
		"users --filter gaps=0,1":        {code: exitBadInput, err: "gaps takes a number"},
		"users --filter user_status=":    {code: exitBadInput, err: "with a value"},
		"users --cursor x":               {code: exitBadInput, err: "not a cursor of this list"},
		"users --filter status":          {code: exitUsage, err: "give FIELD=VALUE"},
		"users --filter =x":              {code: exitUsage, err: "give FIELD=VALUE"},
		"users --filter source=x":        {code: exitUsage, err: "source is no field that can be asked for"},
		"users --limit 0":                {code: exitUsage, err: "give at least 1, or --all"},
		"users --wait 99":                {code: exitUnreachable, err: "asked for 99"},
		"users --wait x":                 {code: exitBadInput, err: "wait is not a log sequence"},
		"users --admin http://127.0.0.1": {code: exitUnreachable, err: "no server answers at http://127.0.0.1"},
	} {
		got := command(t, append([]string{"list", "--admin", p.admin}, strings.Fields(name)...)...)
		assert.Equal(t, want.code, got.code, name)
		assert.Contains(t, got.err, want.err, name)
		assert.Empty(t, got.out, name)
	}
	p.stop(t)
}

func TestListGoesThroughAllPages(t *testing.T) {
	t.Parallel()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		asked = append(asked, q.Get("limit")+" "+q.Get("cursor"))
		page, next := 0, ""
		_, _ = fmt.Sscan(q.Get("cursor"), &page)
		if page < 4 {
			next = fmt.Sprint(page + 1)
		}
		items := fmt.Sprintf(`{"id":"%d"}`, page)
		if page == 2 {
			items = "" // a filter found nothing so far
		}
		_, _ = fmt.Fprintf(w, `{"items":[%s],"next":%q,"parked":[{"id":"%d","seq":7}],"unreadable":["bad"]}`, items, next, page)
	}))
	t.Cleanup(server.Close)
	got := call(t, nil, "list", "users", "--admin", server.URL, "--limit", "3", "--json")
	assert.Equal(t, exitDone, got.code)
	assert.Equal(t, "{\"id\":\"0\"}\n{\"id\":\"1\"}\n{\"id\":\"3\"}\n", got.out)
	assert.Equal(t, []string{"3 ", "2 1", "1 2", "1 3"}, asked)
	assert.Contains(t, got.err, `hookfold: "3" stands still since log record 7: its document may be out of date`)
	assert.Contains(t, got.err, `hookfold: "bad" is left out`)
	assert.Contains(t, got.err, "--cursor 4\n")
	asked = nil
	got = call(t, nil, "list", "users", "--admin", server.URL, "--all")
	assert.Equal(t, "id\n0\n1\n3\n4\n", got.out)
	assert.Equal(t, []string{"500 ", "500 1", "500 2", "500 3", "500 4"}, asked)
	assert.NotContains(t, got.err, "--cursor")
}

func TestTheTokenOfTheReadAPIIsSentAndNeverShown(t *testing.T) {
	const canary = "c4n4ry-7b1f0e52"
	status := http.StatusUnauthorized
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "Bearer "+canary, r.Header.Get("Authorization"))
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"error":"no"}`))
	}))
	t.Cleanup(server.Close)
	t.Setenv("HOOKFOLD_ADMIN_TOKEN", canary)
	for _, command := range []string{"get", "list", "why"} {
		for _, status = range []int{http.StatusUnauthorized, http.StatusForbidden} {
			got := call(t, nil, command, "users", "--admin", server.URL)
			assert.Equal(t, exitBadInput, got.code, command)
			assert.Contains(t, got.err, "give its token by --admin-token or HOOKFOLD_ADMIN_TOKEN")
			assert.NotContains(t, got.out+got.err, canary)
		}
		for _, args := range [][]string{{"--help"}, {"--nonsense"}, {"--admin", "a b"}, {"--admin", "127.0.0.1:1"}, {"--admin-token", canary + "\n"}} {
			got := call(t, nil, append([]string{command, "users"}, args...)...)
			assert.NotContains(t, got.out+got.err, canary, args)
		}
	}
}

func TestWithoutATokenNoneIsSent(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.Header.Values("Authorization"))
		w.Header().Set("Hookfold-Parked", "7")
		_, _ = w.Write([]byte(`{"id":"u"}`))
	}))
	t.Cleanup(server.Close)
	got := call(t, nil, "get", "users", "u", "--admin", server.URL)
	assert.Equal(t, result{exitDone, "{\"id\":\"u\"}\n", "hookfold: \"u\" stands still since log record 7: its document may be out of date\n"}, got)
}

func TestPathsAreEscapedOnce(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"path":"` + r.URL.EscapedPath() + `","query":"` + r.URL.RawQuery + `"}`))
	}))
	t.Cleanup(server.Close)
	got := call(t, nil, "get", "users", "a/b %", "--at", "seq:1", "--admin", server.URL+"/")
	assert.Equal(t, `{"path":"/v1/users/`+url.PathEscape("a/b %")+`","query":"at=seq%3A1"}`+"\n", got.out)
}

func TestATableShowsWhatSaysSomething(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		docs []string
		want string
	}{
		"nothing is left out of one that differs": {
			[]string{`{"kind":"x","id":"1","a":"","b":0,"c":false,"d":null,"e":{},"f":[1],"g":"A","source":"s"}`, `{"id":"2","b":7,"g":""}`},
			"id  b  g\n1   0  A\n2   7  -\n",
		},
		"an object shows its flags and values": {
			[]string{`{"id":"1","confirmed":{"status":true,"kyc":false,"sca":true,"n":3,"s":"x y","none":""}}`, `{"id":"2","confirmed":{"status":false}}`},
			"id  confirmed\n1   status,sca,n=3,s=x y\n2   -\n",
		},
		"whatever steers a terminal is quoted": {
			[]string{`{"id":"a\u001b[31m\tb\u009b\n","é":"ß/ü 💶"}`, `{"id":"\u202e","é":"\ufffd"}`},
			"id                      é\n\"a\\x1b[31m\\tb\\u009b\\n\"  ß/ü 💶\n\"\\u202e\"                \"\\ufffd\"\n",
		},
	} {
		var tab table
		for _, d := range c.docs {
			require.NoError(t, tab.add([]byte(d)))
		}
		var out bytes.Buffer
		require.NoError(t, tab.write(&out))
		assert.Equal(t, c.want, out.String(), name)
	}
	var tab table
	for _, bad := range []string{"", "[", "{", `{"a":`, `{"a":1`} {
		assert.Error(t, tab.add([]byte(bad)), bad)
	}
}
