package projections

import (
	"encoding/binary"
	"errors"
)

// errWire says that bytes end too early, or hold what the writer never writes.
var errWire = errors.New("it is damaged")

// texts numbers every text of a row at its first use, so that each is written once.
type texts struct {
	first  [16]string
	all    []string
	number map[string]int // only where there are many
}

// find gives the number of a text, and false where this is its first use, which gets the next one.
func (t *texts) find(s string) (int, bool) {
	if t.number != nil {
		if n, ok := t.number[s]; ok {
			return n, true
		}
		t.number[s] = len(t.all)
	} else {
		for n, other := range t.all {
			if other == s {
				return n, true
			}
		}
	}
	t.add(s)
	return 0, false
}

func (t *texts) add(s string) {
	if t.all == nil {
		t.all = t.first[:0]
	}
	t.all = append(t.all, s)
	if len(t.all) == len(t.first) {
		t.number = make(map[string]int, 2*len(t.first))
		for n, s := range t.all {
			t.number[s] = n
		}
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

func newWireReader(b []byte) *wireReader { return &wireReader{b: b, all: string(b)} }

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
