package mangopay

import "github.com/hookfold/hookfold/events"

// The event types that move a machine. The name of an event is not always the name of the status that it leads to:
// FAILED leads to REFUSED, INCONCLUSIVE to REVIEW and OUTDATED to OUT_OF_DATE (S3).
const (
	IdentityVerificationPending      events.Type = "IDENTITY_VERIFICATION_PENDING"
	IdentityVerificationInconclusive events.Type = "IDENTITY_VERIFICATION_INCONCLUSIVE"
	IdentityVerificationValidated    events.Type = "IDENTITY_VERIFICATION_VALIDATED"
	IdentityVerificationFailed       events.Type = "IDENTITY_VERIFICATION_FAILED"
	IdentityVerificationOutdated     events.Type = "IDENTITY_VERIFICATION_OUTDATED"
	IdentityVerificationExpired      events.Type = "IDENTITY_VERIFICATION_EXPIRED"
	IdentityVerificationTimeout      events.Type = "IDENTITY_VERIFICATION_TIMEOUT" // read as EXPIRED (fold rule 8)

	UserAccountValidationAsked events.Type = "USER_ACCOUNT_VALIDATION_ASKED"
	UserAccountActivated       events.Type = "USER_ACCOUNT_ACTIVATED"
	UserAccountClosed          events.Type = "USER_ACCOUNT_CLOSED"

	UserCategoryUpdatedToOwner    events.Type = "USER_CATEGORY_UPDATED_TO_OWNER"
	UserCategoryUpdatedToPayer    events.Type = "USER_CATEGORY_UPDATED_TO_PAYER"
	UserCategoryUpdatedToPlatform events.Type = "USER_CATEGORY_UPDATED_TO_PLATFORM"

	UserKYCLight           events.Type = "USER_KYC_LIGHT"
	UserKYCRegular         events.Type = "USER_KYC_REGULAR"
	UserKYCRenewalRequired events.Type = "USER_KYC_RENEWAL_REQUIRED"
	UserKYCRenewed         events.Type = "USER_KYC_RENEWED"

	SCAEnrollmentSucceeded events.Type = "SCA_ENROLLMENT_SUCCEEDED"
	SCAEnrollmentFailed    events.Type = "SCA_ENROLLMENT_FAILED"
	SCAEnrollmentExpired   events.Type = "SCA_ENROLLMENT_EXPIRED"

	UserInflowsBlocked    events.Type = "USER_INFLOWS_BLOCKED"
	UserInflowsUnblocked  events.Type = "USER_INFLOWS_UNBLOCKED"
	UserOutflowsBlocked   events.Type = "USER_OUTFLOWS_BLOCKED"
	UserOutflowsUnblocked events.Type = "USER_OUTFLOWS_UNBLOCKED"
)
