package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrInUse says that the directory belongs to another running server.
var ErrInUse = errors.New("another hookfold uses this directory: stop it, or name another directory")

// lockName is the file in the directory that carries the lock. It stays; only the lock goes.
const lockName = "hookfold.lock"

// lockDir makes the directory and takes it for this server. The lock lasts until the file is closed or the process
// ends, however it ends.
func lockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("embedded: making the directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("embedded: opening the lock: %w", err)
	}
	if err := flock(f); err != nil {
		held := holder(f)
		return nil, errors.Join(fmt.Errorf("embedded: %s%s: %w", dir, held, err), f.Close())
	}
	if err := sign(f); err != nil {
		return nil, errors.Join(fmt.Errorf("embedded: writing the lock: %w", err), f.Close())
	}
	return f, nil
}

// sign writes who holds the lock, for the one who is refused.
func sign(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// holder reads who holds the lock.
func holder(f *os.File) string {
	raw, _ := io.ReadAll(io.LimitReader(f, 20))
	if pid := strings.TrimSpace(string(raw)); pid != "" {
		return " (process " + pid + ")"
	}
	return ""
}
