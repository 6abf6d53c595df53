package program

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// RootSize is the length of a tensor's root in bytes: a canonical big-endian element of the BN254 scalar field.
const RootSize = 32

// Claim names who answers which job at which attempt. Everything a worker commits to is bound to it, so that nothing can
// be copied to another chain, job, attempt or worker.
type Claim struct {
	ChainID string
	JobID   uint64
	// Attempt counts the assignments of the job.
	Attempt uint32
	// Worker is the raw account address, without its bech32 form.
	Worker []byte
}

// CommitmentHash is what a worker posts before the challenge is known. With u32 and u64 big-endian and byte strings
// prefixed by their length as u32:
//
//	SHA-256("assay/commit/v1" ‖ chain id ‖ job u64 ‖ attempt u32 ‖ worker ‖ n u32 ‖ root_1 … root_n)
//
// roots are those of the steps' outputs in order, 1 to MaxSteps of exactly RootSize bytes.
func CommitmentHash(claim Claim, roots [][]byte) ([sha256.Size]byte, error) {
	if n := len(roots); n < 1 || n > MaxSteps {
		return [sha256.Size]byte{}, fmt.Errorf("%w: %d step roots, must be 1 to %d", ErrArgument, n, MaxSteps)
	}
	b := claim.append([]byte("assay/commit/v1"))
	b = binary.BigEndian.AppendUint32(b, uint32(len(roots)))
	for i, root := range roots {
		if len(root) != RootSize {
			return [sha256.Size]byte{}, fmt.Errorf("%w: step root %d has %d bytes, must have %d", ErrArgument, i, len(root), RootSize)
		}
		b = append(b, root...)
	}
	return sha256.Sum256(b), nil
}

// Seed is the challenge seed, known to nobody before the beacon round is published:
//
//	SHA-256("assay/seed/v1" ‖ randomness ‖ chain id ‖ job u64 ‖ attempt u32 ‖ worker ‖ commitment)
func Seed(randomness [32]byte, claim Claim, commitment [sha256.Size]byte) [sha256.Size]byte {
	b := append([]byte("assay/seed/v1"), randomness[:]...)
	b = claim.append(b)
	return sha256.Sum256(append(b, commitment[:]...))
}

func (c Claim) append(b []byte) []byte {
	b = appendPrefixed(b, []byte(c.ChainID))
	b = binary.BigEndian.AppendUint64(b, c.JobID)
	b = binary.BigEndian.AppendUint32(b, c.Attempt)
	return appendPrefixed(b, c.Worker)
}

// appendPrefixed appends the length of s as u32 big-endian, then s, so that two fields cannot trade bytes.
func appendPrefixed(b, s []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}
