package blob

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Store keeps blobs in a directory, one file a blob under its root. Files appear whole or not at all. It is safe for
// concurrent use by one process.
type Store struct {
	dir   string
	quota uint64
	mu    sync.Mutex
	// pins counts who still needs a blob; a pinned blob is never evicted.
	pins map[Root]int
}

// NewStore opens or creates a store that holds at most quota bytes; 0 means no limit.
func NewStore(dir string, quota uint64) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("blob store: %w", err)
	}
	leftovers, err := filepath.Glob(filepath.Join(dir, "*", "*.part-*"))
	if err != nil {
		return nil, fmt.Errorf("blob store: %w", err)
	}
	for _, leftover := range leftovers {
		if err := os.Remove(leftover); err != nil {
			return nil, fmt.Errorf("blob store: remove what a crash left: %w", err)
		}
	}
	return &Store{dir: dir, quota: quota, pins: make(map[Root]int)}, nil
}

func (s *Store) path(root Root) string {
	name := root.String()
	return filepath.Join(s.dir, name[:2], name)
}

// Has tells whether the blob is there.
func (s *Store) Has(root Root) bool {
	_, err := os.Stat(s.path(root))
	return err == nil
}

// Get reads a blob and marks it as used.
func (s *Store) Get(root Root) ([]byte, error) {
	raw, err := os.ReadFile(s.path(root))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, root)
	}
	if err != nil {
		return nil, fmt.Errorf("read blob: %w", err)
	}
	now := time.Now()
	// The time only orders evictions; a file system that refuses it costs nothing else.
	_ = os.Chtimes(s.path(root), now, now)
	return raw, nil
}

// Open opens a blob for reading.
func (s *Store) Open(root Root) (*os.File, error) {
	file, err := os.Open(s.path(root))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, root)
	}
	return file, err
}

// Put stores contents that the caller has verified under their root, durably. It evicts unpinned blobs, the longest
// unused first, when the quota demands it.
func (s *Store) Put(root Root, raw []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Has(root) {
		return nil
	}
	if err := s.makeRoom(uint64(len(raw))); err != nil {
		return err
	}
	path := s.path(root)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("store blob: %w", err)
	}
	return writeAtomic(path, raw)
}

func writeAtomic(path string, raw []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part-*")
	if err != nil {
		return fmt.Errorf("store blob: %w", err)
	}
	_, err = file.Write(raw)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("store blob: %w", err), os.Remove(file.Name()))
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("store blob: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Pin keeps blobs from eviction until Unpin is called as often.
func (s *Store) Pin(roots ...Root) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, root := range roots {
		s.pins[root]++
	}
}

// Unpin takes one pin of each root back.
func (s *Store) Unpin(roots ...Root) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, root := range roots {
		if s.pins[root]--; s.pins[root] <= 0 {
			delete(s.pins, root)
		}
	}
}

// Delete removes a blob; one that is not there is no error.
func (s *Store) Delete(root Root) error {
	if err := os.Remove(s.path(root)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete blob: %w", err)
	}
	return nil
}

type stored struct {
	root Root
	size uint64
	used time.Time
}

// Usage is the number of bytes in the store.
func (s *Store) Usage() (uint64, error) { return Usage(s.dir) }

// Usage is the number of bytes in the store of a directory, 0 if there is none.
func Usage(dir string) (uint64, error) {
	blobs, err := list(dir)
	total := uint64(0)
	for _, b := range blobs {
		total += b.size
	}
	return total, err
}

func list(dir string) ([]stored, error) {
	var blobs []stored
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // Not made yet, or evicted meanwhile.
		}
		if err != nil || entry.IsDir() || strings.Contains(entry.Name(), ".part-") {
			return err
		}
		root, err := ParseRootHex(entry.Name())
		if err != nil {
			return nil // Not a blob: names of results live beside them.
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		blobs = append(blobs, stored{root, uint64(info.Size()), info.ModTime()})
		return nil
	})
	return blobs, err
}

func (s *Store) makeRoom(size uint64) error {
	if s.quota == 0 {
		return nil
	}
	blobs, err := list(s.dir)
	if err != nil {
		return fmt.Errorf("blob store: %w", err)
	}
	total := size
	for _, b := range blobs {
		total += b.size
	}
	slices.SortFunc(blobs, func(a, b stored) int { return a.used.Compare(b.used) })
	for _, b := range blobs {
		if total <= s.quota {
			return nil
		}
		if s.pins[b.root] > 0 {
			continue
		}
		if err := s.Delete(b.root); err != nil {
			return err
		}
		total -= b.size
	}
	if total > s.quota {
		return fmt.Errorf("%w: %d bytes needed, %d allowed: raise the quota or finish jobs", ErrQuota, total, s.quota)
	}
	return nil
}
