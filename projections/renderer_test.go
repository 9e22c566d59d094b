package projections

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
)

func TestARendererGivesTheDocumentThatReadersGet(t *testing.T) {
	t.Parallel()
	ctx, s := context.Background(), stacked(t, 20)
	r := NewRenderer(papers)
	page, err := s.List(ctx, Query{Model: papers.ID()})
	require.NoError(t, err)
	require.Len(t, page.Rows, 20)
	for _, row := range page.Rows {
		want, err := ReadDocument(ctx, s, papers, row.Ref.Source, row.Ref.ID, AsOf{})
		require.NoError(t, err)
		bytes, err := row.State.MarshalBinary()
		require.NoError(t, err)
		for _, state := range []Row{row, {Ref: row.Ref, Seq: row.Seq, State: Bytes(bytes)}} {
			have, err := r.Document(state)
			require.NoError(t, err)
			require.Equal(t, want, have)
		}
	}
	_, err = r.Document(Row{Ref: events.Ref{Kind: "paper"}, State: Bytes("x")})
	require.Error(t, err)
}

func TestARendererTellsTheFieldsOfDocuments(t *testing.T) {
	t.Parallel()
	r := NewRenderer(papers)
	blank, err := r.Blank()
	require.NoError(t, err)
	assert.Equal(t, `{"id":"","status":"","owner_id":"","pages":0,"note":"","any":null,"signed":{"owner":false},"history":null}`, string(blank))
	assert.Equal(t, "owner", r.KeyOf("owner_id"))
	assert.Empty(t, r.KeyOf("status"))
	assert.PanicsWithError(t, ErrModel.Error()+`: [model "" needs a name without slashes, dots, stars or blanks model "" needs a version from 1 model "" needs a kind model "" needs Key model "" needs Apply model "" needs Document]`,
		func() { NewRenderer(Model[int]{}) })
}
