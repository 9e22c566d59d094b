package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"

	"github.com/hookfold/hookfold/adapters/operate"
)

// told is one line of an action as it is read: one of its parts is there.
type told struct {
	Progress json.RawMessage `json:"progress"`
	Report   json.RawMessage `json:"report"`
	Warning  string          `json:"warning"`
}

// longestLine bounds one line of an action's answer.
const longestLine = 16 << 20

// follow starts an action of a server and hands over each of its lines, up to its end.
func (c *server) follow(e env, q url.Values, each func(told) error, path ...string) error {
	req, err := c.request(e.ctx, http.MethodPost, q, path)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req) // without a timeout: an action takes as long as it takes
	if err != nil {
		return c.silent()
	}
	defer func() { _ = res.Body.Close() }() // only read
	if res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(res.Body, longestLine)) // an empty sentence still comes with the status
		return refused(answer{body: body, status: res.StatusCode})
	}
	in := bufio.NewScanner(res.Body)
	in.Buffer(nil, longestLine)
	for in.Scan() {
		if done, err := c.hear(in.Bytes(), each); done || err != nil {
			return err
		}
	}
	return exit(exitUnreachable, "the server at %s broke off: what is done stays done; run this again", c.Admin)
}

// hear takes one line; done: it was the last.
func (c *server) hear(text []byte, each func(told) error) (done bool, err error) {
	if bytes.HasPrefix(text, []byte(`{"done":`)) {
		var end operate.End
		if err := json.Unmarshal(text, &end); err != nil {
			return true, exit(exitUnreachable, "the answer of the server at %s cannot be read: %w", c.Admin, err)
		}
		if !end.Done {
			return true, exit(exitBadInput, "%s", end.Error)
		}
		return true, nil
	}
	var t told
	if err := json.Unmarshal(text, &t); err != nil {
		return true, exit(exitUnreachable, "the answer of the server at %s cannot be read: %w", c.Admin, err)
	}
	return false, each(t)
}
