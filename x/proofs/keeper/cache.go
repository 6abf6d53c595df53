package keeper

import (
	"crypto/sha256"
	"sync"

	"github.com/assaychain/assay/x/proofs/internal/groth16"
)

// keyCache holds parsed keys by the hash of their bytes. It is derived data: with or without it results are the same,
// only parsing costs as much as a verification. It is safe for concurrent use, since queries run beside blocks.
type keyCache struct {
	mu    sync.Mutex
	limit int
	keys  map[[sha256.Size]byte]*groth16.VerifyingKey
}

func newKeyCache(limit int) *keyCache {
	return &keyCache{limit: limit, keys: make(map[[sha256.Size]byte]*groth16.VerifyingKey)}
}

// get returns the parsed key of its bytes. A full cache starts over, which costs time and nothing else.
func (c *keyCache) get(raw []byte) (*groth16.VerifyingKey, error) {
	hash := sha256.Sum256(raw)
	c.mu.Lock()
	defer c.mu.Unlock()
	if key, known := c.keys[hash]; known {
		return key, nil
	}
	key, err := groth16.ParseVerifyingKey(raw)
	if err != nil {
		return nil, err
	}
	if len(c.keys) >= c.limit {
		c.keys = make(map[[sha256.Size]byte]*groth16.VerifyingKey)
	}
	c.keys[hash] = key
	return key, nil
}
