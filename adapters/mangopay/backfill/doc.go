// Package backfill brings into the log what the provider's notifications did not: it reads the provider's list of past
// events, type by type, and appends what the log does not hold.
//
// Nothing is promised of events that were missed while a hook was INVALID or DISABLED, or after the provider's last retry
// (S4); its list of events goes back 45 days. The list is read in a way that does not rely on what is not documented of it:
//
//   - One request is one moment. A window of time that has more than one page is split until each part has one, so that no
//     row can slip from page to page. Only where one second alone fills several pages they are read again and again, until
//     nothing new is found.
//   - Its order is not relied on: rows are sorted here, by date, type and id.
//   - Whether its bounds are part of the window is not known, and events are listed some seconds late: windows overlap.
//   - A row is a claim as a notification is one, with the same identity. What the log holds is not appended again, and what
//     is appended has the origin events.Backfill, so that it is no success of a hook (fold rule 23).
//
// What is listed exists for sure, which a notification does not prove: Config.Listed takes the Vouch of a Confirmer, which then
// asks for it before it asks for what a forger may have made up.
//
// How far a type is in is a [Mark], saved when what is before it is durable: an interrupted run goes on from there. What lies
// further back than the list goes is not listed; [Reconciler] reads the known users and their sessions again instead.
package backfill
