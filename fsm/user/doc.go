// Package user is the five independent regions of one user, each a machine of its own: account status, category, KYC
// level with its renewal, SCA enrolment with its last attempt, and the blocks of inflows and outflows (two machines of
// one shape). An event moves one region only; that a category change usually comes with a new status is two events.
//
// The arrows come from S2 (the API changelog of SCA enrolment and user categories), S3 (KYC levels), S4 (account
// activation) and from the provider's guides where those three are silent. Creation is silent for most regions, so the
// state "" (nothing known) is normal and never a default.
package user
