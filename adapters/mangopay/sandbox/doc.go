// Package sandbox is a stand-in for the provider.
package sandbox
