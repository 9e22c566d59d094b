package snapshot

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// unfinished names files that are being written.
const unfinished = ".snapshot-"

// prepare makes the folder and takes away what a killed process left in it.
func prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	files, err := os.ReadDir(dir)
	for _, f := range files {
		if strings.HasPrefix(f.Name(), unfinished) {
			err = errors.Join(err, os.Remove(filepath.Join(dir, f.Name())))
		}
	}
	return err
}

// replace puts new content into a file at one instant: a reader, and whoever comes after a power cut, finds the old one
// or the new one, whole.
func replace(ctx context.Context, file string, content func(*writer) error) (size int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(file), unfinished+"*")
	if err != nil {
		return 0, err
	}
	w := newWriter(f)
	err = content(w)
	if err == nil {
		err = w.finish()
	}
	err = errors.Join(err, f.Sync(), f.Close(), ctx.Err())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error tells more
		return 0, err
	}
	return w.size, syncDir(filepath.Dir(file))
}

// syncDir makes a rename last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
