package main

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/internal/pgtest"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/proptest"
)

// The whole program: a document, a list, and why it is so.
func Example() {
	main()
	// Output:
	// {"id":"doc_1","status":"REFUSED","since":1743627200,"confirmed":false,"history":[{"date":1743627006,"event":"KYC_CREATED","machine":"status","verdict":"first","from":"","to":"CREATED","why":"The document was begun."},{"date":1743627006,"event":"KYC_VALIDATION_ASKED","machine":"status","verdict":"applied","from":"CREATED","to":"VALIDATION_ASKED","why":"It was handed in for review."},{"date":1743627200,"event":"KYC_FAILED","machine":"status","verdict":"applied","from":"VALIDATION_ASKED","to":"REFUSED","why":"The review refused it."}]}
	// {"items":[{"id":"doc_2","status":"VALIDATED","since":1743627100,"confirmed":false,"history":[{"date":1743627100,"event":"KYC_SUCCEEDED","machine":"status","verdict":"first","from":"","to":"VALIDATED","why":"Its beginning was missed."}]}],"next":""}
	// KYC_CREATED: first, "" -> "CREATED". The document was begun.
	// KYC_VALIDATION_ASKED: applied, "CREATED" -> "VALIDATION_ASKED". It was handed in for review.
	// KYC_FAILED: applied, "VALIDATION_ASKED" -> "REFUSED". The review refused it.
}

// The same in PostgreSQL is a table that a service joins in its own SQL, and the same answers.
func TestInPostgreSQL(t *testing.T) {
	t.Parallel()
	url, stop, err := pgtest.URL(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	store, done, err := open(t.Context(), nil, url)
	require.NoError(t, err)
	defer done()
	var inTables, inMemory strings.Builder
	require.NoError(t, follow(t.Context(), memoryLog(), store, &inTables))
	require.NoError(t, follow(t.Context(), memoryLog(), projections.NewMemoryStore(), &inMemory))
	require.Equal(t, inMemory.String(), inTables.String())

	service, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, service.Close(t.Context())) }()
	rows, err := service.Query(t.Context(), `SELECT concat_ws(' ', id, status, since, confirmed) FROM kyc.kyc_documents ORDER BY id`)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Equal(t, []string{"doc_1 REFUSED 1743627200 f", "doc_2 VALIDATED 1743627100 f"}, found)
	_, err = service.Exec(t.Context(), `DROP SCHEMA kyc CASCADE`)
	require.NoError(t, err)
}

func memoryLog() projections.Log { return projections.NewMemoryLog("log", time.Now, 0) }

// histories draws what can be said of a document: few dates, so that many share a second.
func histories() *rapid.Generator[[]events.Event] {
	ref := events.Ref{Source: "mangopay", Kind: "kyc_document", ID: "doc_1"}
	definition := documents.Definition()
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) events.Event {
		date := proptest.Start + rapid.Int64Range(0, 5).Draw(t, "seconds")
		if rapid.IntRange(0, 3).Draw(t, "observed") == 0 {
			return proptest.SayObserved(ref, date, "status", rapid.SampledFrom(definition.States[1:]).Draw(t, "value"))
		}
		return events.Event{Type: events.Type(rapid.SampledFrom(definition.Events).Draw(t, "type")), Ref: ref, Date: date}
	}), 1, 8)
}

// The laws hold a model of one's own as they hold those that are built in.
func TestLaws(t *testing.T) {
	t.Parallel()
	want := proptest.Table(t, "testdata/kyc-document.txt")
	require.Equal(t, 30, proptest.Total(t, documents, want, nil))
	proptest.PureMachine(t, documents, nil)
	proptest.PureModel(t, model, histories())
	proptest.OrderFree(t, model, histories())
	proptest.Idempotent(t, model, histories())
	proptest.ExplainedModel(t, model, histories())
	proptest.Transitions(t, model, histories())
}
