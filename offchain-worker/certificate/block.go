package certificate

import (
	"bytes"
	"fmt"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtmath "github.com/cometbft/cometbft/libs/math"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
)

// overlap is how much of the trusted validators' power must have signed a block of other validators: more than a third,
// so that at least one honest trusted validator vouches for it.
var overlap = cmtmath.Fraction{Numerator: 1, Denominator: 3}

// block is a decoded Block whose parts fit each other; nobody's trust has been asked for yet.
type block struct {
	header     cmttypes.Header
	commit     *cmttypes.Commit
	validators *cmttypes.ValidatorSet
}

// decode takes the block apart and checks that header, commit and validators belong together.
func (b Block) decode() (*block, error) {
	var header cmtproto.Header
	if err := canonical(b.Header, &header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	decoded := new(block)
	var err error
	if decoded.header, err = cmttypes.HeaderFromProto(&header); err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrInvalid, err)
	}
	var commit cmtproto.Commit
	if err := canonical(b.Commit, &commit); err != nil {
		return nil, fmt.Errorf("commit: %w", err)
	}
	if decoded.commit, err = cmttypes.CommitFromProto(&commit); err != nil {
		return nil, fmt.Errorf("%w: commit: %w", ErrInvalid, err)
	}
	if decoded.validators, err = validatorSet(b.Validators); err != nil {
		return nil, err
	}
	return decoded, decoded.fits()
}

// validatorSet keeps the order, which the header's hash and the commit depend on.
func validatorSet(listed []Validator) (*cmttypes.ValidatorSet, error) {
	validators := make([]*cmttypes.Validator, len(listed))
	total := int64(0)
	for i, v := range listed {
		if len(v.PubKey) != ed25519.PubKeySize {
			return nil, fmt.Errorf("%w: validators[%d].pub_key has %d bytes, must have %d", ErrInvalid, i, len(v.PubKey), ed25519.PubKeySize)
		}
		if v.Power < 1 || v.Power > cmttypes.MaxTotalVotingPower-total {
			return nil, fmt.Errorf("%w: validators[%d].power is %d; it must be at least 1 and the sum at most %d", ErrInvalid, i, v.Power, cmttypes.MaxTotalVotingPower)
		}
		total += v.Power
		validators[i] = cmttypes.NewValidator(ed25519.PubKey(v.PubKey), v.Power)
	}
	set, err := cmttypes.ValidatorSetFromExistingValidators(validators)
	if err != nil {
		return nil, fmt.Errorf("%w: validators: %w", ErrInvalid, err)
	}
	return set, nil
}

// fits checks the hashes between the parts.
func (b *block) fits() error {
	if got := b.validators.Hash(); !bytes.Equal(got, b.header.ValidatorsHash) {
		return fmt.Errorf("%w: the validators are not those of the header", ErrInvalid)
	}
	if hash := b.header.Hash(); !bytes.Equal(hash, b.commit.BlockID.Hash) {
		return fmt.Errorf("%w: the commit is not of the header: it names block %X, the header is %X", ErrInvalid, b.commit.BlockID.Hash, hash)
	}
	if len(b.commit.Signatures) != b.validators.Size() {
		return fmt.Errorf("%w: %d signatures of %d validators", ErrInvalid, len(b.commit.Signatures), b.validators.Size())
	}
	for i, signature := range b.commit.Signatures {
		absent := signature.BlockIDFlag == cmttypes.BlockIDFlagAbsent
		if !absent && !bytes.Equal(signature.ValidatorAddress, b.validators.Validators[i].Address) {
			return fmt.Errorf("%w: signatures[%d] is of another validator", ErrInvalid, i)
		}
	}
	return nil
}

// final checks that more than two thirds of the block's validators signed it, every signature included, and that the root
// of trust vouches for them.
func (b *block) final(trust TrustRoot) error {
	if b.header.ChainID != trust.ChainID {
		return fmt.Errorf("%w: the block is of chain %q, trusted is %q", ErrInvalid, b.header.ChainID, trust.ChainID)
	}
	if err := b.validators.VerifyCommit(trust.ChainID, b.commit.BlockID, b.header.Height, b.commit); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if len(trust.HeaderHash) != 0 {
		if hash := b.header.Hash(); !bytes.Equal(hash, trust.HeaderHash) {
			return fmt.Errorf("%w: the block is %X, pinned is %X", ErrInvalid, hash, trust.HeaderHash)
		}
		return nil
	}
	if err := trust.Validators.VerifyCommitLightTrusting(trust.ChainID, b.commit, overlap); err != nil {
		return fmt.Errorf("%w: validators with more than 1/3 of the trusted power must have signed: %w", ErrInvalid, err)
	}
	return nil
}
