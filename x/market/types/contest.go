package types

import (
	"bytes"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/delivery"
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

// ResultKey is the X25519 key that a job's result is sealed to now: the specification's, until a contest gives its secret away.
func (j Job) ResultKey(spec Spec) []byte {
	if len(j.DeliveryKey) > 0 {
		return j.DeliveryKey
	}
	return spec.DeliveryKey
}

// CheckNextKey refuses a contest whose secret would open what another one of several operators delivers next: without a key for that, or
// with one whose secret is known. Where nobody delivers after the worker a key is refused as well.
func (m *MsgContestDelivery) CheckNextKey(job Job, spec Spec) error {
	next := m.NextDeliveryKey
	if job.Replicas == 0 {
		if len(next) > 0 {
			return ErrNextKey.Wrapf("job %d: next_delivery_key is of no use: the job has one operator", job.Id)
		}
		return nil
	}
	if err := delivery.CheckKey(next); err != nil {
		return ErrNextKey.Wrapf("job %d: next_delivery_key: %s", job.Id, err)
	}
	if bytes.Equal(next, job.ResultKey(spec)) || bytes.Equal(next, spec.DeliveryKey) {
		return ErrNextKey.Wrapf("job %d: next_delivery_key must be a fresh one: the secret of this one is public", job.Id)
	}
	return nil
}

// validateKey refuses a delivery key where no contest can have left one, and one that results could not be sealed to.
func (e JobEntry) validateKey() error {
	key := e.Job.DeliveryKey
	if len(key) == 0 {
		return nil
	}
	if e.Job.Replicas == 0 {
		return ErrGenesis.Wrap("delivery_key of a job of one operator")
	}
	if err := delivery.CheckKey(key); err != nil {
		return ErrGenesis.Wrapf("delivery_key: %s", err)
	}
	if bytes.Equal(key, e.Spec.DeliveryKey) {
		return ErrGenesis.Wrap("delivery_key is the specification's: its secret is public")
	}
	return nil
}
