// Package spotcheck is the puzzle by which a device shows that it is there and as fast as its class: a chain of int8 products that
// only a device of the class finishes in time, and of which a few entries, drawn afterwards, show that they were made. It is pure: no
// state, no SDK, integers only; chain and worker share it.
//
// The first matrix comes from the seed. Product i multiplies the matrix before it by a matrix that comes from the seed and from the
// root of the whole matrix before it, and every sum is mixed down to 8 bits again. So no product can begin before the last one is
// complete, none can be made in advance, and the chain can make any row of a factor, and of the first matrix, by itself.
package spotcheck

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

const (
	// HashSize is the size of seeds, roots and commitments in bytes: SHA-256.
	HashSize = sha256.Size
	// MinSize and MaxSize bound the side of the matrices, a power of two. At most, a sum of products is below 2^28.
	MinSize, MaxSize = 64, 1 << 14
	// MaxSteps bounds the products of a check.
	MaxSteps = 256
	// MaxSamples bounds the entries that are opened.
	MaxSamples = 32
	// MaxOpened bounds samples × size, the bytes of the rows that a check opens, and with it what verifying costs the chain.
	MaxOpened = 1 << 17
	// Block is the size in bytes of a leaf of the trees, or a whole row where that is shorter.
	Block = 1024
)

var (
	// ErrTerms is wrapped where size, steps or samples are out of bounds.
	ErrTerms = errors.New("invalid terms of a spot check")
	// ErrOpening is wrapped by openings that are incomplete, of the wrong size, or not of what was committed to. They prove nothing.
	ErrOpening = errors.New("openings do not fit the commitment")
	// ErrFalse is wrapped when an opened entry is not what the products give: whoever committed to it has not made them.
	ErrFalse = errors.New("committed entry is wrong")
)

// Hash is a seed, a root or a commitment.
type Hash = [HashSize]byte

// Terms are the size of a check.
type Terms struct {
	// Size is the side of the matrices, Steps the number of products, Samples the number of entries opened.
	Size, Steps, Samples uint32
}

// Validate checks the bounds.
func (t Terms) Validate() error {
	switch {
	case t.Size < MinSize || t.Size > MaxSize || bits.OnesCount32(t.Size) != 1:
		return fmt.Errorf("%w: size is %d, must be a power of two from %d to %d", ErrTerms, t.Size, MinSize, MaxSize)
	case t.Steps < 1 || t.Steps > MaxSteps:
		return fmt.Errorf("%w: steps is %d, must be 1 to %d", ErrTerms, t.Steps, MaxSteps)
	case t.Samples < 1 || t.Samples > MaxSamples:
		return fmt.Errorf("%w: samples is %d, must be 1 to %d", ErrTerms, t.Samples, MaxSamples)
	case t.Samples*t.Size > MaxOpened:
		return fmt.Errorf("%w: %d samples of rows of %d bytes, together they must be at most %d", ErrTerms, t.Samples, t.Size, MaxOpened)
	}
	return nil
}

// Work is the number of multiply-accumulates.
func (t Terms) Work() uint64 {
	n := uint64(t.Size)
	return n * n * n * uint64(t.Steps)
}

// Subject names whose check it is. An answer to one subject answers no other.
type Subject struct {
	ChainID string
	// Operator is the operator's address in bytes, Device the device's id.
	Operator, Device []byte
	// Check is the check's number.
	Check uint64
}

// Seed makes a check's seed from a beacon round's randomness:
//
//	SHA-256( domain ‖ len 8 ‖ chain id ‖ len 8 ‖ operator ‖ len 8 ‖ device ‖ check 8 ‖ randomness )
func (s Subject) Seed(randomness []byte) Hash {
	h := sha256.New()
	h.Write([]byte("assay/spotcheck/seed/v1"))
	for _, part := range [][]byte{[]byte(s.ChainID), s.Operator, s.Device} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	h.Write(binary.BigEndian.AppendUint64(nil, s.Check))
	h.Write(randomness)
	return Hash(h.Sum(nil))
}

// Commitment binds the roots of all products to the seed, and by that to chain, operator, device and check.
func Commitment(seed Hash, roots []Hash) Hash {
	h := sha256.New()
	h.Write([]byte("assay/spotcheck/commitment/v1"))
	h.Write(seed[:])
	for _, root := range roots {
		h.Write(root[:])
	}
	return Hash(h.Sum(nil))
}

// Challenge makes the seed of the positions from the randomness of a round that did not exist when the commitment was made.
func Challenge(seed, commitment Hash, randomness []byte) Hash {
	h := sha256.New()
	h.Write([]byte("assay/spotcheck/challenge/v1"))
	h.Write(seed[:])
	h.Write(commitment[:])
	h.Write(randomness)
	return Hash(h.Sum(nil))
}

// Position is an entry of a product, all three counted from 0.
type Position struct {
	Step, Row, Col uint32
}

// Positions draws the entries: every product equally often as far as the samples go round, and the rest from any product.
func Positions(challenge Hash, t Terms) []Position {
	positions := make([]Position, t.Samples)
	even := t.Samples - t.Samples%t.Steps
	for i := range positions {
		draw := sha256.Sum256(binary.BigEndian.AppendUint32(challenge[:], uint32(i)))
		// Size is a power of two, so that rows and columns are uniform; of steps the bias is below 2^-55.
		p := Position{
			Step: uint32(binary.BigEndian.Uint64(draw[:]) % uint64(t.Steps)),
			Row:  binary.BigEndian.Uint32(draw[8:]) % t.Size,
			Col:  binary.BigEndian.Uint32(draw[12:]) % t.Size,
		}
		if uint32(i) < even {
			p.Step = uint32(i) % t.Steps
		}
		positions[i] = p
	}
	return positions
}
