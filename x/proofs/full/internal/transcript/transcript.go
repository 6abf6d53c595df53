// Package transcript turns the interactive argument of x/proofs/full into a proof: every challenge is a hash of all that was
// said before it (Fiat–Shamir).
//
// gnark-crypto/fiat-shamir is not used. Its hash input is the concatenation of a challenge's name, the last challenge and
// the bound values without lengths, so "r1" with the value "0" equals "r10" without one; and it wants all names before the
// first value, where the number of rounds depends on the shape. This transcript frames every part with its length.
package transcript

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
)

// The first byte of each hash input tells what is hashed, so that an absorbed value can't pass for a challenge.
const (
	absorbing   = 0
	challenging = 1
	expanding   = 2
)

// Transcript is the running hash. Its zero value is not usable; see New.
type Transcript struct {
	state [sha256.Size]byte
	// room is where hash inputs are written, one after the other.
	room []byte
}

// New starts a transcript: state = SHA-256(domain).
func New(domain string) *Transcript {
	return &Transcript{state: sha256.Sum256([]byte(domain))}
}

// Absorb replaces the state: SHA-256(0 | state | len(label) in 1 byte | label | len(data) in 4 bytes big endian | data).
// Labels are constants shorter than 256 bytes.
func (t *Transcript) Absorb(label string, data []byte) {
	t.begin(label, len(data))
	t.end(append(t.room, data...))
}

// begin writes what comes before so many bytes of data into the room.
func (t *Transcript) begin(label string, length int) {
	in := append(append(t.room[:0], absorbing), t.state[:]...)
	in = append(append(in, byte(len(label))), label...)
	t.room = binary.BigEndian.AppendUint32(in, uint32(length))
}

// end hashes a whole input, which keeps its room.
func (t *Transcript) end(in []byte) {
	t.room, t.state = in, sha256.Sum256(in)
}

// Points absorbs points of G1, each in its compressed form of 32 bytes, as one value.
func (t *Transcript) Points(label string, points ...bn254.G1Affine) {
	t.begin(label, len(points)*bn254.SizeOfG1AffineCompressed)
	in := t.room
	for i := range points {
		raw := points[i].Bytes()
		in = append(in, raw[:]...)
	}
	t.end(in)
}

// Scalars absorbs field elements, each in 32 bytes big endian, as one value.
func (t *Transcript) Scalars(label string, scalars ...fr.Element) {
	t.begin(label, len(scalars)*fr.Bytes)
	in := t.room
	for i := range scalars {
		raw := scalars[i].Bytes()
		in = append(in, raw[:]...)
	}
	t.end(in)
}

// Challenge replaces the state by SHA-256(1 | state | len(label) | label), and returns the 512-bit number
// SHA-256(2 | 0 | state) | SHA-256(2 | 1 | state), big endian, reduced modulo the field's order. The bias is below 2^-256.
func (t *Transcript) Challenge(label string) fr.Element {
	var room [128]byte
	in := append(append(room[:0], challenging), t.state[:]...)
	t.state = sha256.Sum256(append(append(in, byte(len(label))), label...))
	var wide [2 * sha256.Size]byte
	for i := range byte(2) {
		part := sha256.Sum256(append(append(room[:0], expanding, i), t.state[:]...))
		copy(wide[int(i)*sha256.Size:], part[:])
	}
	return reduce(wide[:])
}

// half is 2^128.
var half = func() (e fr.Element) {
	e.SetBytes(append([]byte{1}, make([]byte, fr.Bytes/2)...))
	return e
}()

// reduce is a big-endian number of 64 bytes modulo the field's order: 16 bytes at a time, which fit without a division.
func reduce(wide []byte) (out fr.Element) {
	for ; len(wide) > 0; wide = wide[fr.Bytes/2:] {
		var part fr.Element
		var padded [fr.Bytes]byte
		copy(padded[fr.Bytes/2:], wide)
		part.SetBytes(padded[:])
		out.Mul(&out, &half).Add(&out, &part)
	}
	return out
}

// Challenges draws n challenges of one label, one after the other.
func (t *Transcript) Challenges(label string, n int) []fr.Element {
	out := make([]fr.Element, n)
	for i := range out {
		out[i] = t.Challenge(label)
	}
	return out
}
