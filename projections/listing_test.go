package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
)

// paper is a value with all that a document can be asked for.
type paper struct {
	Status string `json:"status,omitempty"`
	Owner  string `json:"owner,omitempty"`
	Pages  int    `json:"pages,omitempty"`
}

type paperDocument struct {
	ID      string `json:"id"`
	Status  string `json:"status"`
	OwnerID string `json:"owner_id"`
	Pages   int    `json:"pages"`
	Note    string `json:"note"`
	Any     any    `json:"any"`
	Signed  struct {
		Owner bool `json:"owner"`
	} `json:"signed"`
	History []Line `json:"history"`
}

// papers is a model of one's own: each claim is a paper's whole state, and its type is the status.
var papers = Model[paper]{
	Name: "papers", Version: 1, Kind: "paper",
	Key: keyOf("paper"),
	Apply: func(p paper, m Moment, h *History) paper {
		for _, rec := range m.Records {
			_ = json.Unmarshal(rec.Event.Data, &p)
			l := Line{Date: m.Time, Event: string(rec.Event.Type), Verdict: fsm.Noted}
			if rec.Event.Type != "NOTED" {
				p.Status, l.Machine, l.To = string(rec.Event.Type), "status", string(rec.Event.Type)
			}
			h.Add(l)
		}
		return p
	},
	Index:       func(p paper) map[string]string { return map[string]string{"owner": p.Owner} },
	IndexFields: map[string]string{"owner": "owner_id"},
	Document: func(v View[paper]) any {
		d := paperDocument{ID: v.Ref.ID, Status: v.Value.Status, OwnerID: v.Value.Owner, Pages: v.Value.Pages, History: v.History}
		d.Signed.Owner = v.Value.Pages > 2
		if v.Value.Pages == 1 {
			d.Note = "<one> & only"
		}
		return d
	},
}

// record is the n-th record of a log: a paper of an owner, with a status.
func record(n int, source, id, status, owner string, pages int) Record {
	data, _ := json.Marshal(map[string]any{"owner": owner, "pages": pages})
	return nth(n, events.Event{Type: events.Type(status), Ref: events.Ref{Source: source, Kind: "paper", ID: id}, Date: int64(start + n), Data: data})
}

// drawPapers draws a log and what a fold of it shows.
func drawPapers(t *rapid.T) (recs []Record, docs []Document) {
	for n := range rapid.IntRange(0, 60).Draw(t, "records") {
		recs = append(recs, record(n+1, rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "source"), rapid.StringMatching(`[a-p]`).Draw(t, "id"),
			rapid.SampledFrom([]string{"ON", "OFF", "NOTED"}).Draw(t, "status"), rapid.SampledFrom([]string{"u", "v", ""}).Draw(t, "owner"),
			rapid.IntRange(0, 4).Draw(t, "pages")))
	}
	docs, err := Documents([]AnyModel{papers}, recs, AsOf{})
	require.NoError(t, err)
	return recs, docs
}

// fits tells naively whether a document is one that was asked for.
func fits(t require.TestingT, doc []byte, where map[string]string) bool {
	var d paperDocument
	require.NoError(t, json.Unmarshal(doc, &d))
	has := map[string]string{
		"status": d.Status, "owner_id": d.OwnerID, "pages": fmt.Sprint(d.Pages), "signed.owner": fmt.Sprint(d.Signed.Owner), "note": d.Note,
	}
	for name, want := range where {
		if has[name] != strings.Trim(want, `"`) {
			return false
		}
	}
	return true
}

// unsorted is a store that lists what was written last at the end, as a stream does, and has no index.
type unsorted struct{ *MemoryStore }

func (unsorted) Features() Features { return Features{} }

func (s unsorted) List(ctx context.Context, q Query) (Page, error) {
	if q.Index != "" {
		return Page{}, errFault
	}
	all, err := s.MemoryStore.List(ctx, Query{Model: q.Model, Limit: 1_000_000})
	slices.SortFunc(all.Rows, func(a, b Row) int { return int(a.Seq) - int(b.Seq) })
	from := Seq(0)
	_, _ = fmt.Sscan(q.Cursor, &from)
	var p Page
	for _, row := range all.Rows {
		if row.Seq <= from {
			continue
		}
		if q.Limit > 0 && len(p.Rows) == q.Limit {
			p.Next = fmt.Sprint(p.Rows[q.Limit-1].Seq)
			break
		}
		p.Rows = append(p.Rows, row)
	}
	return p, err
}

