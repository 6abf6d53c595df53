package drand

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/assaychain/assay/x/beacon/drand/devkey"
)

// keyFileMode lets the owner alone read the key: who reads it knows every future round.
const keyFileMode = 0o600

// LoadOrCreateKey reads a development beacon's key from a file, or makes a fresh key and writes it there if the file does
// not exist. The file holds the seed as 64 hexadecimal digits; one that others may read or write is refused.
func LoadOrCreateKey(path string) (*devkey.Key, error) {
	key, err := LoadKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		return createKey(path)
	}
	return key, err
}

// LoadKey reads a development beacon's key from a file; errors wrap fs.ErrNotExist if there is none.
func LoadKey(path string) (*devkey.Key, error) {
	state, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("beacon key: %w", err)
	}
	if mode := state.Mode().Perm(); mode&^keyFileMode != 0 {
		return nil, fmt.Errorf("beacon key %s: permissions are %04o: others must not have access, run chmod 0600", path, mode)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("beacon key: %w", err)
	}
	seed, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("beacon key %s: it must hold %d hexadecimal digits", path, 2*devkey.SeedSize)
	}
	key, err := devkey.FromSeed(seed)
	if err != nil {
		return nil, fmt.Errorf("beacon key %s: %w", path, err)
	}
	return key, nil
}

func createKey(path string) (*devkey.Key, error) {
	seed := make([]byte, devkey.SeedSize)
	if _, err := rand.Read(seed); err != nil {
		return nil, fmt.Errorf("beacon key: draw a seed: %w", err)
	}
	key, err := devkey.FromSeed(seed)
	if err != nil {
		return nil, err
	}
	// O_EXCL: a key that appeared meanwhile is somebody's, and losing it would end their chain.
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, keyFileMode)
	if err != nil {
		return nil, fmt.Errorf("beacon key: %w", err)
	}
	_, err = file.WriteString(hex.EncodeToString(seed) + "\n")
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return nil, fmt.Errorf("beacon key: write %s: %w", path, err)
	}
	return key, nil
}
