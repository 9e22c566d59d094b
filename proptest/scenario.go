package proptest

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookfold/hookfold/adapters/lines"
	"github.com/hookfold/hookfold/projections"
)

// separator stands between the input of a scenario and what is expected of it.
const separator = "----\n"

// scenario is the input of one file.
type scenario struct {
	reader *lines.Reader
	at     projections.AsOf
	logged bool
	stored []time.Time // when the log stored each event of the reader, if there is one
	bad    []string    // what is wrong with lines
}

// errScenario says that a scenario cannot be read; the text after it says why.
var errScenario = errors.New("not a scenario")

// readScenario reads the part before the separator.
func readScenario(text string) (*scenario, error) {
	s := &scenario{}
	s.reader = lines.NewReader("", func(e *lines.LineError) { s.bad = append(s.bad, e.Err.Error()) })
	var clock time.Time
	times, step := 1, int64(0)
	for i, line := range strings.Split(text, "\n") {
		word, rest, _ := strings.Cut(line, " ")
		var err error
		switch word {
		case "", "#":
		case "at":
			s.at, err = projections.ParseAsOf(rest)
		case "arrives":
			clock, err = unix(rest)
			s.logged = true
		case "repeat":
			_, err = fmt.Sscanf(line, "repeat %d every %ds", &times, &step)
		default:
			err = s.say(line, clock, times, step)
			times, step = 1, 0
		}
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", errScenario, i+1, err)
		}
	}
	return s, nil
}

func unix(s string) (time.Time, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	return time.Unix(n, 0).UTC(), err
}

// dateOf finds the date in a line of any form.
var dateOf = regexp.MustCompile(`("[Dd]ate":|Date=)(\d+)`)

// say reads a line as often as it is to be repeated.
func (s *scenario) say(line string, clock time.Time, times int, step int64) error {
	for i := range times {
		moved := dateOf.ReplaceAllStringFunc(line, func(found string) string {
			m := dateOf.FindStringSubmatch(found)
			n, _ := strconv.ParseInt(m[2], 10, 64) // digits, by the expression
			return m[1] + strconv.FormatInt(n+int64(i)*step, 10)
		})
		if err := s.reader.Read("", strings.NewReader(moved)); err != nil {
			return err
		}
		for len(s.stored) < len(s.reader.Events()) {
			s.stored = append(s.stored, clock)
		}
	}
	return nil
}

// run folds the scenario and returns what is to be compared.
func (s *scenario) run(models []projections.AnyModel) (string, error) {
	var out strings.Builder
	var err error
	if s.logged {
		err = s.fromLog(models, &out)
	} else {
		err = s.withoutLog(models, &out)
	}
	if err != nil {
		return "", err
	}
	for _, b := range s.bad {
		fmt.Fprintf(&out, "malformed: %s\n", b)
	}
	sum := s.reader.Summary()
	fmt.Fprintf(&out, "notifications=%d duplicates=%d pings=%d unmodelled=%d malformed=%d\n",
		sum.Notifications, sum.Duplicates, sum.Pings, sum.Unmodelled, sum.Malformed)
	return out.String(), nil
}

// withoutLog folds as `hookfold fold` does, and once more in the opposite order.
func (s *scenario) withoutLog(models []projections.AnyModel, out *strings.Builder) error {
	recs := records(s.reader.Events())
	text, err := documentsText(models, recs, s.at)
	if err != nil {
		return err
	}
	slices.Reverse(recs)
	if again, err := documentsText(models, recs, s.at); err != nil || again != text {
		return fmt.Errorf("law 3: the opposite order gives other documents (%w):\n%s", err, again)
	}
	out.WriteString(text)
	return nil
}

func documentsText(models []projections.AnyModel, recs []projections.Record, at projections.AsOf) (string, error) {
	docs, err := projections.Documents(models, recs, at)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, d := range docs {
		if err := writeDocument(&out, d); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

// fromLog folds in the order of arrival, one record a batch, and tells what was refused.
func (s *scenario) fromLog(models []projections.AnyModel, out *strings.Builder) error {
	var docs []projections.Document
	for _, m := range models {
		refused := &refusals{}
		a := arrival{events: s.reader.Events(), each: s.stored, sizes: []int{1}, slots: 1, bytes: true}
		store, err := a.fold(m, refused)
		if err != nil {
			return err
		}
		for _, line := range refused.lines {
			fmt.Fprintln(out, line)
		}
		read, err := everyDocument(store, m, s.at)
		if err != nil {
			return err
		}
		docs = append(docs, read...)
	}
	slices.SortFunc(docs, func(a, b projections.Document) int {
		return cmp.Or(cmp.Compare(a.Ref.Kind, b.Ref.Kind), cmp.Compare(a.Ref.ID, b.Ref.ID))
	})
	for _, d := range docs {
		if err := writeDocument(out, d); err != nil {
			return err
		}
	}
	return nil
}

// refusals writes down what a projector refuses (fold rule 3).
type refusals struct {
	watcher
	lines []string
}

func (r *refusals) Folded(_ string, rec projections.Record, did projections.Effect) {
	why := map[projections.Fate]string{
		projections.TooNew: "dated ahead of its arrival", projections.TooOld: "behind the horizon", projections.Waiting: "its resource is parked", projections.Decided: "an operator's decision",
	}[did.Fate]
	if why != "" {
		e := rec.Event
		r.lines = append(r.lines, fmt.Sprintf("refused: %d %s %s %s: %s", e.Date, e.Type, e.Ref.Kind, e.Ref.ID, why))
	}
}

var _ projections.Observer = (*refusals)(nil)
