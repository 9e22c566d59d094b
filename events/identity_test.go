package events_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
)

func claim() events.Event {
	return events.Event{
		Type: "USER_KYC_REGULAR", Date: 1743627006,
		Ref: events.Ref{Source: "mangopay", Kind: "user", ID: "user_m_01JQVHDG0S0TJP5KFX029211BF"},
	}
}

func observation() events.Event {
	e := claim()
	e.Type, e.Data = events.Observed, []byte(`{"values":{"kyc":"REGULAR"}}`)
	return e
}

// These digests are in logs. They never change. They were computed apart from this code, from the words of rule 1.
func TestRule1_GoldenIdentities(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "5493ea428cbbe977920bd8338b233826", claim().ID().String())
	assert.Equal(t, "8bd3ee9cc9c74594a291ea183eba55d3", observation().ID().String())
	assert.Equal(t, "ab544d1a0652d5ad27ca580b150b4126", events.Event{}.ID().String())
}

func TestRule1_NoAttributeOfACopyIsPartOfTheIdentity(t *testing.T) {
	t.Parallel()
	for _, first := range []events.Event{claim(), observation()} {
		second := first
		second.Delivery = events.Delivery{Origin: events.Backfill, Received: 1, Replica: "b", Attempt: 9}
		assert.Equal(t, first.ID(), second.ID())
	}
}

func TestRule1_SourceTypeResourceAndDateMakeAClaim(t *testing.T) {
	t.Parallel()
	base := claim()
	for name, change := range map[string]func(*events.Event){
		"source": func(e *events.Event) { e.Ref.Source = "mangopay.sandbox" },
		"type":   func(e *events.Event) { e.Type = "USER_KYC_LIGHT" },
		"id":     func(e *events.Event) { e.Ref.ID = "user_m_01jqvhdg0s0tjp5kfx029211bf" },
		"date":   func(e *events.Event) { e.Date++ },
	} {
		other := claim()
		change(&other)
		assert.NotEqual(t, base.ID(), other.ID(), name)
	}
}

func TestRule1_AClaimKeepsItsIdentityWhenACatalogueLearnsItsKind(t *testing.T) {
	t.Parallel()
	unknown := claim()
	unknown.Ref.Kind, unknown.Data = "unknown", []byte(`{}`)
	assert.Equal(t, claim().ID(), unknown.ID())
}

func TestRule1_OwnEventsDifferByKindAndData(t *testing.T) {
	t.Parallel()
	base, kind, data := observation(), observation(), observation()
	kind.Ref.Kind = "idv_session"
	data.Data = []byte(`{"values":{"kyc":"LIGHT"}}`)
	assert.NotEqual(t, base.ID(), kind.ID(), "equal data of two kinds")
	assert.NotEqual(t, base.ID(), data.ID(), "two readings of one second")
}

func TestRule1_FieldsAreLengthPrefixed(t *testing.T) {
	t.Parallel()
	a, b := claim(), claim()
	a.Ref.Source, a.Type = "ab", "c"
	b.Ref.Source, b.Type = "a", "bc"
	assert.NotEqual(t, a.ID(), b.ID())
	a, b = claim(), claim()
	a.Ref.ID, a.Date = "x1", 2
	b.Ref.ID, b.Date = "x", 12
	assert.NotEqual(t, a.ID(), b.ID())
}

func TestRule1_IdentityIsThatOfTheNamedFields(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyEvent().Draw(t, "a"), anyEvent().Draw(t, "b")
		b.Type, b.Date = a.Type, a.Date
		same := a.Ref.Source == b.Ref.Source && a.Ref.ID == b.Ref.ID
		if a.Type.Own() {
			same = same && a.Ref.Kind == b.Ref.Kind && string(a.Data) == string(b.Data)
		}
		if (a.ID() == b.ID()) != same {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
}
