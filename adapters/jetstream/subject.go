package jetstream

import "strings"

// isSubject tells whether a text is a subject to subscribe to.
func isSubject(text string) bool {
	if strings.ContainsAny(text, " \t\r\n\f\x00") {
		return false
	}
	tokens := strings.Split(text, ".")
	for i, token := range tokens {
		if token == "" || token == ">" && i < len(tokens)-1 {
			return false
		}
	}
	return true
}

// covers tells whether everything that matches one subject matches a wider one.
func covers(wide, narrow string) bool {
	return meet(wide, narrow, func(w, n string) bool { return w == n || w == "*" }, func(w, _ string) bool { return w == ">" })
}

// overlap tells whether something can match both subjects.
func overlap(a, b string) bool {
	return meet(a, b, func(a, b string) bool { return a == b || a == "*" || b == "*" },
		func(a, b string) bool { return a == ">" || b == ">" })
}

// meet goes through the tokens of two subjects side by side: fits judges a pair of tokens, rest whether one of them stands
// for all that follows.
func meet(a, b string, fits, rest func(a, b string) bool) bool {
	for {
		first, after, more := strings.Cut(a, ".")
		second, behind, further := strings.Cut(b, ".")
		switch {
		case rest(first, second):
			return true
		case first == ">" || second == ">" || !fits(first, second) || more != further:
			return false
		case !more:
			return true
		}
		a, b = after, behind
	}
}
