// Package audits decides about jobs of one operator whose result is computed again by another one now and then: whether it is, in which
// order auditors are looked for, how much of the first operator's bond stands behind that, and how long all may take. It knows nothing of
// stores or messages.
package audits

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"

	"github.com/assaychain/assay/x/market/replicas"
	"github.com/assaychain/assay/x/proofs/tensor"
)

const (
	// Bps is the whole in basis points: a job that is audited always.
	Bps = 10_000
	// Operators is how many a job is paid for at most: the one that has it, and an auditor.
	Operators = 2
	// MaxDraws is how many auditors a job gets at most, one after another where one says nothing.
	MaxDraws = 3
	// MaxTries is how many places of the register of devices a draw looks at, at most.
	MaxTries = 64
)

// Seed is a job's own randomness, from the beacon's: nobody chooses any part of it after the commitment. Draws count the auditors that the
// job had before.
func Seed(randomness []byte, chainID string, job uint64, attempt, draws uint32) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte("assay/market/audit/v1"))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(chainID))))
	h.Write([]byte(chainID))
	h.Write(binary.BigEndian.AppendUint64(nil, job))
	h.Write(binary.BigEndian.AppendUint32(nil, attempt))
	h.Write(binary.BigEndian.AppendUint32(nil, draws))
	h.Write(randomness)
	return [sha256.Size]byte(h.Sum(nil))
}

// Hit tells whether a seed has a job audited, with a probability of bps basis points and a bias below 2^-64.
func Hit(seed [sha256.Size]byte, bps uint32) bool {
	// The high half of number × 10,000 is a number below 10,000, each equally likely.
	high, _ := bits.Mul64(binary.BigEndian.Uint64(seed[:8]), Bps)
	return high < uint64(bps)
}

// Rank orders the devices that may audit a job: the lowest is the auditor. It is uniform over devices, whoever has them.
func Rank(seed [sha256.Size]byte, device []byte) [sha256.Size]byte {
	return sha256.Sum256(append(append([]byte("assay/market/auditor/v1"), seed[:]...), device...))
}

// Before tells whether one device comes before another one.
func Before(seed [sha256.Size]byte, one, other []byte) bool {
	a, b := Rank(seed, one), Rank(seed, other)
	return bytes.Compare(a[:], b[:]) < 0
}

// LeadExposure is what is locked of the bond of an operator whose result is audited with a probability of bps, in basis points of its
// price: the plain exposure, and factorBps of the price for every time that it would get away with a false result before it is found, which is
// (10,000 − bps) / bps, rounded up. What a lost difference costs is a part s of the whole stake: with a factor of 10,000 / s an operator alone
// gains nothing on average by a false result, and what is beyond it stands against those who could be drawn to audit themselves.
// It fits 32 bits for every bps from MinBpsLimit on and any factor up to FactorLimit; a lower bps counts as that.
func LeadExposure(plain, bps, factorBps uint32) uint32 {
	if bps == 0 || bps >= Bps {
		return plain
	}
	chance := uint64(max(bps, MinBpsLimit))
	escaped := ((Bps-chance)*uint64(min(factorBps, FactorLimit)) + chance - 1) / chance
	return plain + uint32(escaped)
}

const (
	// MinBpsLimit is the lowest probability that parameters may allow, in basis points.
	MinBpsLimit = 100
	// FactorLimit bounds the factor of LeadExposure, in basis points.
	FactorLimit = 1_000_000
)

// Longest is the longest time for which an operator of an audited job may be kept, from its beginning or from an auditor's draw on. To
// commit there is one window for the first operator and one for another one in its place, as far as the deadline leaves them, and one for each
// auditor, whatever the deadline: nobody is to escape an audit by being late. Then one to reveal, and a difference and the samples of who is
// left. Blocks, beacon rounds and the verification's budget come on top.
func Longest(w replicas.Windows) uint64 {
	return min(2*w.Commit, w.Left) + MaxDraws*w.Commit + w.Reveal + (tensor.Depth+2)*w.Answer + w.Prove
}
