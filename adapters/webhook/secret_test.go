package webhook_test

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

const canary = "c4n4ry-7b1f0e52"

func TestOnlyTheRightTokenOpensThePath(t *testing.T) {
	t.Parallel()
	log := &memory{}
	h := handler(t, webhook.Config{Log: log, Token: canary})
	assert.Equal(t, http.StatusOK, send(h, http.MethodGet, "/hooks/"+canary, s4).Code)
	assert.Equal(t, http.StatusMethodNotAllowed, send(h, http.MethodPost, "/hooks/"+canary, s4).Code)
	var bodies []string
	for _, path := range []string{
		"/", "", "*", "/hooks", "/hooks/", "/hooks/" + canary + "/", "/hooks/" + canary[1:], "/hooks/" + canary + "0",
		"/hooks/C4N4RY-7b1f0e52", "//hooks/" + canary, "/hooks/wrong-7b1f0e52", "/" + canary, "/hooks/./" + canary,
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodHead} {
			w := send(h, method, path, s4)
			assert.Equal(t, http.StatusNotFound, w.Code, "%s %s", method, path)
			assert.Empty(t, w.Header().Get("Allow"))
			bodies = append(bodies, w.Body.String())
		}
	}
	for _, b := range bodies {
		assert.Equal(t, bodies[0], b, "a wrong token is answered like any other path")
	}
	assert.Len(t, log.all(), 1)
}

func TestSecretsReachNeitherLogsNorAnswers(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	panics := func(context.Context, ...events.Event) (projections.Seq, error) { panic("on purpose") }
	const input = "1nput-99aa"
	for _, log := range []webhook.Appender{&memory{}, appendFunc(broken), appendFunc(panics)} {
		h := handler(t, webhook.Config{Log: log, Token: canary, Logger: logger})
		for _, path := range []string{"/hooks/" + canary, "/hooks/" + input, "/" + canary} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				for _, query := range []string{s4, "", "EventType=A&RessourceId=" + input + "&Date=x", input, "EventType=A&RessourceId=" + input + "&Date=1"} {
					w := send(h, method, path, query)
					var answer bytes.Buffer
					require.NoError(t, w.Header().Write(&answer))
					answer.Write(w.Body.Bytes())
					assert.NotContains(t, answer.String(), canary)
					assert.NotContains(t, answer.String(), input)
				}
			}
		}
	}
	h := handler(t, webhook.Config{Log: &memory{}, Token: canary})
	assert.NotContains(t, fmt.Sprintf("%+v", h), canary, "the token is not even held")
	assert.Contains(t, lines.String(), "was not stored")
	assert.Contains(t, lines.String(), "defect")
	assert.Contains(t, lines.String(), "kept raw")
	assert.NotContains(t, lines.String(), canary)
	assert.NotContains(t, lines.String(), input)
}

func TestAStrangersAddressLearnsNothingOfPathAndToken(t *testing.T) {
	t.Parallel()
	h := handler(t, webhook.Config{Log: &memory{}, Token: canary, Allow: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}})
	var first *httptest.ResponseRecorder
	for _, path := range []string{"/hooks/" + canary, "/hooks/wrong", "/hooks", "/", "*"} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodHead} {
			w := send(h, method, path, s4+strings.Repeat("x", 9<<10))
			if first == nil {
				first = w
			}
			assert.Equal(t, first.Result().Header, w.Result().Header, "%s %s", method, path)
			assert.Equal(t, http.StatusForbidden, w.Code, "%s %s", method, path)
			assert.Equal(t, first.Body.String(), w.Body.String(), "%s %s", method, path)
		}
	}
	assert.Equal(t, webhook.Counts{Forbidden: 15}, h.Counts())
}

// TestTheTokenIsOnlyComparedInConstantTime holds that nothing but New and validate, which run once, sees the token, that
// its digest goes nowhere but into a comparison in constant time, and that no mux or router compares paths before it.
func TestTheTokenIsOnlyComparedInConstantTime(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	uses := map[string][]string{} // what is selected, and the functions in which
	compared := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			f, is := d.(*ast.FuncDecl)
			if !is {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.SelectorExpr:
					uses[n.Sel.Name] = append(uses[n.Sel.Name], f.Name.Name)
				case *ast.CallExpr:
					if text := types.ExprString(n); strings.HasPrefix(text, "subtle.ConstantTimeCompare(") && strings.Contains(text, "h.path") {
						compared++
					}
				}
				return true
			})
		}
	}
	assert.Subset(t, []string{"New", "validate"}, uses["Token"])
	assert.Equal(t, []string{"refusal"}, uses["path"], "the digest of the right path is read once")
	assert.Equal(t, 1, compared)
	assert.Empty(t, uses["ServeMux"])
	assert.Empty(t, uses["NewServeMux"])
}
