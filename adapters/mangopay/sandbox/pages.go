package sandbox

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
)

//go:embed page.html
var pageText string

// pageTemplate is the one page that all hosted pages are.
var pageTemplate = template.Must(template.New("page").Parse(pageText))

// page is what a hosted page shows.
type page struct {
	status  int
	Title   string
	Lead    string   // a sentence under the title
	Facts   []fact   // what the page is about
	Fields  []field  // what is read on the document
	Groups  []group  // of choices; none: there is nothing to do any more
	Back    string   // where the user came from; "" unknown
	Comment bool     // ask for a reviewer's words
	Notes   []string // at the foot
}

type fact struct{ Name, Value string }

type field struct{ Name, Label, Type, Value string }

type group struct {
	Title   string
	Choices []choice
}

// choice is a button.
type choice struct{ Value, Label, Hint, Tone string }

// pageRoutes are the pages that users open.
func (s *Sandbox) pageRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /idv/{token}", s.showSession)
	mux.HandleFunc("POST /idv/{token}", s.playSession)
	mux.HandleFunc("GET /sca", s.showEnrolment)
	mux.HandleFunc("POST /sca", s.playEnrolment)
	mux.HandleFunc("GET /{$}", s.showHome)
	return mux
}

// show writes a page.
func (p page) show(w http.ResponseWriter) {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		panic(err) // the template takes every page
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer") // the address is a secret
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(p.status)
	_, _ = w.Write(b.Bytes()) // the browser may be gone
}

// goBack sends a browser to where the platform wants it.
func goBack(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// showHome says what this is.
func (s *Sandbox) showHome(w http.ResponseWriter, _ *http.Request) {
	page{
		status: http.StatusOK, Title: "Sandbox", Lead: "A stand-in for the payment provider. No money moves, and nothing is kept when it stops.",
		Facts: []fact{{"API", "/v2.01/"}, {"Control API", "/_sandbox/"}},
	}.show(w)
}
