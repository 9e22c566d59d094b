package mangopay_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

// testdata/catalogue.txt was made from the provider's list, not from the table: type, kind by the column that says what
// RessourceId holds, machine.
func TestCatalogue_IsTheProvidersListInItsOrder(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/catalogue.txt")
	require.NoError(t, err)
	want := strings.Split(strings.TrimSpace(string(raw)), "\n")
	var got []string
	for row := range mangopay.Catalogue() {
		machine := row.Machine
		if machine == "" {
			machine = "-"
		}
		got = append(got, string(row.Type)+" "+row.Kind+" "+machine)
	}
	assert.Len(t, got, 151)
	assert.Equal(t, want, got)
}

func TestCatalogue_NamesEachTypeOnceAndInASentence(t *testing.T) {
	t.Parallel()
	seen := map[events.Type]bool{}
	for row := range mangopay.Catalogue() {
		assert.False(t, seen[row.Type], "%s is there twice", row.Type)
		seen[row.Type] = true
		assert.Regexp(t, `^[A-Z].*[^.]\.$`, row.Meaning, row.Type)
		found, known := mangopay.Lookup(row.Type)
		assert.True(t, known)
		assert.Equal(t, row, found)
	}
}

func TestCatalogue_AnAliasIsReadAsATypeOfTheSameKindAndMachine(t *testing.T) {
	t.Parallel()
	for spelling, want := range map[events.Type]events.Type{
		"IDENTITY_VERIFICATION_TIMEOUT":                   mangopay.IdentityVerificationExpired,
		"IDENTITY_VERIFICATION_PSC_FAILED":                "IDENTITY_VERIFICATION_PSC_REJECTED",
		"DEPOSIT_PREAUTHORIZATION_PAYMENT_CANCEL_REQUEST": "DEPOSIT_PREAUTHORIZATION_PAYMENT_CANCEL_REQUESTED",
		"MANDATED_FAILED":                                 "MANDATE_FAILED",
	} {
		row, known := mangopay.Lookup(spelling)
		require.True(t, known, spelling)
		assert.Equal(t, want, row.Alias)
		read, known := mangopay.Lookup(row.Alias)
		require.True(t, known, row.Alias)
		assert.Equal(t, [3]string{row.Kind, row.Machine, ""}, [3]string{read.Kind, read.Machine, string(read.Alias)})
	}
}

func TestCatalogue_AliasesAreFewAndKnown(t *testing.T) {
	t.Parallel()
	var aliased []events.Type
	for row := range mangopay.Catalogue() {
		if row.Alias != "" {
			aliased = append(aliased, row.Type)
		}
	}
	assert.Equal(t, []events.Type{
		"IDENTITY_VERIFICATION_TIMEOUT", "DEPOSIT_PREAUTHORIZATION_PAYMENT_CANCEL_REQUEST",
	}, aliased)
}

func TestLaw7_AnUnknownTypeHasTheKindUnknownAndIsKept(t *testing.T) {
	t.Parallel()
	_, known := mangopay.Lookup("user_kyc_regular")
	assert.False(t, known, "types are case-sensitive")
	assert.Equal(t, "unknown", mangopay.Kind("SOMETHING_NEW"))
	e := mangopay.Notification{Type: "SOMETHING_NEW", ResourceID: "x 1", Date: 7}.Event("mangopay.test")
	assert.Equal(t, events.Event{
		Type: "SOMETHING_NEW", Ref: events.Ref{Source: "mangopay.test", Kind: "unknown", ID: "x 1"}, Date: 7,
	}, e)
}

func TestTrap_KYCNamesADocumentAndUserKYCAUser(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "kyc_document", mangopay.Kind("KYC_SUCCEEDED"))
	assert.Equal(t, "user", mangopay.Kind("USER_KYC_REGULAR"))
	assert.Equal(t, "idv_session", mangopay.Kind("IDENTITY_VERIFICATION_VALIDATED"))
}

func TestNotification_WithoutASourceIsOfTheDefaultOne(t *testing.T) {
	t.Parallel()
	e := mangopay.Notification{Type: mangopay.UserKYCLight, ResourceID: "user_m_1", Date: 1}.Event("")
	assert.Equal(t, events.Ref{Source: "mangopay", Kind: "user", ID: "user_m_1"}, e.Ref)
	assert.Equal(t, events.Claim, e.Basis())
}
