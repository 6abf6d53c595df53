package keeper

import (
	"crypto/sha256"
	"sync"
)

// keyCache holds parsed keys by the hash of their bytes. It is derived data: with or without it results are the same,
// only parsing costs as much as a verification. It is safe for concurrent use, since queries run beside blocks.
type keyCache[K any] struct {
	mu    sync.Mutex
	limit int
	parse func(raw []byte) (*K, error)
	keys  map[[sha256.Size]byte]*K
}

func newKeyCache[K any](limit int, parse func(raw []byte) (*K, error)) *keyCache[K] {
	return &keyCache[K]{limit: limit, parse: parse, keys: make(map[[sha256.Size]byte]*K)}
}

// get returns the parsed key of its bytes. A full cache starts over, which costs time and nothing else.
func (c *keyCache[K]) get(raw []byte) (*K, error) {
	hash := sha256.Sum256(raw)
	c.mu.Lock()
	defer c.mu.Unlock()
	if key, known := c.keys[hash]; known {
		return key, nil
	}
	key, err := c.parse(raw)
	if err != nil {
		return nil, err
	}
	if len(c.keys) >= c.limit {
		c.keys = make(map[[sha256.Size]byte]*K)
	}
	c.keys[hash] = key
	return key, nil
}
