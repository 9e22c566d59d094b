//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
)

// What users, companies and reviewers are called in this test, and nowhere else.
var personal = map[string]string{
	"first name": "Zqfirstname", "last name": "Zqlastname", "verified name": "Zqverified", "e-mail": "zqmail@example.com",
	"phone": "+33698765431", "birth date": "271803661", "verified birth date": "-171803662", "street": "Zqstreet 5", "city": "Zqcity", "postal code": "Z9Q75",
	"occupation": "Zqoccupation", "tag": "Zqtag", "company": "Zqcompany Ltd", "company number": "987650321", "office": "zqoffice@example.com",
	"representative": "Zqrepresentative", "representative's birth date": "371803663", "verified company": "Zqregistered",
	"reviewer's words": "Zqreviewer saw it", "refusal of a document": "Zqdocument is torn", "return address": "https://zqshop.example.com/back",
	"echo": "Zqecho",
}

// secretsOf are what the server is given to prove itself, or its callers.
var secretsOf = map[string]string{"API key": "zqkey-5d1f", "hook token": "zqhook-92ab", "admin token": "zqadmin-77c0"}

// TestLaw12_NothingPersonalAndNoSecretIsKeptOrSaid plays users and companies through everything that the sandbox can tell of
// them, errors that repeat what was sent included, and then searches every byte that the server has written to its folder,
// said, or answered, and every line of the commands beside it.
func TestLaw12_NothingPersonalAndNoSecretIsKeptOrSaid(t *testing.T) {
	t.Parallel()
	c := newCanaries(t)
	natural, session := c.naturals(t)
	company := c.company(t)
	c.spoiled(t)
	require.Eventually(t, func() bool { return c.settled(t, natural, company) }, patience, 50*time.Millisecond)
	c.commands(t, natural, session)
	c.answers(t, natural, session)
	c.p.stop(t)
	c.wrong(t)
	c.begin(t) // once more, from what the folder holds
	c.answers(t, natural, session)
	require.NoError(t, c.p.cmd.Process.Signal(syscall.SIGQUIT)) // with the stacks of everything
	assert.NotEqual(t, exitDone, c.p.wait(t))
	c.collect()
	c.uncompressed(t, natural, session, company)
	c.folder(t)
	c.search(t, natural, session, company)
}

// canaries are a provider, a server, and all that was written.
type canaries struct {
	s       *sandboxProcess
	tap     *tap
	gate    *gate
	p       *process
	dir     string
	bearer  string
	victims sync.Map // user ids whose answers are spoiled, and how

	written []passage
}

// passage is what was written somewhere.
type passage struct {
	where string
	text  []byte
}

// newCanaries starts everything.
func newCanaries(t *testing.T) *canaries {
	t.Helper()
	c := &canaries{s: sandboxWith(t, "--client-id", "shop", "--api-key", secretsOf["API key"]), gate: newGate(t), dir: t.TempDir()}
	c.tap = tapTo(t, c.s.url)
	c.tap.spoil = c.spoil
	var token struct {
		Access string `json:"access_token"`
	}
	basic := base64.StdEncoding.EncodeToString([]byte("shop:" + secretsOf["API key"]))
	require.NoError(t, json.Unmarshal(c.s.play(t, http.MethodPost, "/v2.01/oauth/token", "", "Authorization", "Basic "+basic), &token))
	c.bearer = token.Access
	c.begin(t)
	c.run(t, exitDone, "hooks", "ensure")
	return c
}

// env gives the secrets to a process.
func (c *canaries) env() []string {
	return append(os.Environ(), "HOOKFOLD_API_URL="+c.tap.url, "HOOKFOLD_CLIENT_ID=shop", "HOOKFOLD_API_KEY="+secretsOf["API key"],
		"HOOKFOLD_TOKEN="+secretsOf["hook token"], "HOOKFOLD_ADMIN_TOKEN="+secretsOf["admin token"], "HOOKFOLD_HOOK_URL="+c.gate.url+"/hooks")
}

