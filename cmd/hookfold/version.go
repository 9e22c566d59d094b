package main

import (
	"fmt"
	"runtime/debug"
)

// versionCmd prints the version.
type versionCmd struct{}

// Run prints the module's version and the commit it was built from, as far as the build knows them.
func (versionCmd) Run(e env) error {
	version, commit := "(devel)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			version = info.Main.Version
		}
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
