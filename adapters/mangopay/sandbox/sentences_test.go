package sandbox_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sentences maps what S2, S3 and S4 say of the provider to the test that holds it. What they say of platforms, such as that
// an integration should listen to webhooks, and of what a user's phone shows, is not in it.
var sentences = []struct{ source, sentence, test string }{
	{"S2", "notified when an SCA enrollment session is successfully completed, expires, or fails", "TestS2_PlatformsAreNotifiedWhenAnEnrolmentSucceedsExpiresOrFails"},
	{"S2", "expires (after the ten minutes of a session)", "TestS2_AnEnrolmentExpiresTenMinutesAfterTheAnswerAndItsPageIsThenClosed"},
	{"S2", "triggered by any new enrollment (or re-enrollment) prompted by an API call, regardless of the endpoint", "TestS2_AnyNewEnrolmentPromptedByACallFiresWhicheverEndpointGaveTheLink"},
	{"S2", "not triggered for any authentication challenges once the user is enrolled", "TestS2_ChallengesOfAnEnrolledUserFireNothing"},
	{"S2", "notified when the UserCategory of a user changes", "TestS2_PlatformsAreNotifiedWhenTheCategoryChanges"},
	{"S2", "PAYER or PLATFORM is only possible by Mangopay", "TestS2_PayerOrPlatformIsOnlyPossibleByMangopay"},
	{"S2", "Changing OWNER users to PAYER is sometimes performed by Mangopay", "TestS2_MangopaySometimesMakesAnOwnerAPayer"},
	{"S2", "Changing OWNER to PLATFORM is sometimes necessary", "TestS2_MangopaySometimesMakesAnOwnerAPlatform"},
	{"S2", "only triggered when the value is changed; not triggered by user creation", "TestS2_CategoryEventsAreOnlyFiredByAChangeNeverByCreation"},
	{"S2", "an anti-fraud rule in Production; applies regardless of whether UserCategory is PAYER or OWNER", "TestS2_TheFakeNameRuleAppliesToOwnersAndPayers"},
	{"S2", "only active in the Production environment, not Sandbox", "TestS2_TheFakeNameRuleIsNotActiveInSandbox"},
	{"S2", "targets fictitious and fake names, gibberish, keywords", "TestS2_TheFakeNameRuleTargetsFictitiousNamesGibberishAndKeywords"},
	{"S2", "fields of natural and legal users, SCA and legacy; eight endpoints", "TestS2_TheFakeNameRuleAppliesToTheEightEndpointsAndTheirFields"},
	{"S2", "002702 – PAYER cannot receive transfers from OWNER", "TestS2_AnOwnersTransferToAPayerFailsWith002702"},

	{"S3", "a User must have the UserCategory of OWNER", "TestS3_ASessionNeedsAnOwner"},
	{"S3", "OWNER requires additional basic information and enrolment in SCA", "TestS3_OwnersProvideMoreAndEnrolInSCA"},
	{"S3", "in Sandbox, bypass SCA by the word accept in the Email or LegalRepresentative.Email", "TestS3_AcceptInTheEmailBypassesSCAInSandbox"},
	{"S3", "available for Natural User, Legal Business, Soletrader, Organization", "TestS3_TheSolutionIsAvailableForTheseTypes"},
	{"S3", "names must match the ID that will be used", "TestS3_TheThreeIdentityChecksRefuseTheSessionByThemselves"},
	{"S3", "a simulator replicates the checks and their outcomes, and the liveness check", "TestS3_TheSimulatorReplicatesEachCheckAndItsOutcomes"},
	{"S3", "must include a ReturnUrl", "TestS3_ReturnUrlMustBeIncluded"},
	{"S3", "HostedUrl is the URL for the unique session, with ReturnUrl encoded and appended", "TestS3_HostedUrlIsUniqueAndHoldsTheReturnUrlEncoded"},
	{"S3", "PENDING emits IDENTITY_VERIFICATION_PENDING with the session Id", "TestS3_ANewSessionIsPendingAndSaysSo"},
	{"S3", "valid for 24 hours before it expires", "TestS3_TheLinkIsValidForTwentyFourHoursWhichChangesNoStatusAndFiresNothing"},
	{"S3", "Status remains PENDING regardless of whether the session has been started", "TestS3_TheStatusStaysPendingWhetherOrNotThePageWasOpened"},
	{"S3", "redirects to ReturnUrl; the outcome is not returned immediately, even in the case of automatic processing", "TestS3_OnceCompletedThePageRedirectsToTheReturnUrlBeforeTheOutcomeIsKnown"},
	{"S3", "VALIDATED: KYCLevel changed to REGULAR and verified data updated", "TestS3_ValidatedMakesTheUserRegularAndUpdatesItsData"},
	{"S3", "REFUSED: a new session must be created", "TestS3_RefusedIsFinalAndANewSessionIsNeeded"},
	{"S3", "REVIEW: temporary, legal users only, then REFUSED or VALIDATED", "TestS3_ReviewIsATemporaryStateOfLegalUsersOnly"},
	{"S3", "View returns the verified data points; for REFUSED which Checks failed and why", "TestS3_ViewReturnsVerifiedDataAndRefusedChecksWithReasons"},
	{"S3", "List shows key details about all the sessions of a user", "TestS3_ListShowsKeyDetailsOfAllSessionsOfAUser"},
	{"S3", "the state machine", "TestS3_NoStatusLeadsAnywhereElse"},
	{"S3", "the event types", "TestS3_TheFiveEventTypesNameTheStatusesDifferently"},
	{"S3", "Refusal (automated): three checks; data may be returned, no action; KYCLevel remains LIGHT; Reasons with preset Value", "TestS3_TheThreeIdentityChecksRefuseTheSessionByThemselves"},
	{"S3", "Review (manual): BUSINESS_VERIFICATION, BUSINESS_INSIGHTS_MATCH (Business), BUSINESS_NAME_MATCH (Soletrader); data not overwritten yet", "TestS3_TheBusinessChecksSendASessionToReviewAndNeverRefuseIt"},
	{"S3", "Success (manual): overwritten, REGULAR, checks not updated", "TestS3_AManualSuccessOverwritesTheDataAndLeavesTheChecksRefused"},
	{"S3", "Refusal (manual): no action, LIGHT, Reasons get a custom message; the entire session must be retried", "TestS3_AManualRefusalUpdatesTheChecksWithACustomMessage"},
	{"S3", "Downgrade: OUT_OF_DATE, KYCLevel from REGULAR to LIGHT, another session is needed", "TestS3_ADowngradeMakesTheSessionOutOfDateAndTheUserLight"},
	{"S3", "Verified data: the property that each Data.Type overwrites, even of another individual", "TestS3_EveryDataPointOverwritesItsProperty"},
	{"S3", "additional documents: IDENTITY_PROOF and ADDRESS_PROOF, which becomes VALIDATED automatically", "TestS3_AFurtherDocumentOfAnyKindIsAddressProofWhichIsValidatedAutomatically"},

	{"S4", "a GET HTTP call with query parameters EventType, RessourceId, Date", "TestS4_ANotificationIsAGETWithTheThreeParameters"},
	{"S4", "the API returns the Hook object and its HookId", "TestS4_ACreatedHookIsEnabledAndValid"},
	{"S4", "sent when the event type occurs for a specific resource", "TestS4_ANotificationIsSentWhenTheEventOccursForTheResource"},
	{"S4", "PENDING_USER_ACTION; ACTIVE and USER_ACCOUNT_ACTIVATED when the SCA session is completed; GET confirms", "TestS4_UserAccountActivatedFollowsTheSCASessionThatTheEndpointTriggered"},
	{"S4", "HTTP 200 response", "TestS4_OnlyAnAnswerOf200IsASuccess"},
	{"S4", "within 2 seconds", "TestS4_AnAnswerThatTakesLongerThanTwoSecondsIsAFailure"},
	{"S4", "a TLS 1.2 certificate; self-signed certificates may be rejected", "TestS4_AReceiverWithASelfSignedCertificateIsRejected"},
	{"S4", "after 1 successful notification any retries continue", "TestS4_AfterOneSuccessTheRetriesOfOthersContinue"},
	{"S4", "every 10 minutes for the first hour, every 8 hours for the next 3 days", "TestS4_ANotificationIsRetriedEveryTenMinutesForAnHourAndThenEveryEightHoursForThreeDays"},
	{"S4", "e-mails at 10, 20 … 100; at 100 INVALID and nothing more is sent", "TestS4_AHundredConsecutiveFailuresWarnTenTimesAndMakeTheHookInvalid"},
	{"S4", "reset by 1 success; changing the Url does not reset", "TestS4_OneSuccessResetsTheCounterAndANewUrlDoesNot"},
	{"S4", `PUT {"Validity": "VALID"}, for future notifications`, "TestS4_AnInvalidHookIsResetToValidByPut"},
	{"S4", "disable and re-enable", "TestS4_ADisabledHookReceivesNothingUntilItIsEnabled"},
	{"S4", "a test notification from the Dashboard", "TestS4_TheDashboardsTestIsSentWithoutAResource"},
}

// sentenceTests are the names of the tests that hold a sentence, as they stand in the files of this package.
func sentenceTests(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	found := map[string]bool{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			if fn, is := d.(*ast.FuncDecl); is && strings.HasPrefix(fn.Name.Name, "TestS") && strings.Contains(fn.Name.Name, "_") {
				found[fn.Name.Name] = true
			}
		}
	}
	return found
}

func TestEverySentenceHasItsTestAndEveryTestItsSentence(t *testing.T) {
	t.Parallel()
	found, used := sentenceTests(t), map[string]bool{}
	for _, s := range sentences {
		assert.True(t, found[s.test], "%s %q: there is no %s", s.source, s.sentence, s.test)
		assert.True(t, strings.HasPrefix(s.test, "Test"+s.source+"_"), s.test)
		used[s.test] = true
	}
	for name := range found {
		assert.True(t, used[name], "%s holds no sentence of the table", name)
	}
}
