package types

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/lifecycle"
)

const (
	// ContestSize is the size of a contest's point and of the value there in bytes.
	ContestSize = 32
	// OpeningLimit bounds an opening in bytes, whatever the level of assurance.
	OpeningLimit = 1024
)

var _ sdk.HasValidateBasic = (*MsgAnswerContest)(nil)

// ValidateBasic checks what can be checked without state.
func (m *MsgAnswerContest) ValidateBasic() error {
	if n := len(m.Opening); n < 1 || n > OpeningLimit {
		return ErrOpening.Wrapf("opening has %d bytes: it must have 1 to %d", n, OpeningLimit)
	}
	return validateAddress("worker", m.Worker)
}

// validateContest checks that point and value are there while a contest waits, and nowhere before.
func (j Job) validateContest(state lifecycle.State) error {
	point, value := len(j.ContestPoint), len(j.ContestValue)
	whole := point == ContestSize && value == ContestSize
	none := point == 0 && value == 0
	if state == lifecycle.Contested && !whole || state != lifecycle.Contested && state != lifecycle.Closed && !none || !whole && !none {
		return ErrGenesis.Wrapf("contest_point of %d and contest_value of %d bytes while %s", point, value, state)
	}
	return nil
}
