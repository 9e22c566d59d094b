//go:build darwin || dragonfly || freebsd || linux

package embedded

import "syscall"

// diskRoom is how many bytes are left, for others than the superuser too, in the file system of a directory, and how many
// there are.
func diskRoom(dir string) (left, size int64, err error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, 0, err
	}
	block := int64(fs.Bsize) //nolint:unconvert // its type differs between systems
	return int64(fs.Bavail) * block, int64(fs.Blocks) * block, nil
}
