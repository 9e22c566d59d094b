//go:build !(darwin || dragonfly || freebsd || linux)

package embedded

import "errors"

// diskRoom cannot be told here.
func diskRoom(string) (left, size int64, err error) { return 0, 0, errors.ErrUnsupported }
