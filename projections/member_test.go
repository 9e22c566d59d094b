package projections

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawJSON draws any value that JSON can say.
func drawJSON(t *rapid.T, depth int) any {
	odd := rapid.SampledFrom([]string{"", "a", `"`, `\`, `\"`, "{", "}", "[", "]", ",", ":", "é\u2028<&>", "\n", "a.b"})
	switch kind := rapid.IntRange(0, 6).Draw(t, "kind"); {
	case kind == 0:
		return nil
	case kind == 1:
		return rapid.Bool().Draw(t, "bool")
	case kind == 2:
		return rapid.Float64().Draw(t, "number")
	case kind < 5 || depth == 0:
		return odd.Draw(t, "text") + odd.Draw(t, "more")
	case kind == 5:
		list := make([]any, rapid.IntRange(0, 3).Draw(t, "length"))
		for i := range list {
			list[i] = drawJSON(t, depth-1)
		}
		return list
	default:
		object := map[string]any{}
		for range rapid.IntRange(0, 4).Draw(t, "members") {
			object[odd.Draw(t, "name")+odd.Draw(t, "more")] = drawJSON(t, depth-1)
		}
		return object
	}
}

func TestMember_FindsWhatEncodingJSONFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := drawJSON(t, 3)
		raw := rendered(t, value)
		object, is := value.(map[string]any)
		if !is {
			require.Nil(t, member(raw, text("a")))
			return
		}
		for name, v := range object {
			require.Equal(t, string(rendered(t, v)), string(member(raw, text(name))), "%q of %s", name, raw)
		}
		if _, has := object["nobody"]; !has {
			require.Nil(t, member(raw, text("nobody")))
		}
	})
	assert.Nil(t, member(nil, text("a")))
	assert.Nil(t, member([]byte("{}"), text("a")))
}

// rendered renders a value as documents are rendered.
func rendered(t require.TestingT, v any) []byte {
	doc, err := Model[any]{Document: func(View[any]) any { return v }}.render(View[any]{})
	require.NoError(t, err)
	require.True(t, json.Valid(doc.JSON))
	return doc.JSON
}
