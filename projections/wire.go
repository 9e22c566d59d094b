package projections

import (
	"encoding/binary"
	"errors"
)

// errWire says that bytes end too early, or hold what the writer never writes.
var errWire = errors.New("it is damaged")

// fewTexts is how many texts of a row are looked through one by one.
const fewTexts = 16

// texts numbers every text of a row at its first use, so that each is written once.
type texts struct {
	first  [fewTexts]string
	n      int
	number map[string]int // of all, where there are more
}

// find gives the number of a text, and false where this is its first use, which gets the next one.
func (t *texts) find(s string) (int, bool) {
	if n, known := t.look(s); known {
		return n, true
	}
	if t.n < fewTexts {
		t.first[t.n] = s
	} else {
		t.count()
		t.number[s] = t.n
	}
	t.n++
	return 0, false
}

func (t *texts) look(s string) (int, bool) {
	if t.number != nil {
		n, known := t.number[s]
		return n, known
	}
	for n := range t.n {
		if t.first[n] == s {
			return n, true
		}
	}
	return 0, false
}

// count goes over to numbers by text.
func (t *texts) count() {
	if t.number != nil {
		return
	}
	t.number = make(map[string]int, 2*fewTexts)
	for n, s := range t.first {
		t.number[s] = n
	}
}

// wireWriter writes the numbers and texts of a row.
type wireWriter struct {
	b     []byte
	texts texts
}

func (w *wireWriter) byte(c byte)     { w.b = append(w.b, c) }
func (w *wireWriter) count(n uint64)  { w.b = binary.AppendUvarint(w.b, n) }
func (w *wireWriter) number(n int64)  { w.b = binary.AppendVarint(w.b, n) }
func (w *wireWriter) bytes(b []byte)  { w.count(uint64(len(b))); w.b = append(w.b, b...) }
func (w *wireWriter) string(s string) { w.count(uint64(len(s))); w.b = append(w.b, s...) }

// text writes the number of a text plus one; 0 and the text itself where it was not there before.
func (w *wireWriter) text(s string) {
	if n, known := w.texts.find(s); known {
		w.count(uint64(n) + 1)
		return
	}
	w.count(0)
	w.string(s)
}

// wireReader reads what a wireWriter wrote. After the first error everything is zero.
type wireReader struct {
	b     []byte
	all   string // the same bytes, of which texts are parts
	at    int
	texts []string
	err   error
}

func newWireReader(b []byte) *wireReader {
	return &wireReader{b: b, all: string(b), texts: make([]string, 0, fewTexts)}
}

// left tells how many bytes are still to be read.
func (r *wireReader) left() int { return len(r.b) - r.at }

func (r *wireReader) fail() {
	r.err, r.at = errWire, len(r.b)
}

func (r *wireReader) byte() byte {
	if r.left() == 0 {
		r.fail()
		return 0
	}
	r.at++
	return r.b[r.at-1]
}

func (r *wireReader) count() uint64 {
	n, size := binary.Uvarint(r.b[r.at:])
	if size <= 0 {
		r.fail()
		return 0
	}
	r.at += size
	return n
}

func (r *wireReader) number() int64 {
	n, size := binary.Varint(r.b[r.at:])
	if size <= 0 {
		r.fail()
		return 0
	}
	r.at += size
	return n
}

// many reads how many things follow, each of which takes some bytes.
func (r *wireReader) many(each int) int {
	n := r.count()
	if n > uint64(r.left()/each) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *wireReader) string() string {
	n := r.many(1)
	r.at += n
	return r.all[r.at-n : r.at]
}

// bytes are a copy.
func (r *wireReader) bytes() []byte { return []byte(r.string()) }

func (r *wireReader) text() string {
	n := r.count()
	if n == 0 {
		s := r.string()
		r.texts = append(r.texts, s)
		return s
	}
	if n > uint64(len(r.texts)) {
		r.fail()
		return ""
	}
	return r.texts[n-1]
}
