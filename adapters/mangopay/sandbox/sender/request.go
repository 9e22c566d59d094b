package sender

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// answerWithin is how long a receiver may take (S4), in real time at every speed of the Timeline.
	answerWithin = 2 * time.Second
	// mostBody is how much of an answer is read, so that a receiver that says a word is not cut off; it means nothing.
	mostBody = 4 << 10
)

// ask makes one request and judges the answer: exactly 200 within 2 seconds is a success (S4).
func (s *Sender) ask(hook string, e Event) Attempt {
	ctx, done := context.WithTimeout(s.open, answerWithin)
	defer done()
	began := time.Now()
	status, err := s.get(ctx, hook, e)
	a := Attempt{Event: e, Status: status, Took: time.Since(began)}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		a.Failure = TooLate
	case err != nil:
		a.Failure = Unreachable
	case status != http.StatusOK:
		a.Failure = BadStatus
	}
	return a
}

// get makes the request of a notification and returns the status of the answer.
func (s *Sender) get(ctx context.Context, hook string, e Event) (int, error) {
	address, err := target(hook, e)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("User-Agent", "") // S4 names no header, and the provider has been seen to send none
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, err
	}
	_, _ = io.CopyN(io.Discard, resp.Body, mostBody)
	_ = resp.Body.Close()
	return resp.StatusCode, nil
}

// notifiable tells whether a Url can be notified.
func notifiable(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && utf8.RuneCountInString(text) <= mostURL
}

// target is the address of one notification: what the Url's own query holds comes first, a fragment is not sent.
func target(hook string, e Event) (string, error) {
	u, err := url.Parse(hook)
	if err != nil {
		return "", ErrURL // the error of the parser shows the Url
	}
	query := e.query()
	if own := strings.TrimSuffix(u.RawQuery, "&"); own != "" {
		query = own + "&" + query
	}
	u.RawQuery, u.Fragment, u.RawFragment = query, "", ""
	return u.String(), nil
}