// everyPage lists to the end.
func everyPage(t require.TestingT, s Store, q DocumentQuery) (ids []string, docs []Document) {
	for range 10_000 {
		p, err := ListDocuments(context.Background(), s, papers, q)
		require.NoError(t, err)
		require.LessOrEqual(t, len(p.Documents), q.Limit)
		for _, d := range p.Documents {
			ids, docs = append(ids, d.Ref.ID), append(docs, d)
		}
		if q.Cursor = p.Next; q.Cursor == "" {
			return ids, docs
		}
	}
	require.Fail(t, "the list does not end")
	return nil, nil
}

func TestAListHoldsEveryDocumentThatFitsOnceWhateverTheSizeOfItsPages(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		recs, all := drawPapers(t)
		memory := NewMemoryStore()
		project(t, Config{Log: newTape(recs), Store: memory, Models: []AnyModel{papers}})
		where := map[string]string{}
		for name, values := range map[string][]string{
			"status": {"ON", "OFF", "NEVER", `""`}, "owner_id": {"u", "v", `""`}, "pages": {"0", "2"}, "signed.owner": {"true", "false"},
			"note": {"<one> & only", `""`},
		} {
			if rapid.IntRange(0, 2).Draw(t, name) == 0 {
				where[name] = rapid.SampledFrom(values).Draw(t, "value")
			}
		}
		q := DocumentQuery{
			Source: "b", Where: where, Limit: rapid.IntRange(1, 20).Draw(t, "limit"),
			Rows: rapid.IntRange(1, 30).Draw(t, "rows"), Bytes: rapid.SampledFrom([]int{0, 1, 700}).Draw(t, "bytes"),
		}
		want := map[string]string{}
		for _, d := range all {
			if d.Ref.Source == "b" && fits(t, d.JSON, where) {
				want[d.Ref.ID] = string(d.JSON)
			}
		}
		for _, s := range []Store{memory, unsorted{memory}} {
			ids, docs := everyPage(t, s, q)
			require.Len(t, ids, len(want), "%v of %v", ids, want)
			got := map[string]string{}
			for _, d := range docs {
				got[d.Ref.ID] = string(d.JSON)
			}
			require.Equal(t, want, got)
			require.True(t, !s.Features().Sorted || slices.IsSorted(ids))
		}
	})
}

// watched counts the rows that a store gave and may be changed between two calls.
type watched struct {
	Store
	rows    int
	queries []Query
	between func()
}

func (s *watched) List(ctx context.Context, q Query) (Page, error) {
	p, err := s.Store.List(ctx, q)
	s.rows += len(p.Rows)
	s.queries = append(s.queries, q)
	if s.between != nil {
		s.between()
	}
	return p, err
}

// stacked is a store of n papers; every seventh is ON and every hundredth is u's.
func stacked(t testing.TB, n int) *MemoryStore {
	var recs []Record
	for i := range n {
		status, owner := "OFF", "v"
		if i%7 == 0 {
			status = "ON"
		}
		if i%100 == 0 {
			owner = "u"
		}
		recs = append(recs, record(i+1, "a", fmt.Sprintf("%05d", i), status, owner, 1))
	}
	s := NewMemoryStore()
	project(t, Config{Log: newTape(recs), Store: s, Models: []AnyModel{papers}})
	return s
}

func TestAFilterReadsNoMoreRowsThanItMay(t *testing.T) {
	t.Parallel()
	s := &watched{Store: stacked(t, 1000)}
	p, err := ListDocuments(t.Context(), s, papers, DocumentQuery{Source: "a", Where: map[string]string{"pages": "9"}, Rows: 250})
	require.NoError(t, err)
	assert.Empty(t, p.Documents)
	assert.NotEmpty(t, p.Next, "nothing found yet is not the end")
	assert.Equal(t, 250, s.rows)
	p, err = ListDocuments(t.Context(), s, papers, DocumentQuery{Source: "a", Bytes: 1000})
	require.NoError(t, err)
	assert.NotEmpty(t, p.Next)
	assert.InDelta(t, 1000, len(p.Documents)*len(p.Documents[0].JSON), 500)
}

func TestAFilterThatAnIndexServesReadsOnlyItsRows(t *testing.T) {
	t.Parallel()
	s := &watched{Store: stacked(t, 1000)}
	for _, where := range []map[string]string{{"owner_id": "u"}, {"owner_id": "u", "status": "OFF"}} {
		s.rows = 0
		_, docs := everyPage(t, s, DocumentQuery{Source: "a", Where: where, Limit: 50})
		assert.Len(t, docs, map[int]int{1: 10, 2: 8}[len(where)])
		assert.Equal(t, 10, s.rows)
	}
	ids, _ := everyPage(t, unsorted{s.Store.(*MemoryStore)}, DocumentQuery{Source: "a", Where: map[string]string{"owner_id": "u"}, Limit: 50})
	assert.Len(t, ids, 10, "without an index all rows are read")
}

