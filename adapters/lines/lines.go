// Package lines reads events from text, one a line. It is how `hookfold fold` and scenarios get their input. A line is a
// notification in one of three forms, or one of Hookfold's own local events:
//
//	{"EventType":"USER_KYC_REGULAR","RessourceId":"user_m_1","Date":1743627006}
//	https://example.com/hooks?EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006
//	EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006
//	{"type":"hookfold.observed","kind":"user","id":"user_m_1","date":1743627006,"values":{"kyc":"REGULAR"}}
//	{"type":"hookfold.hook.delivery.failed","hook":"USER_KYC_REGULAR","date":1743627006}
//	{"type":"hookfold.hook.updated","hook":"USER_KYC_REGULAR","date":1743627006,"validity":"VALID"}
//
// An observation may also hold found, person_type, legal_person_type, user_id and created; a delivery count and replica;
// a hook's update hook_id, url, status and replica. Names are case-sensitive, unknown members are ignored, and an object
// with an EventType is a notification whatever else it holds. Two equal lines about a hook are two events; every other
// repetition is one.
//
// A Reader keeps nothing beyond itself, and a line that cannot be read is reported with its number and does not stop the
// others. Whatever the order of the lines, the set of events and the Summary are the same.
package lines

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

// MaxLine is the longest line that is read, in bytes.
const MaxLine = 1 << 20

// Summary counts what was read.
type Summary struct {
	Kind          string `json:"kind"`          // "summary"
	Notifications int    `json:"notifications"` // lines that are notifications, also those counted below
	Duplicates    int    `json:"duplicates"`    // lines that repeat an event
	Pings         int    `json:"pings"`         // the dashboard's test notifications
	Unmodelled    int    `json:"unmodelled"`    // notifications that step no machine
	Malformed     int    `json:"malformed"`     // lines that cannot be read
}

// LineError says which line cannot be read and why. It never repeats the line: it could hold personal data.
type LineError struct {
	Name string // of the input, e.g. a file name; may be ""
	Line int    // from 1
	Err  error
}

// Error tells where and why.
func (e *LineError) Error() string {
	at := fmt.Sprintf("line %d", e.Line)
	if e.Name != "" {
		at = e.Name + ": " + at
	}
	return at + ": " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *LineError) Unwrap() error { return e.Err }

// What is wrong with a line.
var (
	// ErrForm says that a line has none of the known forms.
	ErrForm = errors.New("not a notification: give a JSON object, a URL, or a query string with EventType, RessourceId and Date")
	// ErrLong says that a line is longer than MaxLine.
	ErrLong = errors.New("longer than 1 MiB: no notification is")
)

// Reader collects events from one or more inputs. Its zero value is not usable; make one with NewReader.
type Reader struct {
	source  string
	bad     func(*LineError)
	records []events.Event
	seen    map[events.ID]bool
	equal   map[events.ID]uint64 // how many equal hook lines came before (fold rule 1)
	summary Summary
}

// NewReader makes a reader of events of a source; "" is mangopay.Source. bad is told of every line that cannot be read.
func NewReader(source string, bad func(*LineError)) *Reader {
	if source == "" {
		source = mangopay.Source
	}
	return &Reader{
		source: source, bad: bad, seen: map[events.ID]bool{}, equal: map[events.ID]uint64{},
		summary: Summary{Kind: "summary"},
	}
}

// Events are the distinct events that were read, in the order of their first line.
func (r *Reader) Events() []events.Event { return r.records }

// Summary counts what was read.
func (r *Reader) Summary() Summary { return r.summary }

// Read reads an input to its end. name is told with what is wrong; it may be "". The error is the input's; what is wrong
// with lines goes to bad. Empty lines are skipped, and so are a byte order mark and blanks around a line.
func (r *Reader) Read(name string, in io.Reader) error {
	buf := bufio.NewReaderSize(in, 64<<10)
	for n := 1; ; n++ {
		line, long, err := readLine(buf)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("lines: reading %s, line %d: %w", cmp.Or(name, "the input"), n, err)
		}
		if n == 1 {
			line = bytes.TrimPrefix(line, byteOrderMark)
		}
		if bad := r.judge(line, long); bad != nil {
			r.malformed(name, n, bad)
		}
		if err != nil {
			return nil //nolint:nilerr // the end of the input
		}
	}
}

// byteOrderMark begins the files of some editors.
var byteOrderMark = []byte("\uFEFF")

// judge takes a line, or tells what is wrong with it.
func (r *Reader) judge(line []byte, long bool) error {
	if long {
		return ErrLong
	}
	if line = bytes.TrimSpace(line); len(line) == 0 {
		return nil
	}
	return r.line(line)
}

// readLine reads up to a newline, and no more than MaxLine of it into memory.
func readLine(buf *bufio.Reader) (line []byte, long bool, err error) {
	for {
		part, err := buf.ReadSlice('\n')
		if len(line)+len(part) > MaxLine {
			long, line = true, nil
		}
		if !long {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, long, err
		}
	}
}

func (r *Reader) malformed(name string, line int, err error) {
	r.summary.Malformed++
	if r.bad != nil {
		r.bad(&LineError{Name: name, Line: line, Err: err})
	}
}

// line reads one line of any form.
func (r *Reader) line(text []byte) error {
	if text[0] == '{' {
		if own, err := r.own(text); own {
			return err
		}
		return r.notification(mangopay.ParseJSON(text))
	}
	query, found := mangopay.QueryOf(string(text))
	if !found {
		return ErrForm
	}
	return r.notification(mangopay.Parse(query))
}

// notification takes what a parser made of a line.
func (r *Reader) notification(n mangopay.Notification, err error) error {
	switch {
	case errors.Is(err, mangopay.ErrPing):
		r.summary.Notifications++
		r.summary.Pings++
		return nil
	case err != nil:
		return err
	}
	r.summary.Notifications++
	fresh := r.take(n.Event(r.source))
	if info, known := mangopay.Lookup(n.Type); fresh && (!known || info.Machine == "") {
		r.summary.Unmodelled++
	}
	return nil
}

// take keeps an event unless it is known.
func (r *Reader) take(e events.Event) (fresh bool) {
	id := e.ID()
	if r.seen[id] {
		r.summary.Duplicates++
		return false
	}
	r.seen[id] = true
	r.records = append(r.records, e)
	return true
}
