// Package views holds Hookfold's own read models over the provider's notifications: identity verification sessions,
// users, and the provider's hooks to us. They are plain values of projections.Model and use nothing that a model of
// your own could not. Decisions such as MayReceiveFromOwner are pure functions on the views.
package views

import "github.com/hookfold/hookfold/projections"

// All lists the models of this package.
func All() []projections.AnyModel { return []projections.AnyModel{Sessions, Users, Hooks} }
