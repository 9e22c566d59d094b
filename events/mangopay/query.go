package mangopay

import "strings"

// QueryOf finds the query string in a whole URL, or takes the text as one; false where it is neither. A question mark may
// also stand in a value of a query string; what tells them apart is that nothing is assigned before the one of a URL.
func QueryOf(text string) (query string, found bool) {
	before, after, asked := strings.Cut(text, "?")
	name, _, assigned := strings.Cut(before, "=")
	if asked && (!assigned || strings.Contains(name, "://") || strings.HasPrefix(name, "/")) {
		query, _, _ := strings.Cut(after, "#")
		return query, true
	}
	return text, assigned
}
