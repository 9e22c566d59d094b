package projections

import (
	"context"
	"errors"
	"fmt"

	"github.com/hookfold/hookfold/events"
)

// proof compares the rows of two sides as the store holds them. It keeps a hash of every row, so that rows that were
// written after they were read are read once more, and no others: two sides that go on are compared in passes, each of
// which has less to read than the one before, and only the last needs them at rest.
type proof struct {
	sides [2]sideRows // the live one, and the one that was rebuilt

	hashes  map[digest][2]digest // of a resource's rows, by the digest of its name
	sums    [2]digest
	rows    [2]int
	unequal int // resources
	newest  Seq // of the live side's rows
	read    int // rows, when all were
	room    []byte
}

const (
	liveSide = iota
	rebuiltSide
)

// newProof compares nothing yet.
func newProof(live, rebuilt sideRows) *proof {
	return &proof{sides: [2]sideRows{live, rebuilt}, hashes: map[digest][2]digest{}}
}

// equal tells whether all rows that were read last are the same on both sides.
func (p *proof) equal() bool { return p.unequal == 0 }

// all reads all rows of both sides anew, and tells after every page that it did.
func (p *proof) all(ctx context.Context, tell func()) error {
	*p = *newProof(p.sides[liveSide], p.sides[rebuiltSide])
	for _, side := range []int{rebuiltSide, liveSide} {
		err := p.sides[side].each(ctx, func(rows []Row) error {
			for _, row := range rows {
				p.set(side, row.Ref, p.hash(side, row))
			}
			p.read += len(rows)
			tell()
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// again reads the rows of some resources anew.
func (p *proof) again(ctx context.Context, refs []events.Ref) error {
	for len(refs) > 0 {
		some := refs[:min(len(refs), pageOfRows)]
		refs = refs[len(some):]
		for side := range p.sides {
			if err := p.reload(ctx, side, some); err != nil {
				return err
			}
		}
	}
	return nil
}

// reload reads the rows of some resources on one side.
func (p *proof) reload(ctx context.Context, side int, refs []events.Ref) error {
	found, err := p.sides[side].load(ctx, refs)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		var hash digest
		if row, is := found[ref]; is {
			hash = p.hash(side, row)
		}
		p.set(side, ref, hash)
	}
	return nil
}

// load reads the rows of some resources.
func (r sideRows) load(ctx context.Context, refs []events.Ref) (map[events.Ref]Row, error) {
	rows, err := r.store.Load(ctx, r.side, refs)
	if err != nil {
		return nil, fmt.Errorf("projections: loading rows of %s: %w", r.side, err)
	}
	byRef := make(map[events.Ref]Row, len(rows))
	for _, row := range rows {
		byRef[row.Ref] = row
	}
	return byRef, nil
}

// hash stands for a row as it is compared.
func (p *proof) hash(side int, row Row) digest {
	if side == liveSide {
		p.newest = max(p.newest, row.Seq)
	}
	p.room = p.sides[side].look(row).append(p.room[:0])
	return hashed(p.room)
}

// set notes a row's hash, the zero value where there is no row, in place of what was known of it.
func (p *proof) set(side int, ref events.Ref, hash digest) {
	key := p.key(ref)
	pair := p.hashes[key]
	was := pair
	pair[side] = hash
	p.sums[side].replace(was[side], hash)
	p.rows[side] += asCount(hash != digest{}) - asCount(was[side] != digest{})
	p.unequal += asCount(pair[liveSide] != pair[rebuiltSide]) - asCount(was[liveSide] != was[rebuiltSide])
	p.hashes[key] = pair
}

// key stands for a resource.
func (p *proof) key(ref events.Ref) digest {
	p.room = looks{row: Row{Ref: ref}}.append(p.room[:0])
	return hashed(p.room)
}

func asCount(is bool) int {
	if is {
		return 1
	}
	return 0
}

// differences tells of the first resources whose rows are not the same in what they differ.
func (p *proof) differences(ctx context.Context, most int) (found []Difference, err error) {
	refs, err := p.suspects(ctx, most)
	if err != nil {
		return nil, err
	}
	var rows [2]map[events.Ref]Row
	sides := p.sides
	for i := range sides {
		if rows[i], err = sides[i].load(ctx, refs); err != nil {
			return nil, err
		}
		sides[i].docs = true // for their sake it was begun
	}
	for _, ref := range refs {
		var l [2]*looks
		for i := range sides {
			if row, is := rows[i][ref]; is {
				looks := sides[i].look(row)
				l[i] = &looks
			}
		}
		if d, differ := differ(ref, l[liveSide], l[rebuiltSide]); differ {
			found = append(found, d)
		}
	}
	return found, nil
}

// suspects names the first resources whose rows are not the same: those that the live side has, then those that only the
// other one has.
func (p *proof) suspects(ctx context.Context, most int) (refs []events.Ref, err error) {
	for _, side := range []int{liveSide, rebuiltSide} {
		err = p.sides[side].each(ctx, func(rows []Row) error {
			for _, row := range rows {
				pair := p.hashes[p.key(row.Ref)]
				known := side == rebuiltSide && pair[liveSide] != digest{}
				if pair[liveSide] != pair[rebuiltSide] && !known && len(refs) < most {
					refs = append(refs, row.Ref)
				}
			}
			if len(refs) == min(most, p.unequal) {
				return errEnough
			}
			return nil
		})
		if err != nil {
			break
		}
	}
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	return refs, nil
}

// errEnough ends the reading of rows.
var errEnough = errors.New("projections: enough was read")