func TestWhatIsWrittenWhileSomebodyPagesHidesNothingElse(t *testing.T) {
	t.Parallel()
	memory := stacked(t, 400)
	at, err := memory.Checkpoint(t.Context(), papers.ID(), 0)
	require.NoError(t, err)
	moved := 0
	s := &watched{Store: unsorted{memory}, between: func() {
		if moved += 3; moved >= 400 { // each row goes to the end of the list once
			return
		}
		rows, err := memory.Load(t.Context(), papers.ID(), []events.Ref{{Source: "a", Kind: "paper", ID: fmt.Sprintf("%05d", moved)}})
		require.NoError(t, err)
		to := at
		to.Position.Seq++
		rows[0].Seq = to.Position.Seq
		require.NoError(t, memory.Commit(t.Context(), Commit{Model: papers.ID(), From: at, To: to, Rows: rows}))
		at = to
	}}
	seen := map[string]int{}
	ids, _ := everyPage(t, s, DocumentQuery{Source: "a", Where: map[string]string{"status": "ON"}, Limit: 4})
	for _, id := range ids {
		seen[id]++
	}
	assert.Len(t, seen, 58)
	for i := range 400 {
		if id := fmt.Sprintf("%05d", i); i%7 == 0 && i%3 != 0 {
			assert.Equal(t, 1, seen[id], id)
		}
	}
}

func TestACursorBelongsToItsList(t *testing.T) {
	t.Parallel()
	s := stacked(t, 100)
	asked := DocumentQuery{Source: "a", Where: map[string]string{"status": "OFF"}, Limit: 5}
	p, err := ListDocuments(t.Context(), s, papers, asked)
	require.NoError(t, err)
	other := papers
	other.Version = 2
	for name, try := range map[string]func() (DocumentPage, error){
		"another filter": func() (DocumentPage, error) {
			return ListDocuments(t.Context(), s, papers, DocumentQuery{Source: "a", Where: map[string]string{"status": "ON"}, Cursor: p.Next})
		},
		"no filter": func() (DocumentPage, error) {
			return ListDocuments(t.Context(), s, papers, DocumentQuery{Source: "a", Cursor: p.Next})
		},
		"another source": func() (DocumentPage, error) {
			return ListDocuments(t.Context(), s, papers, DocumentQuery{Source: "b", Where: asked.Where, Cursor: p.Next})
		},
		"another version": func() (DocumentPage, error) {
			return ListDocuments(t.Context(), s, other, DocumentQuery{Source: "a", Where: asked.Where, Cursor: p.Next})
		},
	} {
		_, err := try()
		assert.ErrorIs(t, err, ErrCursor, name)
	}
	for _, cursor := range []string{"!", "AAAA", p.Next + "A", p.Next[:len(p.Next)-1], p.Next[:11], p.Next + "=", writeCursor(refOf("a", "x"))} {
		asked.Cursor = cursor
		_, err := ListDocuments(t.Context(), s, papers, asked)
		assert.ErrorIs(t, err, ErrCursor, cursor)
	}
	asked.Cursor, asked.Limit = p.Next, 7
	next, err := ListDocuments(t.Context(), s, papers, asked)
	require.NoError(t, err, "another limit is the same list")
	assert.Len(t, next.Documents, 7)
}

func TestAFilterThatCannotBeFollowedTellsWhatCan(t *testing.T) {
	t.Parallel()
	s := stacked(t, 1)
	for name, want := range map[string]string{
		"nonsense": "its fields are id, note, owner_id, pages, signed.owner, status", "history": "its fields are", "any": "its fields are", "signed": "its fields are",
		"signed.": "its fields are", "owner": "its fields are", "": "its fields are",
		"pages=x": "pages takes a number", "pages=": "pages takes a number", "pages=01": "pages takes a number", "pages= 1": "pages takes a number",
		"pages=true": "pages takes a number", `pages="1"`: "pages takes a number", "pages=null": "pages takes a number",
		"signed.owner=1": "signed.owner takes true or false", "signed.owner=": "signed.owner takes true or false",
		"status=": `status takes a value, or "" with its quotes for what is not known`,
	} {
		field, value, _ := strings.Cut(name, "=")
		_, err := ListDocuments(t.Context(), s, papers, DocumentQuery{Source: "a", Where: map[string]string{field: value}})
		require.ErrorIs(t, err, ErrFilter, name)
		assert.Contains(t, err.Error(), want, name)
		assert.NotContains(t, err.Error(), "nonsense", "input is not repeated")
	}
}

