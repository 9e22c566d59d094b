package projections

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hookfold/hookfold/events"
)

// DocumentQuery asks for a page of a model's documents.
type DocumentQuery struct {
	Source string // of the resources
	// Where names scalar fields of the document, those of nested objects with dots ("confirmed.status"), and the values that
	// they must have, written as in JSON but for the quotes. `""` is the empty string: nothing is known. A field that is
	// left out or null in the document of a resource of which nothing is known cannot be asked for.
	Where  map[string]string
	Limit  int    // documents at most; 0: 100
	Cursor string // DocumentPage.Next of the page before, with the same Source and Where; "" for the first
	// Rows and Bytes bound the work: no more rows are read, and no more bytes of documents kept but for the last one. Where
	// they end a page it holds fewer documents, perhaps none, and Next goes on. 0: 10,000 rows, 8 MiB.
	Rows, Bytes int
}

// DocumentPage is some documents and where the next ones begin.
type DocumentPage struct {
	Documents []Document
	// Unreadable names resources of which the store holds something that cannot be read: rebuild the read model.
	Unreadable []events.Ref
	Next       string // "" on the last page
}

// The defaults of a DocumentQuery.
const (
	DefaultListLimit = 100
	DefaultListRows  = 10_000
	DefaultListBytes = 8 << 20
)

// ListDocuments returns a page of documents of any model, in the store's order. Where a field shows a secondary key
// (Model.IndexFields) and the store has an index, only the rows with that key are read. In a store that is not Sorted a
// resource that changes meanwhile may come twice. Errors: ErrFilter, ErrCursor, and the store's.
func ListDocuments(ctx context.Context, store Store, m AnyModel, q DocumentQuery) (DocumentPage, error) {
	l, err := newListing(store, m, q)
	if err != nil {
		return DocumentPage{}, err
	}
	for l.wants() {
		if err := l.read(ctx); err != nil {
			return DocumentPage{}, err
		}
		if l.query.Cursor == "" {
			return l.page, nil
		}
	}
	l.page.Next = l.wrap(l.query.Cursor)
	return l.page, nil
}

// listing is the work on one page.
type listing struct {
	store   Store
	model   runner
	source  string
	filter  filter
	query   Query // its cursor moves
	page    DocumentPage
	digest  [8]byte // of what was asked: a cursor belongs to one list
	limit   int
	rows    int // how many may still be read
	bytes   int // how many may still be kept
	reading int // how many rows are read at once
}

// newListing checks what is asked.
func newListing(store Store, m AnyModel, q DocumentQuery) (*listing, error) {
	known, err := m.fields()
	if err != nil {
		return nil, err
	}
	l := &listing{
		store: store, model: m.ready(), source: q.Source, query: Query{Model: m.ID()}, digest: q.digest(m),
		limit: or(q.Limit, DefaultListLimit), rows: or(q.Rows, DefaultListRows), bytes: or(q.Bytes, DefaultListBytes),
	}
	if l.filter, err = known.filter(q.Where); err != nil {
		return nil, err
	}
	if l.query.Cursor, err = l.unwrap(q.Cursor); err != nil {
		return nil, err
	}
	l.reading = l.limit
	if len(l.filter) > 0 {
		l.reading = max(l.limit, 500)
	}
	if store.Features().Indexed {
		l.query.Index, l.query.Value = q.key(m)
	}
	return l, nil
}

// key finds a secondary key that leads to what is asked for.
func (q DocumentQuery) key(m AnyModel) (key, value string) {
	for _, field := range slices.Sorted(maps.Keys(q.Where)) {
		if key, value = m.keyOf(field), q.Where[field]; key != "" && value != `""` {
			return key, value
		}
	}
	return "", ""
}

// wants tells whether there is room for another document on the page, and time for another row.
func (l *listing) wants() bool {
	return len(l.page.Documents) < l.limit && l.rows > 0 && l.bytes > 0
}

// read takes the next rows from the store. Where only some of them are wanted, it asks the store again for just those, so
// that the store's cursor stands behind the last of them.
func (l *listing) read(ctx context.Context) error {
	l.query.Limit = min(l.reading, l.rows)
	for {
		rows, err := l.store.List(ctx, l.query)
		if err != nil {
			return fmt.Errorf("projections: listing %s: %w", l.query.Model, err)
		}
		page, bytes, used := l.take(rows.Rows)
		if used == len(rows.Rows) {
			l.page, l.bytes, l.rows, l.query.Cursor = page, bytes, l.rows-used, rows.Next
			return nil
		}
		l.query.Limit = used
	}
}

// take adds documents to a copy of the page until it is full, and tells how many rows that took.
func (l *listing) take(rows []Row) (page DocumentPage, bytes, used int) {
	page, bytes = l.page, l.bytes
	page.Documents, page.Unreadable = slices.Clip(page.Documents), slices.Clip(page.Unreadable)
	for _, row := range rows {
		if len(page.Documents) >= l.limit || bytes <= 0 {
			break
		}
		used++
		if row.Ref.Source != l.source {
			continue
		}
		doc, err := documentOf(l.model, row, AsOf{})
		switch {
		case errors.Is(err, ErrUnknown): // nothing that makes a document (fold rule 8)
			continue
		case err != nil:
			page.Unreadable = append(page.Unreadable, row.Ref)
			continue
		}
		if l.filter.holds(doc.JSON) {
			page.Documents = append(page.Documents, doc)
			bytes -= len(doc.JSON)
		}
	}
	return page, bytes, used
}

// digest tells lists apart.
func (q DocumentQuery) digest(m AnyModel) (d [8]byte) {
	h := sha256.New()
	write := func(s string) {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(s))))
		h.Write([]byte(s))
	}
	write(m.ID())
	write(q.Source)
	for _, name := range slices.Sorted(maps.Keys(q.Where)) {
		write(name)
		write(q.Where[name])
	}
	copy(d[:], h.Sum(nil))
	return d
}

// wrap and unwrap bind a store's cursor to the list.
func (l *listing) wrap(cursor string) string {
	return base64.RawURLEncoding.EncodeToString(append(l.digest[:], cursor...))
}

func (l *listing) unwrap(cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || !bytes.HasPrefix(b, l.digest[:]) || len(b) == len(l.digest) || l.wrap(string(b[len(l.digest):])) != cursor {
		return "", ErrCursor
	}
	return string(b[len(l.digest):]), nil
}
