package members_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events/members"
)

func TestEach_GivesMembersInOrderByExactName(t *testing.T) {
	t.Parallel()
	var got []string
	err := members.Each([]byte(` {"b" : {"x": 1} ,"A":"1","a":null,"b":[ ]} `), func(name string, raw []byte) error {
		got = append(got, name+"="+string(raw))
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, []string{`b={"x": 1}`, `A="1"`, `a=null`, `b=[ ]`}, got)
}

func TestEach_RefusesWhatIsNotOneObject(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"", " ", "null", "1", "[]", "{", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `{a:1}`, `{1:1}`, "{}{}", "{} x", "}"} {
		err := members.Each([]byte(in), func(string, []byte) error { return nil })
		assert.ErrorIs(t, err, members.ErrObject, in)
	}
	err := members.Each([]byte("{\"\xff\":1}"), func(string, []byte) error { return nil })
	assert.ErrorIs(t, err, members.ErrEncoding)
}

func TestEach_StopsAtTheFirstError(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	calls := 0
	err := members.Each([]byte(`{"a":1,"b":2}`), func(string, []byte) error { calls++; return stop })
	assert.ErrorIs(t, err, stop)
	assert.Equal(t, 1, calls)
}

func TestText_ReadsStringsAndRefusesHalfAPair(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`""`: "", `"a\n\u00e9\/"`: "a\né/", `"\ud83d\ude00"`: "😀", `"\\ud800"`: `\ud800`, `"\ufffd"`: "\uFFFD", `"\uE000"`: "\uE000",
	} {
		got, err := members.Text([]byte(raw))
		require.NoError(t, err, raw)
		assert.Equal(t, want, got)
	}
	for _, raw := range []string{`"\ud800"`, `"\uDFFF"`, `"\ud800\ud800"`, `"\ud800x"`, `"\ud83d\n\ude00"`, `"\udc00\ud800"`, `"a\\\ud800"`} {
		_, err := members.Text([]byte(raw))
		assert.ErrorIs(t, err, members.ErrEncoding, raw)
	}
	for _, raw := range []string{``, `7`, `null`, `["a"]`, `"`, `"\x"`} {
		_, err := members.Text([]byte(raw))
		assert.ErrorIs(t, err, members.ErrText, raw)
	}
}