// begin starts the server.
func (c *canaries) begin(t *testing.T) {
	t.Helper()
	c.collect()
	cmd := exec.Command("hookfold", "serve", "--data", c.dir, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	cmd.Env = c.env()
	c.p = begin(t, cmd)
	c.gate.open(t, c.p)
}

// collect keeps what the server said.
func (c *canaries) collect() {
	if c.p != nil {
		c.keep("the server's stderr", []byte(c.p.stderr.String()))
		c.keep("the server's stdout", []byte(c.p.stdout.String()))
	}
}

func (c *canaries) keep(where string, text []byte) {
	c.written = append(c.written, passage{where, text})
}

// run runs a command with the secrets in its variables and keeps what it writes.
func (c *canaries) run(t *testing.T, code int, args ...string) {
	t.Helper()
	cmd := exec.Command("hookfold", args...)
	cmd.Env = append(c.env(), "HOOKFOLD_ADMIN="+c.p.admin)
	out, _ := cmd.CombinedOutput() // the exit code tells
	assert.Equal(t, code, cmd.ProcessState.ExitCode(), "%v: %s", args, out)
	c.keep("hookfold "+args[0], out)
}

// api asks the provider as the platform does, and then lets a second pass.
func (c *canaries) api(t *testing.T, method, path string, body map[string]any) (id string) {
	t.Helper()
	text, err := json.Marshal(body)
	require.NoError(t, err)
	var made struct {
		ID string `json:"Id"`
	}
	answer := c.s.play(t, method, "/v2.01/shop"+path, string(text), "Authorization", "Bearer "+c.bearer)
	_ = json.Unmarshal(answer, &made) // a page of a document answers nothing
	c.s.play(t, http.MethodPost, "/_sandbox/clock", `{"advance":"1s"}`)
	return made.ID
}

// tool does what only users and the provider can do, and then lets a second pass.
func (c *canaries) tool(t *testing.T, path, body string) {
	t.Helper()
	c.s.play(t, http.MethodPost, "/_sandbox/"+path, body)
	c.s.play(t, http.MethodPost, "/_sandbox/clock", `{"advance":"1s"}`)
}

// told tells the server of something as the provider would.
func (c *canaries) told(t *testing.T, what, id string) {
	t.Helper()
	at := strings.TrimSuffix(c.p.ingress, "***") + secretsOf["hook token"]
	status, _, _ := look(t, http.DefaultClient, fmt.Sprintf("%s?EventType=%s&RessourceId=%s&Date=%d", at, what, id, time.Now().Add(-10*time.Minute).Unix()), "")
	require.Equal(t, http.StatusOK, status)
}

// somebody is a natural user to be created.
func somebody() map[string]any {
	return map[string]any{
		"FirstName": personal["first name"], "LastName": personal["last name"], "Email": personal["e-mail"], "Birthday": 271803661,
		"Nationality": "FR", "CountryOfResidence": "FR", "UserCategory": "OWNER", "TermsAndConditionsAccepted": true,
		"PhoneNumber": personal["phone"], "PhoneNumberCountry": "FR", "Occupation": personal["occupation"], "Tag": personal["tag"],
		"Address": map[string]any{"AddressLine1": personal["street"], "City": personal["city"], "PostalCode": personal["postal code"], "Country": "FR"},
	}
}

// naturals plays natural users: refused, verified, with documents, downgraded, blocked, closed; one without SCA.
func (c *canaries) naturals(t *testing.T) (user, session string) {
	t.Helper()
	user = c.api(t, http.MethodPost, "/sca/users/natural", somebody())
	c.tool(t, "users/"+user, `{"sca":"failed"}`)
	c.api(t, http.MethodPost, "/sca/users/"+user+"/enrollment", nil)
	c.tool(t, "users/"+user, `{"sca":"succeeded"}`)
	for _, outcome := range []string{
		`{"outcome":"REFUSED","check":"IDV_NAME_MATCH_CHECK"}`,
		`{"outcome":"VALIDATED","data":{"FIRST_NAME":"` + personal["verified name"] + `","BIRTHDATE":"` + personal["verified birth date"] + `"}}`,
	} {
		session = c.api(t, http.MethodPost, "/users/"+user+"/identity-verifications", map[string]any{"ReturnUrl": personal["return address"], "Tag": personal["tag"]})
		c.tool(t, "idv-sessions/"+session, outcome)
	}
	for _, outcome := range []string{`{"status":"REFUSED","reason":"DOCUMENT_UNREADABLE","message":"` + personal["refusal of a document"] + `"}`, `{"status":"VALIDATED"}`} {
		document := c.api(t, http.MethodPost, "/users/"+user+"/kyc/documents", map[string]any{"Type": "IDENTITY_PROOF", "Tag": personal["tag"]})
		at := "/users/" + user + "/kyc/documents/" + document
		c.api(t, http.MethodPost, at+"/pages", map[string]any{"File": base64.StdEncoding.EncodeToString([]byte(personal["first name"]))})
		c.api(t, http.MethodPut, at, map[string]any{"Status": "VALIDATION_ASKED"})
		c.tool(t, "documents/"+document, outcome)
		c.told(t, "KYC_FAILED", document) // of no hook that is made without being named
	}
	c.tool(t, "users/"+user, `{"renewal":"required"}`)
	c.tool(t, "users/"+user, `{"blocks":{"inflows":true,"outflows":true,"action_code":"000001"}}`)
	plain := c.api(t, http.MethodPost, "/users/natural", somebody())
	c.tool(t, "users/"+plain, `{"kyc":"REGULAR"}`)
	c.tool(t, "users/"+plain, `{"category":"PAYER"}`)
	c.tool(t, "users/"+plain, `{"close":true}`)
	return user, session
}

// company plays a company that a reviewer refuses, and another one validates.
func (c *canaries) company(t *testing.T) (user string) {
	t.Helper()
	at := map[string]any{"AddressLine1": personal["street"], "City": personal["city"], "PostalCode": personal["postal code"], "Country": "FR"}
	user = c.api(t, http.MethodPost, "/sca/users/legal", map[string]any{
		"Name": personal["company"], "LegalPersonType": "BUSINESS", "Email": personal["office"], "CompanyNumber": personal["company number"],
		"UserCategory": "OWNER", "TermsAndConditionsAccepted": true, "HeadquartersAddress": at, "LegalRepresentativeAddress": at, "Tag": personal["tag"],
		"LegalRepresentative": map[string]any{
			"FirstName": personal["representative"], "LastName": personal["last name"], "Email": personal["e-mail"], "Birthday": 371803663,
			"Nationality": "FR", "CountryOfResidence": "FR",
		},
	})
	c.tool(t, "users/"+user, `{"sca":"succeeded"}`)
	for _, outcome := range []string{
		`{"outcome":"REFUSED","comment":"` + personal["reviewer's words"] + `"}`, `{"outcome":"VALIDATED"}`,
	} {
		session := c.api(t, http.MethodPost, "/users/"+user+"/identity-verifications", map[string]any{"ReturnUrl": personal["return address"]})
		c.tool(t, "idv-sessions/"+session, `{"outcome":"REVIEW","data":{"COMPANY_NAME":"`+personal["verified company"]+`"}}`)
		c.tool(t, "idv-sessions/"+session, outcome)
	}
	return user
}

// echoes are answers that repeat what nobody must see, by what is wrong with them.
var echoes = map[string]func(r *http.Response) string{
	"a parameter": func(r *http.Response) string {
		r.StatusCode = http.StatusBadRequest
		return `{"Message":"Zqecho is wrong","Type":"param_error","Id":"5b8ac3a4","Date":1743627006.0,"errors":{"FirstName":"The value Zqecho is no name"}}`
	},
	"authentication": func(r *http.Response) string {
		r.StatusCode = http.StatusUnauthorized
		r.Header.Set("WWW-Authenticate", `PendingUserAction RedirectUrl=https://sca.example.com/?token=Zqecho`)
		return `{"Message":"Zqecho","Type":"unauthorized"}`
	},
	"a problem": func(r *http.Response) string {
		r.StatusCode = http.StatusForbidden
		r.Header.Set("Content-Type", "application/problem+json")
		return `{"type":"https://tools.ietf.org/html/rfc7231","title":"Zqecho","status":403,"detail":"Zqecho"}`
	},
	"a page of a proxy": func(r *http.Response) string {
		r.StatusCode = http.StatusBadGateway
		r.Header.Set("Content-Type", "text/html")
		return `<html>Zqecho</html>`
	},
	"a redirect": func(r *http.Response) string {
		r.StatusCode = http.StatusFound
		r.Header.Set("Location", "https://zq.example.com/Zqecho")
		return "Zqecho"
	},
	"half an answer": func(*http.Response) string { return `{"Id":"Zqecho","FirstName":"Zqecho` },
	"of another shape": func(*http.Response) string {
		return `{"Id":{"Zqecho":1},"KYCLevel":["Zqecho"],"UserStatus":"Zqecho` + `"}`
	},
}

// spoil spoils the answers about victims.
func (c *canaries) spoil(r *http.Response, body []byte) []byte {
	for part := range strings.SplitSeq(r.Request.URL.Path, "/") {
		if how, is := c.victims.Load(part); is {
			return []byte(how.(func(*http.Response) string)(r))
		}
	}
	return body
}

// spoiled makes users of whom the provider's answers are wrong, and waits until they are asked for.
func (c *canaries) spoiled(t *testing.T) {
	t.Helper()
	for _, echo := range echoes {
		user := c.api(t, http.MethodPost, "/users/natural", somebody())
		c.victims.Store(user, echo)
		c.tool(t, "users/"+user, `{"kyc":"REGULAR"}`)
		require.Eventually(t, func() bool { _, n := c.tap.about("GET users/" + user); return n > 0 }, patience, 20*time.Millisecond)
	}
}

// settled tells whether the server knows all of it by the provider's word.
func (c *canaries) settled(t *testing.T, users ...string) bool {
	t.Helper()
	for _, user := range users {
		_, body := c.get(t, "/v1/users/"+user+"/idv-sessions")
		if !strings.Contains(string(body), "VALIDATED") || strings.Contains(string(body), `"confirmed":false`) {
			return false
		}
		if _, body = c.get(t, "/v1/users/"+user); !strings.Contains(string(body), `"kyc":true`) {
			return false
		}
	}
	_, documents := c.tap.about("GET kyc/documents")
	return documents > 1
}

// get asks the read API with its token.
func (c *canaries) get(t *testing.T, path string) (int, []byte) {
	t.Helper()
	status, header, body := look(t, http.DefaultClient, "http://"+c.p.admin+path, secretsOf["admin token"])
	return status, []byte(fmt.Sprint(header, "\n", body))
}

// answers keeps what the read API and the ingress answer, with and without the secrets.
func (c *canaries) answers(t *testing.T, user, session string) {
	t.Helper()
	for _, path := range []string{
		"/metrics", "/healthz", "/readyz", "/v1/users", "/v1/idv-sessions", "/v1/hooks", "/v1/quarantine", "/v1/users/" + user, "/v1/idv-sessions/" + session,
		"/v1/users/" + user + "/idv-sessions", "/v1/hooks/USER_KYC_REGULAR", "/v1/users/nobody", "/nowhere", "/",
	} {
		status, answer := c.get(t, path)
		if strings.HasPrefix(path, "/v1/users") && path != "/v1/users/nobody" {
			assert.Equal(t, http.StatusOK, status, path)
		}
		c.keep(path, answer)
		_, header, body := look(t, http.DefaultClient, "http://"+c.p.admin+path, "wrong")
		c.keep(path+" with a wrong token", []byte(fmt.Sprint(header, body)))
	}
	c.changes(t, user)
	base := strings.TrimSuffix(c.p.ingress, "/***")
	for _, more := range []string{"", "/wrong?" + s4Query, "/" + secretsOf["hook token"] + "x?" + s4Query, "/" + secretsOf["hook token"] + "?" + s4Query, "/" + secretsOf["hook token"] + "?EventType=&Date="} {
		_, header, body := look(t, http.DefaultClient, base+more, "")
		c.keep("the ingress", []byte(fmt.Sprint(header, body)))
	}
}

// changes keeps what the server tells whoever listens to its changes, up to the last one of a user who is as was played.
func (c *canaries) changes(t *testing.T, user string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.p.admin+"/v1/changes?from=start", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+secretsOf["admin token"])
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	var said bytes.Buffer
	fmt.Fprintln(&said, res.Status, res.Header)
	lines, whole := bufio.NewScanner(res.Body), false
	for !whole && lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
		whole = strings.Contains(lines.Text(), `"to":"BLOCKED"`) && strings.Contains(lines.Text(), user)
	}
	require.True(t, whole, "the changes ended early: %v", lines.Err())
	c.keep("/v1/changes", said.Bytes())
}

