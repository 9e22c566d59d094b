package lines

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/events/members"
)

// ErrMember says that a member of a local event is missing, of the wrong kind, or given more than once.
var ErrMember = errors.New("missing or of the wrong kind")

// errObject says that a text is not one JSON object.
var errObject = errors.New("not one JSON object")

// namedMembers are the members of one JSON object by their exact names. A name that is there twice has a nil value, so that
// whoever reads it is told; names that nobody reads do no harm.
type namedMembers map[string]json.RawMessage

// membersOf reads one JSON object and nothing after it.
func membersOf(data []byte) (namedMembers, error) {
	ms := namedMembers{}
	err := members.Each(data, func(name string, raw []byte) error {
		if _, twice := ms[name]; twice {
			raw = nil
		}
		ms[name] = raw
		return nil
	})
	if err != nil {
		return nil, errObject
	}
	return ms, nil
}

// local reads the members of a local event and keeps the first error.
type local struct {
	members namedMembers
	err     error
}

// wrong keeps an error about a member.
func (l *local) wrong(name, advice string) {
	if l.err == nil {
		l.err = fmt.Errorf("%q: %w: %s", name, ErrMember, advice)
	}
}

// get finds a member: false where it is absent or null. A repeated one is an error.
func (l *local) get(name string) (json.RawMessage, bool) {
	raw, there := l.members[name]
	if there && raw == nil {
		l.wrong(name, "give it once")
	}
	return raw, raw != nil && string(raw) != "null"
}

// name reads text that must be there, of at most mangopay.MaxLength characters.
func (l *local) name(name string) string {
	s := l.text(name)
	if s == "" || utf8.RuneCountInString(s) > mangopay.MaxLength {
		l.wrong(name, fmt.Sprintf("give text of 1 to %d characters", mangopay.MaxLength))
	}
	return s
}

// text reads text that may be absent.
func (l *local) text(name string) string {
	raw, there := l.get(name)
	if !there {
		return ""
	}
	s, err := members.Text(raw)
	if err != nil {
		l.wrong(name, "give text in quotes, in Unicode")
	}
	return s
}

// date reads Unix seconds that must be there.
func (l *local) date(name string) int64 {
	raw, _ := l.get(name)
	at, ok := secondsOf(raw)
	if !ok {
		l.wrong(name, "give whole Unix seconds, later than 0 and before the year 10000")
	}
	return at
}

// count reads how many deliveries one line stands for; absent is 0, which means 1.
func (l *local) count() int {
	raw, there := l.get("count")
	if !there {
		return 0
	}
	n, err := strconv.Atoi(string(raw))
	if err != nil || n < 1 {
		l.wrong("count", "give a whole number from 1")
	}
	return n
}

// found reads whether the API knew the resource; absent is true.
func (l *local) found() bool {
	raw, there := l.get("found")
	if there && string(raw) != "true" && string(raw) != "false" {
		l.wrong("found", "give true or false")
	}
	return string(raw) != "false"
}

// values reads the observed value of each machine, also of machines that nobody knows: a string verbatim, a truth value
// as true or false.
func (l *local) values() map[string]string {
	raw, there := l.get("values")
	if !there {
		return nil
	}
	ms, err := membersOf(raw)
	if err != nil {
		l.wrong("values", "give an object of machines and their values")
		return nil
	}
	out := map[string]string{}
	for machine, v := range ms {
		value, err := members.Text(v)
		if s := string(v); s == "true" || s == "false" {
			value, err = s, nil
		}
		if err != nil {
			l.wrong("values", "give each machine once, as a string, or true or false")
		}
		out[machine] = value
	}
	return out
}

// secondsOf reads Unix seconds: digits, with or without a fraction of zeros, bare or in quotes, as in a notification.
func secondsOf(raw json.RawMessage) (int64, bool) {
	whole, fraction, dotted := strings.Cut(strings.Trim(string(raw), `"`), ".")
	if dotted && (fraction == "" || strings.Trim(fraction, "0") != "") {
		return 0, false
	}
	at, err := strconv.ParseUint(whole, 10, 63) // refuses signs, blanks and exponents
	return int64(at), err == nil && at > 0 && at <= mangopay.MaxDate
}
