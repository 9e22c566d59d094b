package main

import (
	"fmt"
	"runtime/debug"
)

// versionCmd prints the version.
type versionCmd struct{}

// Run prints the module's version and the commit it was built from, as far as the build knows them.
func (versionCmd) Run(e env) error {
	version, commit := release(), ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = " " + s.Value
			}
		}
		version += commit + " " + info.GoVersion
	}
	_, err := fmt.Fprintln(e.out, "hookfold", version)
	return err
}

// release is the module's version.
func release() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