// messages keeps every message of every stream in the data folder, headers and subjects too, as any client would get them.
// Among them are the facts of those who were played.
func (c *canaries) messages(t *testing.T, js jetstream.JetStream, stream string, last uint64, who ...string) {
	t.Helper()
	s, err := js.Stream(t.Context(), stream)
	require.NoError(t, err)
	var all bytes.Buffer
	for seq := uint64(1); seq <= last; seq++ {
		m, err := s.GetMsg(t.Context(), seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue // a newer one took its place
		}
		require.NoError(t, err)
		fmt.Fprintln(&all, m.Subject, m.Header, string(m.Data))
	}
	for _, id := range who {
		assert.True(t, stream != "HOOKFOLD_FACTS" || finds(all.Bytes(), id), "the facts are of %s too", id)
	}
	c.keep("the messages of "+stream, all.Bytes())
}

// commands runs what operators run beside the server.
func (c *canaries) commands(t *testing.T, user, session string) {
	t.Helper()
	for _, args := range [][]string{
		{"hooks", "status"}, {"hooks", "status", "--json"}, {"hooks", "ensure", "--json"}, {"hooks", "revive"}, {"backfill", "--json"},
		{"get", user}, {"get", session}, {"why", user}, {"why", session, "--json"}, {"list", "users"}, {"list", "idv-sessions", "--json"}, {"list", "hooks", "--json"},
	} {
		c.run(t, exitDone, args...)
	}
	c.victims.Clear()
	c.run(t, exitDone, "backfill", "--since", "60d") // which reads every user and their sessions
	c.run(t, exitBadInput, "get", user, "--admin-token", "wrong")
	c.run(t, exitUsage, "serve", "--api-kye", secretsOf["API key"])
	c.run(t, exitUsage, "serve", "--hook-url", "https://x.example.com/hooks?token="+secretsOf["hook token"])
}

