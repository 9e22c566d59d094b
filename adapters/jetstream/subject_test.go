package jetstream

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSubjectsCoverAndOverlapAsTheServerMatchesThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b             string
		covers, overlaps bool
	}{
		{"a.b", "a.b", true, true},
		{"a.b", "a.c", false, false},
		{"a.b", "a", false, false},
		{"a", "a.b", false, false},
		{"a.*", "a.b", true, true},
		{"a.b", "a.*", false, true},
		{"a.*", "a.*", true, true},
		{"a.*", "a.>", false, true},
		{"a.*", "a.b.c", false, false},
		{"a.>", "a", false, false},
		{"a.>", "a.b", true, true},
		{"a.>", "a.b.c", true, true},
		{"a.>", "a.*.>", true, true},
		{"a.>", "a.>", true, true},
		{">", "a.>", true, true},
		{"*.b", "a.*", false, true},
		{"*.b", "a.c", false, false},
		{"a.*.c", "a.>", false, true},
		{"*", ">", false, true},
		{"b.>", "a.>", false, false},
	} {
		assert.Equal(t, c.covers, covers(c.a, c.b), "%s covers %s", c.a, c.b)
		assert.Equal(t, c.overlaps, overlap(c.a, c.b), "%s overlaps %s", c.a, c.b)
		assert.Equal(t, c.overlaps, overlap(c.b, c.a), "%s overlaps %s", c.b, c.a)
	}
	for subject, good := range map[string]bool{
		"a": true, "a.b-c_d.1": true, "a.*.c": true, "a.>": true, ">": true, "$x.é": true,
		"": false, ".a": false, "a.": false, "a..b": false, "a.>.b": false, "a b": false, "a\n": false,
	} {
		assert.Equal(t, good, isSubject(subject), subject)
	}
}

func TestWhatIsKeptOfAMessageIsBoundedText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"aé", 2, "a"}, {"éé", 3, "é"}, {"\xff\xff\xffabcdefgh", 5, "\uFFFDab"},
		{"\xff", 2, ""}, {"", 0, ""}, {"ab\xf0\x9f\x98\x80cd", 6, "ab😀"},
	} {
		assert.Equal(t, c.want, shortened(c.in, c.n), "%q", c.in)
	}
}
