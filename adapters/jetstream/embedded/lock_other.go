//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package embedded

import (
	"errors"
	"os"
)

// flock refuses: two servers in one directory would destroy the log, and nothing here can keep them apart.
func flock(*os.File) error {
	return errors.New("this system has no lock that ends with its process: run a NATS server beside hookfold")
}