// wrong starts the server with what is wrong: it says so, and not what it was given.
func (c *canaries) wrong(t *testing.T) {
	t.Helper()
	good := []string{"serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"}
	c.run(t, exitUsage, append(good, "--api-url", "http://me:"+secretsOf["API key"]+"@127.0.0.1:1")...)
	c.run(t, exitUsage, append(good, "--api-url", "http://127.0.0.1:1/?key="+secretsOf["API key"])...)
	c.run(t, exitUsage, append(good, "--api-url", secretsOf["API key"])...)

	// A key that the provider refuses: the server runs on, and the commands tell why nothing is confirmed.
	cmd := exec.Command("hookfold", good...)
	cmd.Env = append(c.env(), "HOOKFOLD_API_KEY="+secretsOf["API key"]+"wrong")
	was := c.p
	c.p = begin(t, cmd)
	c.run(t, exitBadInput, "hooks", "ensure")
	c.run(t, exitBadInput, "backfill")
	c.p.stop(t)
	c.collect()
	assert.Contains(t, c.p.stderr.String(), "credentials")
	c.p = was
}

// uncompressed checks that what lies in the folder can be searched as it is, and reads it as a client of NATS does as well.
func (c *canaries) uncompressed(t *testing.T, who ...string) {
	t.Helper()
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: c.dir})
	require.NoError(t, err)
	defer func() { require.NoError(t, server.Close()) }()
	nc, err := server.Connect()
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	n := 0
	for s := range js.ListStreams(t.Context()).Info() {
		assert.Equal(t, jetstream.NoCompression, s.Config.Compression, s.Config.Name)
		c.messages(t, js, s.Config.Name, s.State.LastSeq, who...)
		n++
	}
	assert.GreaterOrEqual(t, n, 4, "the log, the facts, the read models and the marks")
}

