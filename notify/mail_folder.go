package notify

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// folder writes each mail as a file, for trying out and for who has no mail
// server. The names sort by time.
type folder struct {
	dir    string
	sender mail.Address
	count  atomic.Int64
}

func openFolder(dir string, sender mail.Address) (*folder, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("the folder for mail cannot be made: %w", err)
	}
	return &folder{dir: dir, sender: sender}, nil
}

func (f *folder) Sender() mail.Address { return f.sender }

// Send writes the file under another name first, so that whoever looks for
// *.eml finds whole mails alone.
func (f *folder) Send(_ context.Context, m Message) error {
	content, err := bytesOf(m, f.sender)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s-%06d-%s", m.Date.UTC().Format("20060102T150405.000Z"), f.count.Add(1), strings.ToLower(rand.Text()[:8]))
	draft := filepath.Join(f.dir, "."+name+".tmp")
	if err := writeDurably(draft, content); err != nil {
		os.Remove(draft)
		return err
	}
	if err := os.Rename(draft, filepath.Join(f.dir, name+".eml")); err != nil {
		return err
	}
	return syncFolder(f.dir)
}

func writeDurably(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	return err
}

// syncFolder makes the new name survive a power cut.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
