package projections

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/hookfold/hookfold/events"
)

// Reader reads one read model from a store. It is safe for all goroutines and needs no projector in its process.
type Reader[V any] struct {
	store  Store
	model  *Model[V]
	source string
}

// Read makes a reader for the resources of one source. An invalid model panics.
func Read[V any](store Store, m Model[V], source string) Reader[V] {
	if p := m.problems(); len(p) > 0 {
		panic(fmt.Errorf("%w: %v", ErrModel, p))
	}
	m = m.filled()
	return Reader[V]{store: store, model: &m, source: source}
}

// Get returns the view of a resource. Errors: ErrUnknown, and the store's.
func (r Reader[V]) Get(ctx context.Context, id string) (View[V], error) {
	return r.At(ctx, id, AsOf{})
}

// At returns the view of a resource as it stood. Errors: ErrUnknown, ErrArchived, and the store's.
func (r Reader[V]) At(ctx context.Context, id string, at AsOf) (View[V], error) {
	ref := events.Ref{Source: r.source, Kind: r.model.Kind, ID: id}
	row, err := one(ctx, r.store, r.model.ID(), ref)
	if err != nil {
		return View[V]{Ref: ref}, err
	}
	state, err := r.state(row)
	if err != nil {
		return View[V]{Ref: ref}, err
	}
	return state.view(at)
}

// Brief is the view of a row, as a store gives it or a commit holds it, but without its history. It costs next to nothing
// where the row comes from memory. Errors: ErrUnknown, and that the row cannot be read.
func (r Reader[V]) Brief(row Row) (View[V], error) {
	s, err := r.state(row)
	if err != nil {
		return View[V]{Ref: row.Ref}, err
	}
	v := View[V]{
		Ref: row.Ref, Value: s.value, Conflicts: int(s.counts.conflicts), Gaps: int(s.counts.gaps),
		Seq: s.seq, Parked: s.parked(), known: s.counts.known,
	}
	if !v.known {
		return v, fmt.Errorf("%w: %s %q", ErrUnknown, row.Ref.Kind, row.Ref.ID)
	}
	return v, nil
}

// List goes through the views of all resources of the source, in the store's order. A row that cannot be read comes as an
// error beside its Ref, and the list goes on; an error of the store ends it. In a store that is not Sorted a resource
// that changes meanwhile may come twice.
func (r Reader[V]) List(ctx context.Context) iter.Seq2[View[V], error] {
	return r.list(ctx, Query{Model: r.model.ID()}, func(V) bool { return true })
}

// By goes likewise through those with a secondary key (Model.Index), e.g. the sessions of a user. Where the store is not
// Indexed, all rows are read.
func (r Reader[V]) By(ctx context.Context, key, value string) iter.Seq2[View[V], error] {
	q := Query{Model: r.model.ID()}
	if r.store.Features().Indexed {
		q.Index, q.Value = key, value
	}
	return r.list(ctx, q, func(v V) bool {
		keys, _ := indexed(r.model.Index, v)
		return value != "" && keys[key] == value
	})
}

// list goes through the pages of a query.
func (r Reader[V]) list(ctx context.Context, q Query, wanted func(V) bool) iter.Seq2[View[V], error] {
	return func(yield func(View[V], error) bool) {
		for {
			page, err := r.store.List(ctx, q)
			if err != nil {
				yield(View[V]{}, fmt.Errorf("projections: listing %s: %w", q.Model, err))
				return
			}
			for _, row := range page.Rows {
				if v, err := r.row(row, wanted); !errors.Is(err, ErrUnknown) && !yield(v, err) {
					return
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return
			}
		}
	}
}

// row renders a row if it is wanted, else it is ErrUnknown.
func (r Reader[V]) row(row Row, wanted func(V) bool) (View[V], error) {
	if row.Ref.Source != r.source {
		return View[V]{}, ErrUnknown
	}
	state, err := r.state(row)
	if err != nil {
		return View[V]{Ref: row.Ref}, err
	}
	if !wanted(state.value) {
		return View[V]{}, ErrUnknown
	}
	return state.view(AsOf{})
}

// state is the resource of a row. It is not to be changed.
func (r Reader[V]) state(row Row) (*resource[V], error) {
	return r.model.state(&desk[V]{kinds: kinds{}}, &family[V]{model: r.model, source: row.Ref.Source, kind: row.Ref.Kind}, row)
}

// ReadDocument returns the document of a resource of any model, by its id or by the model's secondary key. Errors:
// ErrUnknown, ErrArchived, and the store's.
func ReadDocument(ctx context.Context, store Store, m AnyModel, source, id string, at AsOf) (Document, error) {
	row, err := one(ctx, store, m.ID(), events.Ref{Source: source, Kind: m.Singular(), ID: id})
	if errors.Is(err, ErrUnknown) && m.SecondaryKey() != "" {
		row, err = also(ctx, store, m, source, id, err)
	}
	if err != nil {
		return Document{}, err
	}
	return documentOf(m.ready(), row, at)
}

// documentOf renders a row.
func documentOf(m runner, row Row, at AsOf) (Document, error) {
	f := m.fresh(row.Ref)
	defer m.release(f)
	if err := f.load(row); err != nil {
		return Document{}, err
	}
	return f.document(at)
}

// also finds a row by the model's secondary key, or returns the error of not having found it otherwise.
func also(ctx context.Context, store Store, m AnyModel, source, value string, unknown error) (Row, error) {
	page, err := store.List(ctx, Query{Model: m.ID(), Index: m.SecondaryKey(), Value: value})
	if err != nil {
		return Row{}, fmt.Errorf("projections: looking up %s: %w", m.Singular(), err)
	}
	for _, row := range page.Rows {
		if row.Ref.Source == source {
			return row, nil
		}
	}
	return Row{}, unknown
}

// one loads a row that must exist.
func one(ctx context.Context, store Store, model string, ref events.Ref) (Row, error) {
	rows, err := store.Load(ctx, model, []events.Ref{ref})
	switch {
	case err != nil:
		return Row{}, fmt.Errorf("projections: reading %s %q: %w", ref.Kind, ref.ID, err)
	case len(rows) == 0:
		return Row{}, fmt.Errorf("%w: %s %q", ErrUnknown, ref.Kind, ref.ID)
	}
	return rows[0], nil
}