// folder keeps every file of the data folder.
func (c *canaries) folder(t *testing.T) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		c.keep("the data folder: "+strings.TrimPrefix(path, c.dir), append([]byte(path+"\n"), text...))
		return err
	}))
}

// search looks for every canary in everything that was written. What must be there is found, and so is every canary in what
// the provider and the server said to each other.
func (c *canaries) search(t *testing.T, natural, session, company string) {
	t.Helper()
	heard := c.tap.heard()
	hidden := map[string]string{}
	for name, canary := range personal {
		assert.True(t, finds([]byte(heard), canary), "the server was never told the %s: the search proves nothing for it", name)
		hidden[name] = canary
	}
	for name, canary := range secretsOf {
		assert.True(t, name == "admin token" || finds([]byte(heard), canary), "the %s was never used", name)
		hidden[name] = canary
	}
	tokens := regexp.MustCompile(`"access_token":"([^"]+)"`).FindAllStringSubmatch(heard, -1)
	require.NotEmpty(t, tokens)
	for i, m := range tokens {
		hidden[fmt.Sprint("access token ", i)] = m[1]
	}
	pages := regexp.MustCompile(`/idv/([0-9a-f]+)`).FindAllStringSubmatch(heard, -1)
	require.NotEmpty(t, pages)
	for i, m := range pages {
		hidden[fmt.Sprint("page of a session ", i)] = m[1]
	}

	bytesIn, must := 0, map[string]int{natural: 0, session: 0, company: 0}
	for _, w := range c.written {
		bytesIn += len(w.text)
		for name, canary := range hidden {
			if finds(w.text, canary) {
				t.Errorf("%s shows the %s", w.where, name)
			}
		}
		for id := range must {
			if strings.HasPrefix(w.where, "the data folder") && finds(w.text, id) {
				must[id]++
			}
		}
	}
	for id, files := range must {
		assert.GreaterOrEqual(t, files, 2, "%s is in the log and in a read model, or the search finds nothing", id)
	}
	t.Logf("%d canaries searched in %d texts of %d bytes, in the clear, in base64, in hex, as numbers and as dates", len(hidden), len(c.written), bytesIn)
}

