package sender_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
	"github.com/hookfold/hookfold/events"
)

func TestS4_AHookIsCreatedEnabledAndValid(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	h, err := b.Create(sender.NewHook{EventType: "USER_KYC_LIGHT", URL: "https://webhook.site/e1def644", Tag: "Created using the Mangopay Postman collection", Email: "a@example.com"})
	require.NoError(t, err)
	assert.Equal(t, sender.Hook{
		ID: h.ID, URL: "https://webhook.site/e1def644", Status: "ENABLED", Validity: "VALID", EventType: "USER_KYC_LIGHT",
		Tag: "Created using the Mangopay Postman collection", Email: "a@example.com", Created: s4Date,
	}, h)
	assert.Regexp(t, "^hook_m_[0-9A-HJKMNP-TV-Z]{26}$", h.ID, "as the provider's look")
	assert.NotEqual(t, b.hook.ID, h.ID)
	assert.Equal(t, []sender.Hook{b.hook, h}, b.Hooks())
	got, err := b.Hook(h.ID)
	require.NoError(t, err)
	assert.Equal(t, h, got)
}

func TestThereIsOneHookForAnEventType(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := b.Create(sender.NewHook{EventType: s4Type, URL: "https://elsewhere.example.com"})
	require.ErrorIs(t, err, sender.ErrTaken)
	b.set(t, sender.Change{Status: new(sender.Disabled)})
	_, err = b.Create(sender.NewHook{EventType: s4Type, URL: "https://elsewhere.example.com"})
	require.ErrorIs(t, err, sender.ErrTaken, "a disabled one too")
	assert.Len(t, b.Hooks(), 1)
}

func TestAHookThatCannotBeIsRefusedWithAllItsProblems(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	long := strings.Repeat("é", 256)
	for name, c := range map[string]struct {
		hook sender.NewHook
		want []error
	}{
		"nothing":               {sender.NewHook{}, []error{sender.ErrEventType, sender.ErrURL}},
		"one of ours":           {sender.NewHook{EventType: events.Observed, URL: "https://x"}, []error{sender.ErrEventType}},
		"a long type":           {sender.NewHook{EventType: events.Type(long), URL: "https://x"}, []error{sender.ErrEventType}},
		"another scheme":        {sender.NewHook{EventType: "A", URL: "ftp://example.com"}, []error{sender.ErrURL}},
		"no scheme":             {sender.NewHook{EventType: "A", URL: "example.com/hooks"}, []error{sender.ErrURL}},
		"no host":               {sender.NewHook{EventType: "A", URL: "https:///hooks"}, []error{sender.ErrURL}},
		"a port only":           {sender.NewHook{EventType: "A", URL: "https://:443/hooks"}, []error{sender.ErrURL}},
		"no URL at all":         {sender.NewHook{EventType: "A", URL: "https://example.com/%zz"}, []error{sender.ErrURL}},
		"a control character":   {sender.NewHook{EventType: "A", URL: "https://example.com/\n"}, []error{sender.ErrURL}},
		"256 characters of URL": {sender.NewHook{EventType: "A", URL: "https://example.com/" + long[:2*236]}, []error{sender.ErrURL}},
		"256 characters of tag": {sender.NewHook{EventType: "A", URL: "https://x", Tag: long}, []error{sender.ErrTag}},
	} {
		_, err := b.Create(c.hook)
		for _, want := range c.want {
			require.ErrorIs(t, err, want, name)
		}
		assert.NotContains(t, err.Error(), "example.com", "no secret in an error")
	}
	assert.Len(t, b.Hooks(), 1)
	for i, url := range []string{"http://x", "https://example.com/" + long[:2*235], "HTTPS://EXAMPLE.COM", "https://[::1]:8443/a?b=c"} {
		_, err := b.Create(sender.NewHook{EventType: events.Type("NEW_" + strconv.Itoa(i)), URL: url, Tag: long[:2*255]})
		require.NoError(t, err, url)
	}
}

func TestAnUpdateChangesWhatItNamesOrNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	h, err := b.Update(b.hook.ID, sender.Change{
		URL: new("http://localhost:7701/hooks"), Status: new(sender.Disabled), Validity: new(sender.Valid), Tag: new("t"), Email: new("e"),
	})
	require.NoError(t, err)
	want := b.hook
	want.URL, want.Status, want.Tag, want.Email = "http://localhost:7701/hooks", sender.Disabled, "t", "e"
	assert.Equal(t, want, h)
	same, err := b.Update(b.hook.ID, sender.Change{})
	require.NoError(t, err)
	assert.Equal(t, want, same)

	_, err = b.Update(b.hook.ID, sender.Change{
		URL: new("x"), Status: new("PAUSED"), Validity: new(sender.Invalid), Tag: new(strings.Repeat("x", 256)), Email: new("f"),
	})
	for _, want := range []error{sender.ErrURL, sender.ErrStatus, sender.ErrValidity, sender.ErrTag} {
		require.ErrorIs(t, err, want)
	}
	assert.Equal(t, want, b.now(t))
	empty, err := b.Update(b.hook.ID, sender.Change{Tag: new(""), Email: new("")})
	require.NoError(t, err)
	assert.Empty(t, empty.Tag+empty.Email)

	_, err = b.Update("hook_m_none", sender.Change{})
	require.ErrorIs(t, err, sender.ErrUnknown)
	_, err = b.Hook("hook_m_none")
	require.ErrorIs(t, err, sender.ErrUnknown)
}

func TestAConfigSaysAllItsProblems(t *testing.T) {
	t.Parallel()
	_, err := sender.New(sender.Config{Transport: slow(0), SelfSigned: true, Connections: -1, Keep: -1})
	require.ErrorIs(t, err, sender.ErrConfig)
	for _, problem := range []string{"Timeline", "SelfSigned", "Connections"} {
		assert.ErrorContains(t, err, problem)
	}
}

func TestIdentifiersMayComeFromOutside(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, err := sender.New(sender.Config{Timeline: b.line, IDs: func(prefix string) string { return prefix + "1" }})
	require.NoError(t, err)
	h, err := s.Create(sender.NewHook{EventType: s4Type, URL: "https://x"})
	require.NoError(t, err)
	assert.Equal(t, "hook_m_1", h.ID)
}

func TestTheNewestAttemptsAreKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s, err := sender.New(sender.Config{Timeline: b.line, Transport: b, Keep: 3})
	require.NoError(t, err)
	_, err = s.Create(sender.NewHook{EventType: s4Type, URL: "https://x"})
	require.NoError(t, err)
	for n := 1; n <= 20; n++ {
		s.Emit(s4Type, strings.Repeat("x", n))
		b.line.Advance(0)
		list := s.Attempts()
		require.Len(t, list, min(n, 3))
		assert.Len(t, list[len(list)-1].ResourceID, n)
	}
}
