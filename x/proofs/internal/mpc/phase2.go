package mpc

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/consensys/gnark/backend/groth16/bn254/mpcsetup"
	r1cs "github.com/consensys/gnark/constraint/bn254"

	"github.com/assaychain/assay/x/proofs/internal/groth16"
	"github.com/assaychain/assay/x/proofs/internal/proving"
)

// Phase2 is a state of the second phase, which belongs to one circuit.
type Phase2 struct {
	phase mpcsetup.Phase2
}

// Evaluations is the part of a circuit's keys that the second phase leaves alone.
type Evaluations struct {
	evaluations mpcsetup.Phase2Evaluations
	commons     *Commons
}

// NewPhase2 is the state before the first contribution to a circuit: a function of the circuit and the first phase's end. It takes
// about 4 ms of one core for each constraint.
func NewPhase2(system proving.System, commons *Commons) (p *Phase2, e *Evaluations, err error) {
	defer recoverTo(&err)
	circuit, ok := system.(*r1cs.R1CS)
	if !ok {
		return nil, nil, fmt.Errorf("a %T is no rank-1 constraint system over BN254", system)
	}
	// The proving key's domain is the first phase's; a larger one than the circuit's would make other keys than a setup of its own.
	if domain, err := Domain(circuit.GetNbConstraints()); err != nil || domain != commons.domain {
		return nil, nil, fmt.Errorf("%d constraints need a domain of their own power of two, the first phase has %d", circuit.GetNbConstraints(), commons.domain)
	}
	p = &Phase2{}
	e = &Evaluations{evaluations: p.phase.Initialize(circuit, &commons.commons), commons: commons}
	return p, e, nil
}

// Contribute mixes in fresh secrets and forgets them. The state before is gone: encode it first to keep it.
func (p *Phase2) Contribute() { p.phase.Contribute() }

// Encode is the contribution's only encoding.
func (p *Phase2) Encode() ([]byte, error) {
	var out bytes.Buffer
	if _, err := p.phase.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("encode a contribution: %w", err)
	}
	return out.Bytes(), nil
}

// DecodePhase2 reads a contribution: its counts must add up to its length, and its points be canonical and of the right groups. Only if
// starting is it the state before the first contribution, which names none before it. Verify compares its dimensions with the circuit's.
func DecodePhase2(raw []byte, starting bool) (p *Phase2, err error) {
	defer recoverTo(&err)
	if err := checkLayout(raw, starting); err != nil {
		return nil, err
	}
	p = &Phase2{}
	if err := decode(&p.phase, raw); err != nil {
		return nil, err
	}
	return p, nil
}

// checkLayout adds up an encoding's counts, so that nothing is allocated by a count that the bytes don't bear out:
//
//	commitments 2 ‖ delta G1 ‖ n 4, PKK ‖ n 4, Z ‖ delta G2 ‖ (n 4, sigma CKK) a commitment ‖ sigma G2 a commitment ‖ proofs ‖ challenge
func checkLayout(raw []byte, starting bool) error {
	if len(raw) < 2 {
		return fmt.Errorf("%w: %d bytes", ErrEncoding, len(raw))
	}
	commitments := int(binary.BigEndian.Uint16(raw))
	at := 2 + g1Size
	list := func() error {
		if at+4 > len(raw) {
			return fmt.Errorf("%w: %d bytes end before the count at byte %d", ErrEncoding, len(raw), at)
		}
		at += 4 + int(binary.BigEndian.Uint32(raw[at:]))*g1Size
		return nil
	}
	for i := range 2 + commitments {
		if err := list(); err != nil {
			return err
		}
		if i == 1 {
			at += g2Size
		}
	}
	at += commitments*g2Size + (1+commitments)*proofSize + challengeSize
	if starting {
		at -= hashSize
	}
	if len(raw) != at {
		return fmt.Errorf("%w: %d bytes, its counts ask for %d", ErrEncoding, len(raw), at)
	}
	return nil
}

// Verify checks that next follows from p by somebody who knew the secrets it mixed in.
func (p *Phase2) Verify(next *Phase2) (err error) {
	defer recoverTo(&err)
	if err := p.phase.Verify(&next.phase); err != nil {
		return fmt.Errorf("%w: %w", ErrContribution, err)
	}
	return nil
}

// Seal ends the phase as Phase1.Seal does and gives the keys; the verifying key is linted. The state is left as it was.
func (p *Phase2) Seal(e *Evaluations, beacon [BeaconSize]byte) (key *proving.Key, verifyingKey []byte, err error) {
	defer recoverTo(&err)
	raw, err := p.Encode()
	if err != nil {
		return nil, nil, err
	}
	copied := &mpcsetup.Phase2{}
	if _, err := copied.ReadFrom(bytes.NewReader(raw)); err != nil {
		return nil, nil, fmt.Errorf("copy a contribution: %w", err)
	}
	made, verifying := copied.Seal(&e.commons.commons, &e.evaluations, beacon[:])
	var encoded bytes.Buffer
	if _, err := verifying.WriteTo(&encoded); err != nil {
		return nil, nil, fmt.Errorf("encode the verifying key: %w", err)
	}
	if err := groth16.LintKey(encoded.Bytes()); err != nil {
		return nil, nil, err
	}
	return proving.Wrap(made), encoded.Bytes(), nil
}

// decode reads all of raw and nothing but its own encoding: what was read must encode to the same bytes.
func decode(into interface {
	io.ReaderFrom
	io.WriterTo
}, raw []byte) error {
	n, err := into.ReadFrom(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if n != int64(len(raw)) {
		return fmt.Errorf("%w: %d bytes after its end", ErrEncoding, int64(len(raw))-n)
	}
	var again bytes.Buffer
	if _, err := into.WriteTo(&again); err != nil {
		return fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if !bytes.Equal(again.Bytes(), raw) {
		return fmt.Errorf("%w: not in canonical encoding", ErrEncoding)
	}
	return nil
}

func recoverTo(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: %v", ErrEncoding, r)
	}
}
