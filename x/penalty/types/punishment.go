package types

import (
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// MaxSubjectLength bounds the subject of a punishment.
const MaxSubjectLength = 128

// Punishment is what a module that saw an offence asks for.
type Punishment struct {
	// Operator committed the offence.
	Operator sdk.AccAddress
	// Offence names the line of the table.
	Offence Offence
	// Subject is what it was about, such as job/7/1 (job 7, attempt 1): 1 to 128 printable ASCII characters.
	Subject string
	// Victim gets a share of what is slashed; empty when nobody was wronged.
	Victim sdk.AccAddress
	// Reporter gets a share of what is slashed; empty when the chain saw it itself.
	Reporter sdk.AccAddress
}

// Validate checks every field.
func (p Punishment) Validate() error {
	if p.Operator.Empty() {
		return ErrOperator.Wrap("operator must be given")
	}
	if err := validateOffence(p.Offence); err != nil {
		return err
	}
	return validateSubject(p.Subject)
}

func validateOffence(o Offence) error {
	if _, known := Offence_name[int32(o)]; !known || o == OFFENCE_UNSPECIFIED {
		return ErrOffence.Wrapf("offence %d is not in the table", int32(o))
	}
	return nil
}

func validateSubject(subject string) error {
	if len(subject) == 0 || len(subject) > MaxSubjectLength {
		return ErrSubject.Wrapf("subject must have from 1 to %d characters, got %d", MaxSubjectLength, len(subject))
	}
	for i := 0; i < len(subject); i++ {
		if subject[i] <= ' ' || subject[i] > '~' {
			return ErrSubject.Wrapf("subject %q must be printable ASCII without spaces", subject)
		}
	}
	return nil
}
