package sender

import "errors"

// The errors of what callers ask of hooks. None shows what was given.
var (
	// ErrConfig says that a Config or Faults cannot be used.
	ErrConfig = errors.New("sender: the configuration cannot be used")
	// ErrTaken says that there is a hook for the EventType already: one for each, and none can be deleted.
	ErrTaken = errors.New("sender: a hook has already been registered for this EventType")
	// ErrURL says that a Url is not one that can be notified.
	ErrURL = errors.New("sender: the Url must be http or https, name a host and have at most 255 characters")
	// ErrEventType says that an EventType cannot be one of the provider's.
	ErrEventType = errors.New("sender: the EventType must be given, in at most 128 characters, and be none of Hookfold's own")
	// ErrTag says that a Tag is too long.
	ErrTag = errors.New("sender: the Tag must have at most 255 characters")
	// ErrStatus says that a Status is none.
	ErrStatus = errors.New("sender: the Status must be ENABLED or DISABLED")
	// ErrValidity says that a Validity cannot be set: the provider alone makes a hook INVALID (S4).
	ErrValidity = errors.New("sender: the Validity can be set to VALID only")
	// ErrUnknown says that no hook has the id.
	ErrUnknown = errors.New("sender: there is no hook with this id")
)
