package customer

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"

	"golang.org/x/crypto/nacl/box"
)

// KeyPair is an X25519 key pair to which results of one job are sealed, 32 bytes each half.
type KeyPair struct {
	Key    []byte `json:"key"`
	Secret []byte `json:"secret"`
}

// newKeyPair makes a fresh pair.
func newKeyPair() (KeyPair, error) {
	public, secret, err := box.GenerateKey(rand.Reader)
	if err != nil {
		return KeyPair{}, fmt.Errorf("make delivery key: %w", err)
	}
	return KeyPair{Key: public[:], Secret: secret[:]}, nil
}

// Keyring holds the delivery keys of one job.
type Keyring interface {
	// Secret is the secret half of a key; nil when it isn't kept here.
	Secret(key []byte) []byte
	// Next is the key that follows a key whose secret is to be given away: the same one however often it is asked for, and kept before it is
	// told.
	Next(key []byte) ([]byte, error)
}

// Keys are the delivery keys of a record, which the journal keeps.
func (j *Journal) Keys(r *Record) Keyring { return &recordKeys{journal: j, record: r} }

type recordKeys struct {
	journal *Journal
	record  *Record
}

var _ Keyring = (*recordKeys)(nil)

// pairs are in the order in which they were made.
func (k *recordKeys) pairs() []KeyPair {
	return append([]KeyPair{{k.record.DeliveryKey, k.record.DeliverySecret}}, k.record.LaterKeys...)
}

// Secret is the secret half of a key.
func (k *recordKeys) Secret(key []byte) []byte {
	for _, pair := range k.pairs() {
		if bytes.Equal(pair.Key, key) {
			return pair.Secret
		}
	}
	return nil
}

// errForeignKey marks a key that the record does not have.
var errForeignKey = errors.New("the record of the job does not have this delivery key")

// Next is the key after a key. One that was made before a crash has not been used if the chain still shows the key before it.
func (k *recordKeys) Next(key []byte) ([]byte, error) {
	pairs := k.pairs()
	for i, pair := range pairs {
		if !bytes.Equal(pair.Key, key) {
			continue
		}
		if i+1 < len(pairs) {
			return pairs[i+1].Key, nil
		}
		next, err := newKeyPair()
		if err != nil {
			return nil, err
		}
		k.record.LaterKeys = append(k.record.LaterKeys, next)
		return next.Key, k.journal.Save(k.record)
	}
	return nil, errForeignKey
}
