package types

import (
	"bytes"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/penalty/statement"
)

// Validate checks what can be checked without state: sizes, and that the two statements differ.
func (e *Equivocation) Validate() error {
	if err := validateAddress("operator", e.Operator); err != nil {
		return err
	}
	if err := statement.ValidateSubject(e.Subject); err != nil {
		return ErrEvidence.Wrap(err.Error())
	}
	for _, side := range []struct {
		name string
		said SignedDigest
	}{{"first", e.First}, {"second", e.Second}} {
		if len(side.said.Digest) != statement.DigestSize {
			return ErrEvidence.Wrapf("%s: digest must have %d bytes, got %d", side.name, statement.DigestSize, len(side.said.Digest))
		}
		if len(side.said.Signature) != statement.SignatureSize {
			return ErrEvidence.Wrapf("%s: signature must have %d bytes, got %d", side.name, statement.SignatureSize, len(side.said.Signature))
		}
	}
	if bytes.Equal(e.First.Digest, e.Second.Digest) {
		return ErrEvidence.Wrap("both statements say the same")
	}
	return nil
}

// Mark names what may be punished once.
func (e *Equivocation) Mark(op sdk.AccAddress) EvidenceMark {
	mark := statement.Mark(op, e.Subject)
	return EvidenceMark{Slot: e.Slot, Statement: mark[:]}
}

// About is the subject of the punishment.
func (e *Equivocation) About() string {
	return fmt.Sprintf("statement/%s/%d", e.Subject, e.Slot)
}

// Statement rebuilds what was signed on a chain, with one of the two digests.
func (e *Equivocation) Statement(chainID string, op sdk.AccAddress, said SignedDigest) statement.Statement {
	s := statement.Statement{ChainID: chainID, Operator: op, Subject: e.Subject, Slot: e.Slot}
	copy(s.Digest[:], said.Digest)
	return s
}
