// Package relays is the arithmetic of deliveries through relays: what a receipt says, what a hand-over costs, and whom a draw takes.
// It is pure: no state, no SDK but its integers.
package relays

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	// KeySize is the length of a relay's public key in bytes, ed25519.
	KeySize = ed25519.PublicKeySize
	// SignatureSize is the length of a receipt's signature in bytes.
	SignatureSize = ed25519.SignatureSize
	// MaxDraws is how many draws of relays a job may have: two claims, each with one more draw when the first brought no hand-over.
	MaxDraws = 4
	// MaxClaims is how often an output may be claimed.
	MaxClaims = 2
)

// ErrReceipt is wrapped by every refusal of a receipt.
var ErrReceipt = errors.New("invalid relay receipt")

// Receipt says that a relay holds a box and serves it until a moment.
type Receipt struct {
	ChainID string
	Job     uint64
	Attempt uint32
	// Draw counts the draws of relays of the job from 1.
	Draw uint32
	// Relay is the operator's account, 20 or 32 bytes.
	Relay []byte
	// BoxRoot is the box's, Bytes its size.
	BoxRoot [32]byte
	Bytes   uint64
	// Expires is the Unix second until which the box is served at least.
	Expires int64
}

// SignBytes is what a relay signs: every field, those of any length with their length.
func (r Receipt) SignBytes() []byte {
	out := []byte("assay/market/relay-receipt/v1")
	out = binary.BigEndian.AppendUint32(out, uint32(len(r.ChainID)))
	out = append(out, r.ChainID...)
	out = binary.BigEndian.AppendUint64(out, r.Job)
	out = binary.BigEndian.AppendUint32(out, r.Attempt)
	out = binary.BigEndian.AppendUint32(out, r.Draw)
	out = binary.BigEndian.AppendUint32(out, uint32(len(r.Relay)))
	out = append(out, r.Relay...)
	out = append(out, r.BoxRoot[:]...)
	out = binary.BigEndian.AppendUint64(out, r.Bytes)
	return binary.BigEndian.AppendUint64(out, uint64(r.Expires))
}

// Verify checks a relay's signature.
func (r Receipt) Verify(key, signature []byte) error {
	if len(key) != KeySize {
		return fmt.Errorf("%w: the relay's key has %d bytes, must have %d", ErrReceipt, len(key), KeySize)
	}
	if len(signature) != SignatureSize {
		return fmt.Errorf("%w: the signature has %d bytes, must have %d", ErrReceipt, len(signature), SignatureSize)
	}
	if !ed25519.Verify(key, r.SignBytes(), signature) {
		return fmt.Errorf("%w: the signature is not the relay's for this box, draw and expiry", ErrReceipt)
	}
	return nil
}
