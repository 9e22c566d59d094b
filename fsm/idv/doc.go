// Package idv is the machine of one hosted identity verification session: what its Status is after each of the
// provider's events, and why. It holds no clock: that a link is valid for 24 hours is a number here ([LinkValidity])
// and a flag in the read model, because the documents give it neither a status nor an event.
//
// The arrows are those of S3 (the hosted IDV guide). The EXPIRED state and its event are younger than S3; they are
// declared, so that nothing the provider says today is unknown, and each of their reasons says that S3 lacks them.
// The table is read for an event that is newer than the state: what only arrives late is sorted before it is judged.
package idv