// finds tells whether a text holds a canary, in any of the forms in which it might have been written.
func finds(text []byte, canary string) bool {
	lower := bytes.ToLower(text)
	for _, form := range []string{canary, url.QueryEscape(canary), url.PathEscape(canary), hex.EncodeToString([]byte(canary))} {
		if bytes.Contains(lower, []byte(strings.ToLower(form))) {
			return true
		}
	}
	for shift := range 3 { // whatever stands before it
		whole := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + canary))
		whole = whole[(shift*8+5)/6 : (shift+len(canary))*8/6]
		if bytes.Contains(text, []byte(whole)) || bytes.Contains(text, []byte(strings.NewReplacer("+", "-", "/", "_").Replace(whole))) {
			return true
		}
	}
	n, err := strconv.ParseInt(canary, 10, 64)
	if err != nil || strings.HasPrefix(canary, "+") {
		return false
	}
	day := time.Unix(n, 0).UTC().Format(time.DateOnly)
	return bytes.Contains(text, []byte(day)) || bytes.Contains(text, binary.LittleEndian.AppendUint64(nil, uint64(n))) ||
		bytes.Contains(text, binary.BigEndian.AppendUint64(nil, uint64(n)))
}

// TestTheSearchFindsACanaryInEveryForm is the control of the search itself.
func TestTheSearchFindsACanaryInEveryForm(t *testing.T) {
	t.Parallel()
	const canary = "Zqfirst name+1"
	for _, before := range []string{"", "a", "ab", "abc"} {
		for _, text := range []string{
			before + canary, before + strings.ToUpper(canary), before + url.QueryEscape(canary), before + url.PathEscape(canary),
			base64.StdEncoding.EncodeToString([]byte(before + canary + "z")), base64.RawURLEncoding.EncodeToString([]byte(before + canary)),
			hex.EncodeToString([]byte(before + canary)),
		} {
			assert.True(t, finds([]byte(text), canary), text)
		}
	}
	for _, text := range []string{`{"Birthday":271803661}`, `"271803661"`, "1978-08-12", string(binary.LittleEndian.AppendUint64(nil, 271803661))} {
		assert.True(t, finds([]byte(text), "271803661"), text)
	}
	assert.False(t, finds([]byte("Zqfirst nam+1 271803662"), canary))
}
