package projections

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// digest is the hash of a row, or a sum of those of many, whatever their order. The zero value stands for no row.
type digest [2]uint64

// String is the digest in hexadecimal.
func (d digest) String() string {
	return hex.EncodeToString(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, d[0]), d[1]))
}

// hashed is the digest of some bytes.
func hashed(b []byte) digest {
	sum := sha256.Sum256(b)
	return digest{binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint64(sum[8:])}
}

// replace takes what stood for a row out of a sum, and puts what stands for it now in.
func (d *digest) replace(before, after digest) {
	for i := range d {
		d[i] += after[i] - before[i]
	}
}

// sideRows reads the rows of one side, and says what of them is compared.
type sideRows struct {
	store  Store
	side   string
	model  runner
	states bool // compare the stored bytes: both sides are of one version
	docs   bool // compare documents: the sides may render them by different code
}

// pageOfRows is how many rows are read at once. A server may count all rows for every page, so pages are great.
const pageOfRows = 4000

// each goes through all rows.
func (r sideRows) each(ctx context.Context, do func([]Row) error) error {
	for q := (Query{Model: r.side, Limit: pageOfRows}); ; {
		page, err := r.store.List(ctx, q)
		if err != nil {
			return fmt.Errorf("projections: listing %s: %w", r.side, err)
		}
		if err := do(page.Rows); err != nil {
			return err
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// looks is a row as it is compared.
type looks struct {
	row      Row
	state    []byte // nil: not compared
	document []byte // nil: not compared, or there is none
	broken   bool   // something of it cannot be read
}

// look renders what is compared of a row.
func (r sideRows) look(row Row) looks {
	l := looks{row: row}
	if r.states {
		b, err := row.State.MarshalBinary()
		l.state, l.broken = b, err != nil
	}
	if r.docs {
		doc, err := documentOf(r.model, row, AsOf{})
		l.document = doc.JSON
		l.broken = l.broken || err != nil && !errors.Is(err, ErrUnknown)
	}
	return l
}

// append writes it so that two that differ in anything differ.
func (l looks) append(b []byte) []byte {
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	text(l.row.Ref.Source)
	text(l.row.Ref.Kind)
	text(l.row.Ref.ID)
	b = binary.AppendUvarint(b, uint64(l.row.Seq))
	for _, key := range slices.Sorted(maps.Keys(l.row.Index)) {
		text(key)
		text(l.row.Index[key])
	}
	text("")
	text(string(l.state))
	text(string(l.document))
	return append(b, bit(l.broken, 1))
}