func TestLaw11_ARowThatCannotBeReadIsNamedAndTheListGoesOn(t *testing.T) {
	t.Parallel()
	s := stacked(t, 3)
	at, _ := s.Checkpoint(t.Context(), papers.ID(), 0)
	bad := events.Ref{Source: "a", Kind: "paper", ID: "00001"}
	require.NoError(t, s.Commit(t.Context(), Commit{Model: papers.ID(), From: at, To: at, Rows: []Row{{Ref: bad, State: Bytes("{")}}}))
	p, err := ListDocuments(t.Context(), s, papers, DocumentQuery{Source: "a"})
	require.NoError(t, err)
	assert.Len(t, p.Documents, 2)
	assert.Equal(t, []events.Ref{bad}, p.Unreadable)
	var ids, broken []string
	for v, err := range Read(s, papers, "a").List(t.Context()) {
		if ids = append(ids, v.Ref.ID); err != nil {
			broken = append(broken, v.Ref.ID)
		}
	}
	assert.Equal(t, []string{"00000", "00001", "00002"}, ids)
	assert.Equal(t, []string{"00001"}, broken)
}

func TestAStoreThatFailsEndsTheList(t *testing.T) {
	t.Parallel()
	s := speechless{stacked(t, 1)}
	_, err := ListDocuments(t.Context(), s, papers, DocumentQuery{Source: "a"})
	require.ErrorIs(t, err, errFault)
	for _, err := range Read(s, papers, "a").List(t.Context()) {
		require.ErrorIs(t, err, errFault)
	}
}

// speechless cannot list.
type speechless struct{ Store }

func (speechless) List(context.Context, Query) (Page, error) { return Page{}, errFault }

func TestAReaderGoesThroughAllAndThroughThoseWithAKey(t *testing.T) {
	t.Parallel()
	memory := stacked(t, 305)
	for _, s := range []Store{memory, unsorted{memory}} {
		r := Read(s, papers, "a")
		count := func(seq func(func(View[paper], error) bool)) (n int) {
			for v, err := range seq {
				require.NoError(t, err)
				require.True(t, v.Known())
				n++
			}
			return n
		}
		assert.Equal(t, 305, count(r.List(t.Context())))
		assert.Equal(t, 4, count(r.By(t.Context(), "owner", "u")))
		assert.Equal(t, 0, count(r.By(t.Context(), "owner", "")))
		assert.Equal(t, 0, count(r.By(t.Context(), "nonsense", "u")))
		assert.Equal(t, 0, count(Read(s, papers, "b").List(t.Context())))
		for range r.List(t.Context()) {
			break
		}
	}
}

func TestAResourceWithoutADocumentIsInNoList(t *testing.T) {
	t.Parallel()
	s := NewMemoryStore()
	project(t, Config{Log: newTape([]Record{record(1, "a", "x", "NOTED", "u", 1)}), Store: s, Models: []AnyModel{papers}})
	p, err := ListDocuments(t.Context(), s, papers, DocumentQuery{Source: "a"})
	require.NoError(t, err)
	assert.Empty(t, p.Documents)
	assert.Empty(t, p.Unreadable)
	for v := range Read(s, papers, "a").List(t.Context()) {
		t.Error(v)
	}
}

func TestAModelThatNamesKeysNeedsAnIndex(t *testing.T) {
	t.Parallel()
	bad := papers
	bad.Index = nil
	assert.Contains(t, bad.problems(), `model "papers" names secondary keys and needs Index`)
	assert.Empty(t, papers.problems())
	assert.Equal(t, "owner_id", papers.FieldOf("owner"))
	assert.Empty(t, papers.FieldOf("paper"))
}

func TestBriefIsTheViewWithoutItsHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		recs, _ := drawPapers(t)
		s := NewMemoryStore()
		project(t, Config{Log: newTape(recs), Store: &flaky{Store: s, faults: &faults{}}, Models: []AnyModel{papers}})
		page, err := s.List(context.Background(), Query{Model: papers.ID()})
		require.NoError(t, err)
		for _, row := range page.Rows {
			r := Read(s, papers, row.Ref.Source)
			want, unknown := r.Get(context.Background(), row.Ref.ID)
			want.History = nil
			got, err := r.Brief(row)
			require.Equal(t, unknown, err)
			require.Equal(t, want, got)
		}
		_, err = Read(s, papers, "a").Brief(Row{})
		require.Error(t, err)
	})
}
