// Package hook is what we know of one of our own hooks at the provider: its Validity as a machine, the run of
// consecutive failures as a [Counter] around it, and the times of the provider's retries ([Schedule]). All of it is S4
// (the webhooks guide): an e-mail at every 10th consecutive failure, INVALID at the 100th, back to zero on one success.
//
// The count is a lower bound in an outage, since a delivery that never reached us was not counted by us: a counter
// says so by Estimate, and what the API reads always wins.
//
// A hook has two more attributes that are no machine. Status (ENABLED or DISABLED) is set by whoever owns the hook, in
// both directions and at any time, and moves neither validity nor counter; the last reading of it stands. The same
// holds for Url: S4 says that changing it does not reset the counter.
package hook
