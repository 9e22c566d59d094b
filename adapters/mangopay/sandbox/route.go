package sandbox

import (
	"net/http"
	"strings"
)

// route is one endpoint of the API: a method and a path, with parts in braces, and who answers.
type route struct {
	pattern string // relative to /v2.01/{client}
	answer  handler
}

// endpoint is a route in a form that requests are compared with.
type endpoint struct {
	method string
	parts  []string
	fixed  int // parts that are no braces
	answer handler
}

// endpoints are those that the provider documents, as far as the sandbox plays them.
func endpoints() []endpoint {
	var all []endpoint
	for _, part := range [][]route{userRoutes, scaRoutes, sessionRoutes, documentRoutes, moneyRoutes, hookRoutes, answerRoutes, formatRoutes} {
		for _, r := range part {
			method, path, _ := strings.Cut(r.pattern, " ")
			e := endpoint{method: method, parts: strings.Split(apiVersion+"/{client}"+path, "/"), answer: r.answer}
			for _, p := range e.parts {
				if !strings.HasPrefix(p, "{") {
					e.fixed++
				}
			}
			all = append(all, e)
		}
	}
	return all
}

// apiVersion is what the paths of the API begin with.
const apiVersion = "v2.01"

// parts are those of a path. An SDK asks for its token at V2_01, which the provider takes.
func parts(path string) []string {
	p := strings.Split(strings.Trim(path, "/"), "/")
	if first := strings.ReplaceAll(strings.ToLower(p[0]), "_", "."); first == apiVersion {
		p[0] = apiVersion
	}
	return p
}

// match compares a path with an endpoint. The provider tells neither cases of fixed parts apart nor whether there is a slash
// at the end, and its SDKs use several.
func (e endpoint) match(parts []string) bool {
	if len(parts) != len(e.parts) {
		return false
	}
	for i, p := range e.parts {
		if !strings.HasPrefix(p, "{") && !strings.EqualFold(p, parts[i]) {
			return false
		}
	}
	return true
}

// name notes on a request what stands for the braces.
func (e endpoint) name(parts []string, r *http.Request) {
	for i, p := range e.parts {
		if strings.HasPrefix(p, "{") {
			r.SetPathValue(strings.Trim(p, "{}"), parts[i])
		}
	}
}

// find finds the endpoint of a request: the one with the most fixed parts, because those without SCA would take
// "natural" for a user. known tells whether the path is one, if only for another method.
func (s *Sandbox) find(r *http.Request) (best endpoint, known bool) {
	parts := parts(r.URL.Path)
	for _, e := range s.api {
		if !e.match(parts) {
			continue
		}
		known = true
		if e.method == r.Method && e.fixed >= best.fixed {
			best = e
		}
	}
	best.name(parts, r)
	return best, known
}
