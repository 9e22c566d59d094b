package jetstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// ImportConfig says what is copied where. From and To are required.
type ImportConfig struct {
	// From is somebody else's stream, as OpenForeign opens it.
	From *Log
	// To is our log, as OpenLog opens it. How far the import has come is written down in a KV bucket beside it, named
	// after its stream: HOOKFOLD-imports.
	To *Log
	// Name tells imports apart. An import under a new name begins at the beginning, for instance after messages were read
	// in the wrong format. "": the stream's name, the subject and the source.
	Name string
	// Idle is how long no message may come before the import notes that it has passed the messages of other subjects, so
	// that they may leave the stream. 0: 30 seconds.
	Idle time.Duration
	// Observe is told of every step after it was written down, in Import's goroutine; nil: nobody.
	Observe func(Imported)
}

// Imported is one step of an import. Its first step tells where it begins.
type Imported struct {
	Position    projections.Position // how far the foreign stream is imported
	Seq         projections.Seq      // in our log, of the last event that was appended; 0: none was
	Events      int                  // how many messages became events that can be read
	Undecodable int                  // how many were kept raw
	Passed      int                  // how many named no resource, and were not kept
	Anew        error                // why the import began anew, where that is accepted; nil: it did not
}

// importStep is how many messages are appended before the import writes down how far it has come.
const importStep = 512

// ErrItself says that a log was to be imported into itself.
var ErrItself = errors.New("jetstream: the stream to import is the log itself: name another one")

// Import copies the events of somebody else's stream into our log, in their order, until the context ends, whose error it
// then returns, or until something fails. Call it again and it goes on where it was, in whatever process: what was
// acknowledged is written down after it. So nothing is left out; what was under way may be copied twice, which the events'
// identity makes one. A step that has begun is finished when the context ends.
//
// Events keep their identity. Their origin is events.Import, their replica the stream's name and their attempt the sequence
// there, so none counts as a delivery of one of our hooks. Messages that cannot be read are kept as events.Undecodable.
//
// Errors: every problem of the configuration at once; ErrItself; projections.ErrRewound, ErrRecreated and ErrHole of the
// foreign stream, which stay unless ForeignConfig.AcceptLoss says otherwise; projections.ErrFenced where somebody else
// imports the same; and projections.ErrFull and ErrAway. After the last three it may be called again.
func Import(ctx context.Context, c ImportConfig) error {
	if err := c.validate(); err != nil {
		return err
	}
	if err := c.apart(ctx); err != nil {
		return err
	}
	i := &importer{ImportConfig: c}
	defer i.close()
	if err := i.begin(ctx); err != nil {
		return err
	}
	for {
		if err := i.step(ctx); err != nil {
			return err
		}
	}
}

// validate reports every problem.
func (c ImportConfig) validate() error {
	var problems []error
	if c.From == nil || c.From.foreign == nil {
		problems = append(problems, errors.New("jetstream: From is not somebody else's stream: open it with OpenForeign"))
	}
	if c.To == nil || c.To.foreign != nil {
		problems = append(problems, errors.New("jetstream: To is not a log of ours: open it with OpenLog"))
	}
	if c.Idle < 0 {
		problems = append(problems, fmt.Errorf("jetstream: Idle %s: give a positive duration", c.Idle))
	}
	if len(c.Name) > longestName {
		problems = append(problems, fmt.Errorf("jetstream: Name: give at most %d bytes", longestName))
	}
	return errors.Join(problems...)
}

// apart refuses to import a log into itself, over whatever connections.
func (c ImportConfig) apart(ctx context.Context) error {
	from, err := c.From.Head(ctx)
	if err != nil {
		return err
	}
	to, err := c.To.Head(ctx)
	if err != nil {
		return err
	}
	if from.Stream == to.Stream && from.Created.Equal(to.Created) {
		return ErrItself
	}
	return nil
}

// importer is an import that runs.
type importer struct {
	ImportConfig
	mark   *bookmark
	cursor *cursor
}

// begin opens the foreign stream where the import stands, and writes down where that is: from then on nothing leaves the
// stream unnoticed.
func (i *importer) begin(ctx context.Context) (err error) {
	f := i.From.foreign
	name := orDefault(i.Name, f.Stream+" "+f.Subject+" "+f.Source)
	if i.mark, err = i.To.openBookmark(ctx, name); err != nil {
		return err
	}
	from, err := i.mark.read(ctx)
	if err != nil {
		return err
	}
	err = i.open(ctx, from, nil)
	if i.anew(err) {
		return i.open(ctx, projections.Position{}, err)
	}
	return err
}

// open opens the foreign stream after a position. why tells of a beginning anew.
func (i *importer) open(ctx context.Context, from projections.Position, why error) (err error) {
	i.close()
	if i.cursor, err = i.From.open(ctx, from); err != nil {
		return err
	}
	return i.note(ctx, Imported{Position: i.cursor.Position(), Anew: why})
}

// anew tells whether an error is a reason to begin anew: whoever accepts losses reads a stream that is not the one that was
// read before from its beginning.
func (i *importer) anew(err error) bool {
	return i.From.foreign.AcceptLoss && (errors.Is(err, projections.ErrRecreated) || errors.Is(err, projections.ErrRewound))
}

// close closes the cursor.
func (i *importer) close() {
	if i.cursor != nil {
		_ = i.cursor.Close() // what counts is written down
		i.cursor = nil
	}
}

// step copies what comes next, or notes that nothing came.
func (i *importer) step(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, orDefault(i.Idle, 30*time.Second))
	records, err := i.cursor.Next(waiting)
	cancel()
	switch {
	case ctx.Err() != nil && err != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return i.idle(ctx)
	case i.anew(err):
		return i.open(ctx, projections.Position{}, err)
	case err != nil:
		return err
	}
	for len(records) > 0 {
		n := min(len(records), importStep)
		if err := i.take(ctx, records[:n]); err != nil {
			return err
		}
		if records = records[n:]; ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// take appends the events of some records. It does not stop half-way when the context ends.
func (i *importer) take(ctx context.Context, records []projections.Record) (err error) {
	ctx = context.WithoutCancel(ctx)
	last := records[len(records)-1]
	done := Imported{Position: i.cursor.Position()}
	done.Position.Seq, done.Position.Time = last.Seq, last.Time
	es := make([]events.Event, 0, len(records))
	for _, r := range records {
		switch r.Event.Type {
		case events.Passed:
			done.Passed++
			continue
		case events.Undecodable:
			done.Undecodable++
		default:
			done.Events++
		}
		es = append(es, r.Event)
	}
	if done.Seq, err = i.To.Append(ctx, es...); err != nil {
		return err
	}
	return i.note(ctx, done)
}

// idle notes that everything up to the stream's end is passed, if it is.
func (i *importer) idle(ctx context.Context) error {
	if !i.cursor.settle(ctx) {
		return nil
	}
	return i.note(ctx, Imported{Position: i.cursor.Position()})
}

// note writes a step down and tells of it.
func (i *importer) note(ctx context.Context, done Imported) error {
	if err := i.mark.write(ctx, done.Position); err != nil {
		return err
	}
	if i.Observe != nil {
		i.Observe(done)
	}
	return nil
}
