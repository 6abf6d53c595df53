// Package drand verifies rounds of a drand randomness beacon.
//
// It covers one scheme, "bls-unchained-g1-rfc9380" (drand's quicknet): a round's signature is a BLS signature on G1 of
// BLS12-381 over SHA-256 of the round number, the chain's public key is a point of G2, and the round's randomness is
// SHA-256 of the signature. BLS signatures are unique, so a round has exactly one value and nobody who relays it can choose.
// The package is pure: no clock, no state, no SDK.
//
// Source: drand's specification (https://docs.drand.love/docs/specification) and RFC 9380.
package drand

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

const (
	// Scheme is the only scheme this package verifies.
	Scheme = "bls-unchained-g1-rfc9380"
	// DomainTag separates the hash to G1 from every other use of the curve (RFC 9380, section 3.1).
	DomainTag = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
	// PublicKeySize is the size in bytes of a compressed point of G2.
	PublicKeySize = 96
	// SignatureSize is the size in bytes of a compressed point of G1.
	SignatureSize = 48
	// RandomnessSize is the size in bytes of a round's randomness.
	RandomnessSize = sha256.Size
)

var (
	// ErrChain marks a chain description that cannot be used.
	ErrChain = errors.New("invalid beacon chain")
	// ErrPublicKey marks a public key that is not the canonical encoding of a usable point of G2.
	ErrPublicKey = errors.New("invalid beacon public key")
	// ErrRound marks a round number out of range.
	ErrRound = errors.New("invalid beacon round")
	// ErrEncoding marks a signature that is not the canonical encoding of a usable point of G1.
	ErrEncoding = errors.New("invalid encoding of a beacon signature")
	// ErrSignature marks a well-formed signature that the chain's key did not make for that round.
	ErrSignature = errors.New("beacon signature does not verify")
)

// Chain is what one has to know of a beacon to verify its rounds and to tell when they appear.
type Chain struct {
	// PublicKey is the group's key: a compressed point of G2, 96 bytes.
	PublicKey []byte
	// Period is the time between two rounds in seconds, at least 1.
	Period uint32
	// Genesis is the time of round 1 in Unix seconds, above 0.
	Genesis int64
	// Scheme names the signature scheme; only Scheme is known.
	Scheme string
}

// Validate checks every field, the key's group membership included, which costs about as much as a verification.
func (c Chain) Validate() error {
	if err := c.validateClock(); err != nil {
		return err
	}
	if c.Scheme != Scheme {
		return fmt.Errorf("%w: scheme %q: only %q is supported", ErrChain, c.Scheme, Scheme)
	}
	_, err := ParseKey(c.PublicKey)
	return err
}

func (c Chain) validateClock() error {
	if c.Period == 0 {
		return fmt.Errorf("%w: period is 0: it must be at least 1 second", ErrChain)
	}
	if c.Genesis <= 0 {
		return fmt.Errorf("%w: genesis is %d: it must be above 0 Unix seconds", ErrChain, c.Genesis)
	}
	return nil
}

// RoundAt returns the last round due at a time in Unix seconds, and 0 before the genesis. A chain without a period has no rounds.
func (c Chain) RoundAt(unix int64) uint64 {
	if c.validateClock() != nil || unix < c.Genesis {
		return 0
	}
	return uint64(unix-c.Genesis)/uint64(c.Period) + 1
}

// RoundAfter returns the first round that is not yet due at a time in Unix seconds: the one to fix a challenge on, since
// nobody can know it at that time. Fractions of a second need no care: a round due after the whole second is due after its fractions.
func (c Chain) RoundAfter(unix int64) uint64 { return c.RoundAt(unix) + 1 }

// TimeOf returns the time in Unix seconds at which a round is due. It refuses round 0 and a round beyond the calendar.
func (c Chain) TimeOf(round uint64) (int64, error) {
	if err := c.validateClock(); err != nil {
		return 0, err
	}
	if round == 0 {
		return 0, fmt.Errorf("%w: rounds count from 1", ErrRound)
	}
	if left := uint64(math.MaxInt64 - c.Genesis); round-1 > left/uint64(c.Period) {
		return 0, fmt.Errorf("%w: round %d is due beyond the largest Unix time", ErrRound, round)
	}
	return c.Genesis + int64((round-1)*uint64(c.Period)), nil
}

// Info is a chain with what distinguishes it from others of the same key: what a drand endpoint serves at /info.
type Info struct {
	Chain
	// GroupHash is the hash of the group that started the chain, 32 bytes in drand; it only enters the chain's hash.
	GroupHash []byte
	// BeaconID is the chain's name, empty or "default" for drand's first one.
	BeaconID string
}

// Hash is the chain's hash, by which drand's endpoints name it in their paths:
// SHA-256(period as 4 bytes ‖ genesis as 8 bytes ‖ public key ‖ group hash ‖ beacon id), big-endian, the default id left out.
func (i Info) Hash() [sha256.Size]byte {
	data := binary.BigEndian.AppendUint32(nil, i.Period)
	data = binary.BigEndian.AppendUint64(data, uint64(i.Genesis))
	data = append(data, i.PublicKey...)
	data = append(data, i.GroupHash...)
	if i.BeaconID != "default" {
		data = append(data, i.BeaconID...)
	}
	return sha256.Sum256(data)
}

// Message is what the beacon signs for a round: SHA-256 of the round number as 8 bytes, big-endian.
func Message(round uint64) [sha256.Size]byte {
	return sha256.Sum256(binary.BigEndian.AppendUint64(nil, round))
}

// Randomness derives a round's randomness from its signature. It does not verify: call it on a signature that Verify accepted.
func Randomness(signature []byte) [RandomnessSize]byte { return sha256.Sum256(signature) }
