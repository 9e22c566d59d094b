package projections

import (
	"context"
	"encoding"
	"errors"

	"github.com/hookfold/hookfold/events"
)

// Row is one resource of one model as a store keeps it.
type Row struct {
	Ref events.Ref
	Seq Seq // newest log record that the row reflects
	// State is the fold state. A store that keeps values may keep it as it is: it never changes. Every other store
	// keeps its bytes and gives them back as Bytes.
	State encoding.BinaryMarshaler
	Index map[string]string // secondary keys
	// Revision is the store's own note on the row, as Load gave it or Commit left it. Whoever loads a row and commits it
	// again hands the note back unread; the zero value is a row that the store does not have.
	Revision Revision
}

// Revision lets a store compare and set a row, and prove later that it kept it. Only the store reads it.
type Revision struct {
	Number uint64 // the store's version of the row; 0: none
	Seq    Seq    // Row.Seq of that version
	Keys   uint64 // digest of its secondary keys; 0: none

	cell *cell // where a MemoryStore keeps the row
}

// Bytes is a State that a store read back.
type Bytes []byte

// MarshalBinary returns the bytes.
func (b Bytes) MarshalBinary() ([]byte, error) { return b, nil }

// Checkpoint says how far a slot of a model has come, and who moved it last.
type Checkpoint struct {
	Position Position
	Epoch    uint64 // rises with every worker that takes over: whoever held the slot before is fenced
}

// Commit is what one batch of log records changed: rows and checkpoint, together or not at all.
type Commit struct {
	Model string // name and version, as Model.ID gives them
	Slot  int
	From  Checkpoint // what the committer believes the checkpoint to be
	To    Checkpoint
	Rows  []Row
}

// Query asks for a page of rows.
type Query struct {
	Model        string
	Index, Value string // only rows with this secondary key; "" for all
	Limit        int    // at most this many; 0: the store's choice
	Cursor       string // opaque, from the page before; "" for the first
}

// Page is some rows and where the next ones begin.
type Page struct {
	Rows []Row
	Next string // "" on the last page
}

// Features says what a store promises beyond the port's contract.
type Features struct {
	Durable bool // rows outlive the process
	Sorted  bool // List goes by source, kind and id
	Atomic  bool // rows and checkpoint appear at one instant to readers
	Indexed bool // Query.Index is served
	// StateBytes is how large the State of a row may be; 0: as large as it likes. Where the state of a resource outgrows it,
	// the projector parks the resource (law 11).
	StateBytes int
	Lends      bool // Load gives back the State that Commit was given, so that it costs nothing
}

// Store keeps rows and checkpoints of read models. All methods are safe for all goroutines.
type Store interface {
	// Load returns the rows that exist, in any order.
	Load(ctx context.Context, model string, refs []events.Ref) ([]Row, error)
	// Commit stores rows and checkpoint if the stored checkpoint is c.From, and leaves each row's new Revision in c.Rows.
	// Otherwise it is ErrFenced and the checkpoint stands. A store that is not Atomic may then have kept some of the rows:
	// that does no harm, because a row never goes back behind the Seq that is stored, and holds every record up to it.
	// A worker takes a slot over, by a commit that only raises the epoch, before it loads or commits rows of it.
	// c.Rows is the caller's again when Commit returns.
	Commit(ctx context.Context, c Commit) error
	// Checkpoint returns where a slot stands; the zero value if it never began.
	Checkpoint(ctx context.Context, model string, slot int) (Checkpoint, error)
	// List returns a page of rows.
	List(ctx context.Context, q Query) (Page, error)
	// Features declares what the store promises.
	Features() Features
}

// What can be wrong with a commit or a query.
var (
	// ErrFenced says that another owner went on: drop what you hold and begin again from the store.
	ErrFenced = errors.New("projections: another worker moved the checkpoint: begin again from the store")
	// ErrTooLarge says that a row is larger than the store takes, although Features promised to take it.
	ErrTooLarge = errors.New("projections: a row is larger than the store takes")
	// ErrCursor says that a list cursor is not one that this store gave out.
	ErrCursor = errors.New("projections: not a cursor of this list: begin again without one")
)
