package program

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// SaltSize is the length of what hides a result that is committed to before others have committed to theirs, in bytes.
const SaltSize = 32

// ReplicaCommitment is what one of several workers of a job posts before any of them shows its result:
//
//	SHA-256("assay/replica/v1" ‖ chain id ‖ job u64 ‖ attempt u32 ‖ worker ‖ salt ‖ n u32 ‖ root_1 … root_n)
//
// in the encoding of CommitmentHash. The worker is part of it, so that another's commitment can be posted and never opened; the salt,
// SaltSize bytes, keeps it from telling whether two results are equal, or one that can be guessed.
func ReplicaCommitment(claim Claim, salt []byte, roots [][]byte) ([sha256.Size]byte, error) {
	if len(salt) != SaltSize {
		return [sha256.Size]byte{}, fmt.Errorf("%w: salt has %d bytes, must have %d", ErrArgument, len(salt), SaltSize)
	}
	if n := len(roots); n < 1 || n > MaxSteps {
		return [sha256.Size]byte{}, fmt.Errorf("%w: %d step roots, must be 1 to %d", ErrArgument, n, MaxSteps)
	}
	b := append(claim.append([]byte("assay/replica/v1")), salt...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(roots)))
	for i, root := range roots {
		if len(root) != RootSize {
			return [sha256.Size]byte{}, fmt.Errorf("%w: step root %d has %d bytes, must have %d", ErrArgument, i, len(root), RootSize)
		}
		b = append(b, root...)
	}
	return sha256.Sum256(b), nil
}

// ReplicaSeed takes the place of the challenge seed of a result that was accepted because others agree with it: nothing is drawn from
// it, and disputes bind their proofs to it:
//
//	SHA-256("assay/replica-seed/v1" ‖ chain id ‖ job u64 ‖ attempt u32 ‖ worker ‖ commitment)
//
// commitment is the CommitmentHash of the result.
func ReplicaSeed(claim Claim, commitment [sha256.Size]byte) [sha256.Size]byte {
	return sha256.Sum256(append(claim.append([]byte("assay/replica-seed/v1")), commitment[:]...))
}
