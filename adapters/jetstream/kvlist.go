package jetstream

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// pageOfChoice is how many rows a page has when the query leaves it to the store.
const pageOfChoice = 100

// List returns a page of rows in the order of their last write. Every row that exists throughout is listed: once while
// nothing is written, again after a write that comes between two pages. On a replicated bucket a page may be a little
// behind. Errors: projections.ErrCursor, projections.ErrAway.
func (s *Store) List(ctx context.Context, q projections.Query) (projections.Page, error) {
	ctx, cancel, err := s.link.request(ctx, patience)
	if err != nil {
		return projections.Page{}, err
	}
	defer cancel()
	b, err := s.bucket(ctx, q.Model, false)
	if err != nil {
		return projections.Page{}, err
	}
	if b == nil {
		b = &bucket{keys: keysOf(s.config.bucket(q.Model))} // no row was ever written
	}
	from, err := b.readCursor(q)
	if err != nil || b.stream == "" || q.Index != "" && q.Value == "" {
		return projections.Page{}, err
	}
	if q.Limit <= 0 {
		q.Limit = pageOfChoice
	}
	if q.Index != "" {
		return s.listIndex(ctx, b, q, from)
	}
	return s.listRows(ctx, b, q, from)
}

// next reads the messages of a list from a sequence on.
func (s *Store) next(ctx context.Context, b *bucket, filter string, from uint64, limit int) (direct, uint64, error) {
	found, err := s.direct(ctx, b.stream, directRequest{Next: filter, Seq: from, Batch: min(limit, pageMessages), MaxBytes: pageBytes})
	if err != nil {
		s.doubt(b, err)
		return found, 0, err
	}
	if n := len(found.messages); n > 0 {
		from = found.messages[n-1].seq + 1
	} else {
		found.more = false
	}
	return found, from, nil
}

func (s *Store) listRows(ctx context.Context, b *bucket, q projections.Query, from uint64) (projections.Page, error) {
	var page projections.Page
	for more := true; more && len(page.Rows) < q.Limit; {
		found, after, err := s.next(ctx, b, b.keys.rows(), from, q.Limit-len(page.Rows))
		if err != nil {
			return projections.Page{}, err
		}
		for _, k := range found.messages {
			if len(k.data) == 0 {
				continue // somebody deleted it by hand
			}
			row, _, err := b.decode(k)
			if err != nil {
				return projections.Page{}, err
			}
			page.Rows = append(page.Rows, row)
		}
		if from, more = after, found.more; more {
			page.Next = b.writeCursor(q, from)
		} else {
			page.Next = ""
		}
	}
	return page, nil
}

// listIndex lists by a secondary key. An entry that no longer holds is passed over.
func (s *Store) listIndex(ctx context.Context, b *bucket, q projections.Query, from uint64) (projections.Page, error) {
	var page projections.Page
	for more := true; more && len(page.Rows) < q.Limit; {
		found, after, err := s.next(ctx, b, b.keys.entries(q.Index, q.Value), from, q.Limit-len(page.Rows))
		if err != nil {
			return projections.Page{}, err
		}
		rows, err := s.holders(ctx, b, q, found.messages)
		if err != nil {
			return projections.Page{}, err
		}
		page.Rows = append(page.Rows, rows...)
		if from, more = after, found.more; more {
			page.Next = b.writeCursor(q, from)
		} else {
			page.Next = ""
		}
	}
	return page, nil
}

// holders loads the rows that entries name and that have the secondary key, in the order of the entries.
func (s *Store) holders(ctx context.Context, b *bucket, q projections.Query, entries []kept) ([]projections.Row, error) {
	refs := make([]events.Ref, 0, len(entries))
	for _, k := range entries {
		ref, err := b.keys.ref(k.subject)
		if err != nil {
			return nil, fmt.Errorf("jetstream: key %q in bucket %s: %w", k.subject, b.stream, err)
		}
		refs = append(refs, ref)
	}
	rows, err := s.load(ctx, b, refs)
	if err != nil {
		return nil, err
	}
	byRef := make(map[events.Ref]projections.Row, len(rows))
	for _, row := range rows {
		byRef[row.Ref] = row
	}
	held := rows[:0]
	for _, ref := range refs {
		if row, is := byRef[ref]; is && row.Index[q.Index] == q.Value {
			held = append(held, row)
		}
	}
	return held, nil
}

// writeCursor names the sequence from which a list goes on, for this list only.
func (b *bucket) writeCursor(q projections.Query, from uint64) string {
	c := binary.BigEndian.AppendUint64(nil, from)
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(c, b.seal(q, from)))
}

// seal ties a cursor to its list. It keeps out what is no cursor of it; it is no secret, and guards nothing.
func (b *bucket) seal(q projections.Query, from uint64) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%q %d %q %q %d", b.keys.prefix, b.created.UnixNano(), q.Index, q.Value, from)
	return h.Sum64()
}

// readCursor returns the sequence from which a list goes on.
func (b *bucket) readCursor(q projections.Query) (uint64, error) {
	if q.Cursor == "" {
		return 1, nil
	}
	c, err := base64.RawURLEncoding.Strict().DecodeString(q.Cursor)
	if err != nil || len(c) != 16 {
		return 0, projections.ErrCursor
	}
	from := binary.BigEndian.Uint64(c)
	if from == 0 || binary.BigEndian.Uint64(c[8:]) != b.seal(q, from) {
		return 0, projections.ErrCursor
	}
	return from, nil
}
