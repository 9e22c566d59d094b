package hookcare

import (
	"net/url"
	"slices"
	"strings"
)

// door is the address of our ingress, with which every Url of a hook is compared and behind which it is hidden.
type door struct {
	whole string   // what the provider is told: with the token
	host  string   // lower case, without the port that its scheme has anyway
	path  []string // segments of the path without the token
	token string
}

// newDoor makes a door of a configuration that was validated.
func newDoor(c Config) door {
	u, _ := url.Parse(c.Ingress)
	d := door{whole: strings.TrimSuffix(c.Ingress, "/"), host: host(u), path: segments(u.Path), token: c.Token}
	if c.Token != "" {
		d.whole += "/" + c.Token
	}
	return d
}

// ours tells whether a hook points exactly where it should.
func (d door) ours(raw string) bool { return raw == d.whole }

// outdated tells whether a hook points at our ingress by an address that is no longer right: another token, another scheme.
func (d door) outdated(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || d.ours(raw) || host(u) != d.host {
		return false
	}
	path := segments(u.Path)
	return len(path) <= len(d.path)+1 && len(path) >= len(d.path) && slices.Equal(path[:len(d.path)], d.path)
}

// show is a Url without what could be a secret: its host, and of the path the segments that our ingress has as well.
func (d door) show(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return "…"
	}
	shown := []string{u.Host}
	for _, s := range segments(u.Path) {
		if s == d.token || !slices.Contains(d.path, s) {
			s = "…"
		}
		shown = append(shown, s)
	}
	return strings.Join(shown, "/")
}

// host is a Url's host in one spelling.
func host(u *url.URL) string {
	h := strings.ToLower(u.Host)
	if u.Port() == "443" && u.Scheme == "https" || u.Port() == "80" && u.Scheme == "http" {
		h = strings.ToLower(u.Hostname())
	}
	return h
}

// segments are the parts of a path.
func segments(path string) []string {
	return slices.DeleteFunc(strings.Split(path, "/"), func(s string) bool { return s == "" })
}
