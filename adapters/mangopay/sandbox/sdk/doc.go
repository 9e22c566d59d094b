// Package sdk runs the provider's official SDKs against the sandbox: they are the check of it that shares nothing with us.
//
// It has no code of its own to import. Its tests start a sandbox on real HTTP, point an SDK at it by the base URL alone, run
// the SDK's own tests and, for Node, checks of ours, and tally the results by service. README.md beside this file has the
// commands and the last figures. Without being asked by an environment variable they run none of it, because they need
// Node, PHP, Ruby or Python; .ci/run asks for Node.
package sdk
