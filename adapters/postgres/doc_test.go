package postgres_test

import (
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// blocks are the indented texts of the package comment, one for each that begins without a further indent.
func blocks(t *testing.T) (out []string) {
	t.Helper()
	source, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	for line := range strings.Lines(string(source)) {
		text, indented := strings.CutPrefix(strings.TrimRight(line, "\n"), "//\t")
		switch {
		case !indented:
		case strings.HasPrefix(text, " "):
			out[len(out)-1] += " " + strings.TrimSpace(text)
		default:
			out = append(out, text)
		}
	}
	return out
}

// columnsOf are the columns of a view, in order.
func columnsOf(t *testing.T, conn *pgx.Conn, schema, view string) (names []string) {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position", schema, view)
	require.NoError(t, err)
	names, err = pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return names
}

func TestThePackageCommentTellsTheColumnsAndItsQueriesRun(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	store := open(t, postgres.Config{Schema: name, Models: views.All()})
	log := logOf(300)
	foldOn(t, log, store, head(t, log))
	execute(t, conn, "CREATE TABLE "+name+".sellers AS SELECT 'Ann' AS name, 'user1' AS mangopay_id")
	execute(t, conn, "SET search_path TO "+name)
	told, ran := 0, 0
	for _, block := range blocks(t) {
		view, columns, is := strings.Cut(strings.TrimPrefix(block, "hookfold."), " ")
		if is && strings.HasPrefix(block, "hookfold.") {
			want := append([]string{"source", "kind", "id"}, strings.Split(strings.ReplaceAll(columns, " ", ""), ",")...)
			assert.Equal(t, append(want, "seq", "parked", "document"), columnsOf(t, conn, name, view), view)
			told++
			continue
		}
		execute(t, conn, strings.ReplaceAll(strings.ReplaceAll(block, "hookfold", name), "TO app", "TO PUBLIC"))
		ran++
	}
	assert.Equal(t, 3, told)
	assert.Equal(t, 7, ran)
}

// TestColumnsShowWhatDocumentsSay compares every column with the field that it is named after.
func TestColumnsShowWhatDocumentsSay(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	store := open(t, postgres.Config{Schema: name, Models: views.All()})
	log := logOf(2000)
	foldOn(t, log, store, head(t, log))
	compared := 0
	for _, view := range []string{"users", "idv_sessions"} {
		for _, column := range columnsOf(t, conn, name, view) {
			if column == "seq" || column == "parked" || column == "document" {
				continue
			}
			field := "document->>'" + column + "'"
			if nested, is := strings.CutPrefix(column, "confirmed_"); is {
				field = "document->'confirmed'->>'" + nested + "'"
			}
			differ := ask[int](t, conn, "SELECT count(*) FROM "+name+"."+view+" WHERE "+column+"::text IS DISTINCT FROM NULLIF("+field+", '')")
			assert.Zero(t, differ, "%s.%s", view, column)
			compared++
		}
	}
	assert.Equal(t, 19+10, compared)
	assert.Positive(t, ask[int](t, conn, "SELECT count(*) FROM "+name+".users WHERE kyc_level = 'REGULAR' AND NOT confirmed_kyc"))
}

func TestServicesFindRowsByIndexes(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	open(t, postgres.Config{Schema: name, Models: views.All()})
	execute(t, conn, "SET enable_seqscan = off")
	for _, query := range []string{
		"SELECT * FROM " + name + ".users WHERE source = 'mangopay' AND id = 'u'",
		"SELECT * FROM " + name + ".idv_sessions WHERE user_id = 'u'",
		"SELECT * FROM " + name + ".hooks WHERE hook_id = 'h'",
	} {
		rows, err := conn.Query(t.Context(), "EXPLAIN "+query)
		require.NoError(t, err)
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		assert.Contains(t, strings.Join(plan, "\n"), "Index", query)
		assert.NotContains(t, strings.Join(plan, "\n"), "Seq Scan", query)
	}
}

func TestWhatIsNotKnownOfAModelIsKeptAsWell(t *testing.T) {
	t.Parallel()
	name, log := schema(t), logOf(300)
	plain := open(t, postgres.Config{Schema: name})
	foldOn(t, log, plain, head(t, log))
	knowing := open(t, postgres.Config{Schema: name, Models: views.All()}) // the table gains columns, and the rows documents
	requireFresh(t, knowing, connect(t, database(t)), name, recordsOf(t, log))
	err := plain.Commit(t.Context(), projections.Commit{Model: views.Users.ID()})
	require.ErrorIs(t, err, postgres.ErrNewer, "it knew the table without documents")
	err = open(t, postgres.Config{Schema: name}).Commit(t.Context(), projections.Commit{Model: views.Users.ID()})
	require.ErrorIs(t, err, postgres.ErrRefused)
	require.ErrorContains(t, err, "Config.Models")
}

// A service finds a name that is too long for a key as the package comment says.
func TestThePackageCommentTellsHowALongNameIsFound(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	long, log := strings.Repeat("long", 200), logOf(0)
	_, err := log.Append(t.Context(), events.Event{Type: "USER_KYC_REGULAR", Ref: events.Ref{Source: "mangopay", Kind: "user", ID: long}, Date: 1_700_000_000})
	require.NoError(t, err)
	foldOn(t, log, open(t, postgres.Config{Schema: name, Models: views.All()}), head(t, log))
	found := 0
	for _, block := range blocks(t) {
		if strings.Contains(block, "sha256(") {
			assert.Equal(t, long, ask[string](t, conn, strings.ReplaceAll(block, "hookfold.", name+".")))
			found++
		}
	}
	assert.Equal(t, 1, found)
}
