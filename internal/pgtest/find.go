package pgtest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
)

// places are where the programs of a server may stand: Debian keeps each version apart.
const places = "/usr/lib/postgresql/*/bin"

// binaries finds the folder of the newest server that is installed, and installs Debian's where there is none and we may.
func binaries(ctx context.Context) (string, error) {
	if bin := newest(); bin != "" {
		return bin, nil
	}
	apt, err := exec.LookPath("apt-get")
	if err == nil && os.Getuid() == 0 {
		for _, args := range [][]string{{"update", "-qq"}, {"install", "-y", "-qq", "--no-install-recommends", "postgresql"}} {
			cmd := exec.CommandContext(ctx, apt, args...)
			cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
			if out, err := cmd.CombinedOutput(); err != nil {
				return "", fmt.Errorf("pgtest: apt-get %s: %w\n%s", args[0], err, out)
			}
		}
		if bin := newest(); bin != "" {
			return bin, nil
		}
	}
	return "", fmt.Errorf("pgtest: these tests need PostgreSQL: install the package postgresql, or name a database in %s", Env)
}

// newest is the folder of the newest server; "" where there is none.
func newest() string {
	found, _ := filepath.Glob(places + "/initdb") // the pattern is a good one
	if len(found) == 0 {
		if initdb, err := exec.LookPath("initdb"); err == nil {
			return filepath.Dir(initdb)
		}
		return ""
	}
	latest := slices.MaxFunc(found, func(a, b string) int { return cmp.Compare(version(a), version(b)) })
	return filepath.Dir(latest)
}

// version is the number in a path of Debian's.
func version(path string) float64 {
	n, _ := strconv.ParseFloat(filepath.Base(filepath.Dir(filepath.Dir(path))), 64)
	return n
}

// unprivileged is a user who may run a server.
func unprivileged() (uid, gid uint32, err error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		id, first := strconv.ParseUint(u.Uid, 10, 32)
		group, second := strconv.ParseUint(u.Gid, 10, 32)
		if first == nil && second == nil {
			return uint32(id), uint32(group), nil
		}
	}
	return 0, 0, fmt.Errorf("pgtest: PostgreSQL does not run as root, and there is no user postgres or nobody: run the tests as another user")
}
