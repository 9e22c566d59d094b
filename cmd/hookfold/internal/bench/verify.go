package bench

import (
	"bytes"
	"context"
	"fmt"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// verify compares every document of a store with those of the pure fold, and proves that it holds no others.
func verify(ctx context.Context, store projections.Store, want []projections.Document) error {
	left := make(map[events.Ref][]byte, len(want))
	for _, doc := range want {
		left[doc.Ref] = doc.JSON
	}
	rows := 0
	for _, m := range views.All() {
		err := everyDocument(ctx, store, m, func(have projections.Document) error {
			rows++
			want, there := left[have.Ref]
			if there && !bytes.Equal(have.JSON, want) {
				return fmt.Errorf("%s %s is %s, the fold says %s", have.Ref.Kind, have.Ref.ID, have.JSON, want)
			}
			delete(left, have.Ref)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if rows != len(want) || len(left) > 0 {
		return fmt.Errorf("the store holds %d resources, the fold %d; %d of those are missing", rows, len(want), len(left))
	}
	return nil
}

// everyDocument lists a model.
func everyDocument(ctx context.Context, store projections.Store, m projections.AnyModel, do func(projections.Document) error) error {
	q := projections.DocumentQuery{Source: mangopay.Source, Limit: 1000}
	for more := true; more; more = q.Cursor != "" {
		page, err := projections.ListDocuments(ctx, store, m, q)
		if err != nil {
			return err
		}
		if len(page.Unreadable) > 0 {
			return fmt.Errorf("%d rows cannot be read", len(page.Unreadable))
		}
		for _, doc := range page.Documents {
			if err := do(doc); err != nil {
				return err
			}
		}
		q.Cursor = page.Next
	}
	return nil
}
