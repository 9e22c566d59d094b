package events_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
)

// alphabet is what is legal both as one token of a subject and in a KV key: no blank, no dot, no "*", no ">".
var alphabet = regexp.MustCompile(`^[-_=A-Za-z0-9]+$`)

var tokens = map[string]string{
	"":                             "=",
	"user_m_01JQVHDG0S":            "user_m_01JQVHDG0S",
	"a b":                          "a=20b",
	"a.b*c>d":                      "a=2Eb=2Ac=3Ed",
	"=":                            "=3D",
	"=20":                          "=3D20",
	"é":                            "=C3=A9",
	"\x00\xff":                     "=00=FF",
	"-_":                           "-_",
	"/$\\":                         "=2F=24=5C",
	strings.Repeat(".", 128):       strings.Repeat("=2E", 128),
	strings.Repeat("😀", 128)[:512]: strings.Repeat("=F0=9F=98=80", 128),
}

func TestToken_EscapesWhatIsNotLegal(t *testing.T) {
	t.Parallel()
	for id, want := range tokens {
		assert.Equal(t, want, events.Token(id), "%q", id)
		got, err := events.Untoken(want)
		require.NoError(t, err, want)
		assert.Equal(t, id, got)
	}
}

func TestUntoken_RefusesWhatTokenCannotHaveWritten(t *testing.T) {
	t.Parallel()
	for _, tok := range []string{
		"", "==", "a=", "=2", "a=2", "=2e", "=c3=A9", "=41", "=5F", "=2D", "=zz", "a b", "a.b", "é", "*", ">", "=3d", "=  ", "a==",
	} {
		_, err := events.Untoken(tok)
		assert.ErrorIs(t, err, events.ErrToken, "%q", tok)
	}
}

func TestToken_IsReversibleAndLegal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := anyID().Draw(t, "id")
		tok := events.Token(id)
		if !alphabet.MatchString(tok) {
			t.Fatalf("%q became %q", id, tok)
		}
		if back, err := events.Untoken(tok); err != nil || back != id {
			t.Fatalf("%q became %q became %q, %v", id, tok, back, err)
		}
	})
}

func TestToken_KeepsIdentifiersApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyID().Draw(t, "a"), anyID().Draw(t, "b")
		if (events.Token(a) == events.Token(b)) != (a == b) {
			t.Fatalf("%q and %q share %q", a, b, events.Token(a))
		}
	})
	assert.NotEqual(t, events.Token("user_m_a"), events.Token("user_m_A"), "case keeps identifiers apart")
}

func TestUntoken_EveryTokenHasOneSpelling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tok := rapid.StringMatching(`([-_a-zA-Z0-9]|=[0-9A-Fa-f]{1,2}){1,20}`).Draw(t, "tok")
		if id, err := events.Untoken(tok); err == nil && events.Token(id) != tok {
			t.Fatalf("%q is read as %q, whose token is %q", tok, id, events.Token(id))
		}
	})
}

// anyID draws identifiers, most of them with what makes trouble in subjects.
func anyID() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringN(0, 128, -1),
		rapid.StringOfN(rapid.RuneFrom([]rune(" .*>=%/-_aA0é😀\x00")), 0, 128, -1),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
}

func FuzzUntoken(f *testing.F) {
	for id, tok := range tokens {
		f.Add(id)
		f.Add(tok)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if back, err := events.Untoken(events.Token(s)); err != nil || back != s {
			t.Fatalf("%q became %q, %v", s, back, err)
		}
		if id, err := events.Untoken(s); err == nil && events.Token(id) != s {
			t.Fatalf("%q is read as %q, whose token is %q", s, id, events.Token(id))
		}
	})
}
