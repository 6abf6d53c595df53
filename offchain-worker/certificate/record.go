package certificate

import (
	"bytes"
	"fmt"

	ics23 "github.com/cosmos/ics23/go"

	"cosmossdk.io/collections"

	beacontypes "github.com/assaychain/assay/x/beacon/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

const (
	// maxCircuits is one for each step of the longest program.
	maxCircuits = 16
	// maxValidators bounds a set, far above what CometBFT's gossip carries.
	maxValidators = 10_000
	// proofsPerRecord are those of the key in its store and of the store in the state.
	proofsPerRecord = 2
)

// place says where a record lies in the chain's state.
type place struct {
	store string
	key   []byte
}

func jobPlace(id uint64) (place, error) {
	return placed(markettypes.StoreKey, markettypes.JobsPrefix, collections.Uint64Key, id)
}

func specPlace(id uint64) (place, error) {
	return placed(markettypes.StoreKey, markettypes.SpecsPrefix, collections.Uint64Key, id)
}

func proofSetPlace(id uint64) (place, error) {
	return placed(markettypes.StoreKey, markettypes.ProofsPrefix, collections.Uint64Key, id)
}

func circuitPlace(id string) (place, error) {
	return placed(proofstypes.StoreKey, proofstypes.CircuitsPrefix, collections.StringKey, id)
}

func roundPlace(generation, round uint64) (place, error) {
	codec := collections.PairKeyCodec(collections.Uint64Key, collections.Uint64Key)
	return placed(beacontypes.StoreKey, beacontypes.RoundsPrefix, codec, collections.Join(generation, round))
}

func beaconParamsPlace() place {
	return place{beacontypes.StoreKey, beacontypes.ParamsKey.Bytes()}
}

func generationPlace() place {
	return place{beacontypes.StoreKey, beacontypes.GenerationKey.Bytes()}
}

// placed is the key of one element of a collection.
func placed[K any](store string, prefix collections.Prefix, codec interface {
	Encode([]byte, K) (int, error)
	Size(K) int
}, key K) (place, error) {
	encoded := make([]byte, codec.Size(key))
	if _, err := codec.Encode(encoded, key); err != nil {
		return place{}, fmt.Errorf("key in store %s: %w", store, err)
	}
	return place{store, append(bytes.Clone(prefix.Bytes()), encoded...)}, nil
}

// prove checks that the record is in the state with the given root.
func (r Record) prove(at place, root []byte) error {
	if len(r.Proofs) != proofsPerRecord {
		return fmt.Errorf("%w: %d state proofs, want %d", ErrInvalid, len(r.Proofs), proofsPerRecord)
	}
	inStore, err := existence(r.Proofs[0])
	if err != nil {
		return fmt.Errorf("key in store %s: %w", at.store, err)
	}
	inState, err := existence(r.Proofs[1])
	if err != nil {
		return fmt.Errorf("store %s in the state: %w", at.store, err)
	}
	storeRoot, err := inStore.Calculate()
	if err != nil {
		return fmt.Errorf("%w: key in store %s: %w", ErrInvalid, at.store, err)
	}
	if !ics23.VerifyMembership(ics23.IavlSpec, storeRoot, inStore, at.key, r.Value) {
		return fmt.Errorf("%w: the value is not proven under its key in store %s", ErrInvalid, at.store)
	}
	if !ics23.VerifyMembership(ics23.TendermintSpec, root, inState, []byte(at.store), storeRoot) {
		return fmt.Errorf("%w: store %s is not proven under the block's app hash", ErrInvalid, at.store)
	}
	return nil
}

// existence decodes a plain existence proof in its canonical encoding.
func existence(raw []byte) (*ics23.CommitmentProof, error) {
	proof := new(ics23.CommitmentProof)
	if err := canonical(raw, proof); err != nil {
		return nil, err
	}
	if proof.GetExist() == nil {
		return nil, fmt.Errorf("%w: the state proof is not one of existence", ErrInvalid)
	}
	return proof, nil
}

// message is a protobuf message of the generated kind.
type message interface {
	Unmarshal([]byte) error
	Marshal() ([]byte, error)
}

// canonical decodes a message and refuses bytes that do not survive being encoded again, such as unknown fields.
func canonical(raw []byte, into message) error {
	if err := into.Unmarshal(raw); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	again, err := into.Marshal()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if !bytes.Equal(raw, again) {
		return fmt.Errorf("%w: %T is not in its canonical encoding", ErrInvalid, into)
	}
	return nil
}
