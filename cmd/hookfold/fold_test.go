package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events/mangopay"
)

// forms are the three forms of a notification.
var forms = [...]string{
	`{"EventType":%q,"RessourceId":%q,"Date":%d}`,
	`https://example.com/hooks/token?EventType=%s&RessourceId=%s&Date=%d`,
	`Date=%[3]d.0&ResourceId=%[2]s&EventType=%[1]s`,
}

// mixed makes n lines of all kinds, of which about a fifth repeat another one in whatever form. The seed decides all.
func mixed(n int, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 1))
	var types []mangopay.Info
	for info := range mangopay.Catalogue() {
		if info.Machine != "" || r.IntN(8) == 0 {
			types = append(types, info)
		}
	}
	types = append(types, mangopay.Info{Type: "A_TYPE_OF_TOMORROW", Kind: "unknown"})
	said := make([][3]any, 0, n)
	out := make([]string, 0, n)
	for len(out) < n {
		info := types[r.IntN(len(types))]
		s := [3]any{string(info.Type), fmt.Sprintf("%s_%d", info.Kind, r.IntN(n/40)), 1743627006 + r.IntN(30*24*3600)}
		switch r.IntN(20) {
		case 0:
			out = append(out, fmt.Sprintf(`{"type":"hookfold.hook.delivery.failed","hook":%q,"date":%d}`, s[0], s[2]))
			continue
		case 1:
			out = append(out, fmt.Sprintf(`{"type":"hookfold.observed","kind":"user","id":"user_%d","date":%d,"values":{"kyc":"REGULAR","sca":true}}`, r.IntN(n/40), s[2]))
			continue
		case 2, 3, 4, 5:
			if len(said) > 0 {
				s = said[r.IntN(len(said))]
			}
		case 6:
			s[1] = "" // a ping
		}
		said = append(said, s)
		out = append(out, fmt.Sprintf(forms[r.IntN(len(forms))], s[0], s[1], s[2]))
	}
	return out
}

func TestLaw3_FoldOf100000NotificationsIsTheSameInEveryOrder(t *testing.T) {
	t.Parallel()
	text := mixed(100_000, 7)
	first := call(t, strings.NewReader(strings.Join(text, "\n")), "fold")
	require.Equal(t, exitDone, first.code, first.err)
	docs := strings.Split(strings.TrimSpace(first.out), "\n")
	t.Log(len(docs)-1, "documents;", docs[len(docs)-1])
	for _, kind := range []string{"hook", "idv_session", "user"} {
		assert.Contains(t, first.out, `{"kind":"`+kind+`"`)
	}
	assert.Greater(t, len(docs), 2000)
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 2))
		r.Shuffle(len(text), func(i, j int) { text[i], text[j] = text[j], text[i] })
		again := call(t, strings.NewReader(strings.Join(text, "\n")), "fold")
		require.Equal(t, exitDone, again.code, again.err)
		require.True(t, first.out == again.out, "order %d gives other bytes", seed) //nolint:testifylint // 11 MB of them would be printed
	}
}

func TestLaw4_RepetitionChangesOnlyTheSummary(t *testing.T) {
	t.Parallel()
	var text []string
	for _, line := range mixed(2000, 8) {
		if !strings.Contains(line, "hookfold.hook") { // equal ones of those are different events
			text = append(text, line)
		}
	}
	once := call(t, strings.NewReader(strings.Join(text, "\n")), "fold")
	twice := call(t, strings.NewReader(strings.Join(append(text, text...), "\n")), "fold")
	documents := func(r result) string { return r.out[:strings.LastIndex(r.out, `{"kind":"summary"`)] }
	require.NotEmpty(t, documents(once))
	require.Equal(t, documents(once), documents(twice))
	require.NotEqual(t, once.out, twice.out)
}
