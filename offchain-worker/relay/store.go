package relay

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/assaychain/assay/x/market/box"
)

// Store keeps boxes in a directory until their receipts expire. A file is named by its parcel and expiry, and appears whole or not at
// all, so that what is there after a crash is what was promised. It is safe for concurrent use by one process.
type Store struct {
	dir   string
	quota uint64
	mu    sync.Mutex
	held  map[Parcel]holding
	used  uint64
}

// holding is one box on the disk.
type holding struct {
	bytes   uint64
	expires int64
}

// OpenStore opens or creates a store that holds at most quota bytes.
func OpenStore(dir string, quota uint64) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("relay store: %w", err)
	}
	s := &Store{dir: dir, quota: quota, held: make(map[Parcel]holding)}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("relay store: %w", err)
	}
	for _, file := range files {
		parcel, expires, ok := parseName(file.Name())
		if !ok {
			if strings.Contains(file.Name(), ".part-") {
				if err := os.Remove(filepath.Join(dir, file.Name())); err != nil {
					return nil, fmt.Errorf("relay store: remove what a crash left: %w", err)
				}
			}
			continue
		}
		info, err := file.Info()
		if err != nil {
			return nil, fmt.Errorf("relay store: %w", err)
		}
		s.held[parcel] = holding{uint64(info.Size()), expires}
		s.used += uint64(info.Size())
	}
	return s, nil
}

func fileName(p Parcel, expires int64) string {
	return fmt.Sprintf("%d-%d-%x-%d.box", p.Job, p.Draw, p.Root, expires)
}

func parseName(name string) (Parcel, int64, bool) {
	parts := strings.Split(strings.TrimSuffix(name, ".box"), "-")
	if len(parts) != 4 || !strings.HasSuffix(name, ".box") {
		return Parcel{}, 0, false
	}
	p, err := ParseParcel(parts[0], parts[1], parts[2])
	expires, err2 := strconv.ParseInt(parts[3], 10, 64)
	return p, expires, errors.Join(err, err2) == nil && fileName(p, expires) == name
}

// Expires is until when a box is promised; false when it isn't here.
func (s *Store) Expires(p Parcel) (int64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held, ok := s.held[p]
	return held.expires, ok
}

// Used is how many bytes are held.
func (s *Store) Used() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used
}

// maxRoots is how many boxes of one job and draw are kept: a worker that has lost its journal seals once more. Each root that a worker
// makes up would cost a whole box of the disk otherwise.
const maxRoots = 2

// Check tells why a box of so many bytes would not be kept now; the error wraps ErrFull or ErrManyRoots.
func (s *Store) Check(p Parcel, bytes uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.check(p, bytes)
}

// check is Check under the lock.
func (s *Store) check(p Parcel, bytes uint64) error {
	others := 0
	for other := range s.held {
		if other.Job == p.Job && other.Draw == p.Draw && other.Root != p.Root {
			others++
		}
	}
	if others >= maxRoots {
		return fmt.Errorf("%w: %d are kept of job %d in draw %d", ErrManyRoots, maxRoots, p.Job, p.Draw)
	}
	if s.used+bytes > s.quota {
		return fmt.Errorf("%w: %d bytes more than its %d", ErrFull, s.used+bytes-s.quota, s.quota)
	}
	return nil
}

// Put keeps a box, durably, until a Unix second. One that is here stays as it is.
func (s *Store) Put(p Parcel, raw []byte, expires int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, here := s.held[p]; here {
		return nil
	}
	if err := s.check(p, uint64(len(raw))); err != nil {
		return err
	}
	if err := writeWhole(filepath.Join(s.dir, fileName(p, expires)), raw); err != nil {
		return err
	}
	s.held[p] = holding{uint64(len(raw)), expires}
	s.used += uint64(len(raw))
	return nil
}

// Extend keeps a box until a later Unix second, durably, and returns until when it is kept: never shorter than before. The error of a
// box that isn't here wraps ErrNoBox.
func (s *Store) Extend(p Parcel, expires int64) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held, here := s.held[p]
	switch {
	case !here:
		return 0, fmt.Errorf("%w: job %d, draw %d", ErrNoBox, p.Job, p.Draw)
	case expires <= held.expires:
		return held.expires, nil
	}
	if err := os.Rename(filepath.Join(s.dir, fileName(p, held.expires)), filepath.Join(s.dir, fileName(p, expires))); err != nil {
		return 0, fmt.Errorf("relay store: %w", err)
	}
	s.held[p] = holding{held.bytes, expires}
	return expires, syncDir(s.dir)
}

// writeWhole writes a file so that it is there with all its bytes or not at all.
func writeWhole(path string, raw []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part-*")
	if err != nil {
		return fmt.Errorf("relay store: %w", err)
	}
	_, err = file.Write(raw)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("relay store: %w", err), os.Remove(file.Name()))
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes the names in a directory durable.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("relay store: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Open opens a box for reading.
func (s *Store) Open(p Parcel) (*os.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held, here := s.held[p]
	if !here {
		return nil, fmt.Errorf("%w: job %d, draw %d", ErrNoBox, p.Job, p.Draw)
	}
	return os.Open(filepath.Join(s.dir, fileName(p, held.expires)))
}

// Root reads a box that is here and computes its root again.
func (s *Store) Root(p Parcel, layout box.Layout) (box.Hash, error) {
	file, err := s.Open(p)
	if err != nil {
		return box.Hash{}, err
	}
	raw, err := io.ReadAll(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return box.Hash{}, fmt.Errorf("relay store: %w", err)
	}
	chunks, err := layout.Cut(raw)
	if err != nil {
		return box.Hash{}, err
	}
	return box.Root(chunks), nil
}

// Expired lists the boxes whose receipts have expired.
func (s *Store) Expired(now time.Time) []Parcel {
	s.mu.Lock()
	defer s.mu.Unlock()
	var over []Parcel
	for p, held := range s.held {
		if held.expires < now.Unix() {
			over = append(over, p)
		}
	}
	return over
}

// Delete removes a box that has expired; one that is not there, or was extended meanwhile, is no error.
func (s *Store) Delete(p Parcel, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	held, here := s.held[p]
	if !here || held.expires >= now.Unix() {
		return nil
	}
	if err := os.Remove(filepath.Join(s.dir, fileName(p, held.expires))); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("relay store: %w", err)
	}
	delete(s.held, p)
	s.used -= held.bytes
	return nil
}
