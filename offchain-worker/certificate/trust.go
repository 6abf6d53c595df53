package certificate

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"os"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cosmos/gogoproto/proto"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"

	"github.com/assaychain/assay/x/beacon/drand"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

const (
	// maxGenesisSize bounds a genesis file in bytes.
	maxGenesisSize = 512 << 20
	// powerReduction is how much of the base denomination gives a validator one unit of power.
	powerReduction = 1_000_000
)

// ErrTrust is wrapped when something can't serve as a root of trust.
var ErrTrust = errors.New("no root of trust")

// TrustRoot is what a verifier knows from a source other than the certificate.
type TrustRoot struct {
	// ChainID names the network.
	ChainID string
	// Validators are a set whose power vouches for a block; not needed when HeaderHash is given.
	Validators *cmttypes.ValidatorSet
	// HeaderHash, when given, is the hash of the certificate's block, known from a trusted source. It takes the place of
	// Validators, above all where the network's validators have changed since genesis.
	HeaderHash []byte
	// Circuits are the trusted circuits by id. One that is not among them was registered later and is believed on the word of
	// the chain's state.
	Circuits map[string]TrustedCircuit
	// Beacon, when given, is the trusted beacon. Rounds of another generation of the beacon are believed on the word of the
	// chain's state.
	Beacon *TrustedBeacon
}

// TrustedCircuit is what a circuit proves and under which key.
type TrustedCircuit struct {
	// KeyHash is the SHA-256 of the verifying key.
	KeyHash []byte
	// Class is the largest inner dimension that it opens; 0 for the circuit of a model.
	Class uint32
	// Model is the hash of the model whose circuit it is; nil for a circuit that opens entries.
	Model []byte
}

// TrustedBeacon is a beacon and the generation in which the chain follows it.
type TrustedBeacon struct {
	Chain      drand.Chain
	Generation uint64
}

// Validate refuses a root that vouches for nothing.
func (t TrustRoot) Validate() error {
	switch {
	case t.ChainID == "":
		return fmt.Errorf("%w: the chain id is missing", ErrTrust)
	case len(t.HeaderHash) == 0 && t.Validators.IsNilOrEmpty():
		return fmt.Errorf("%w: neither validators nor a block hash are given", ErrTrust)
	case len(t.HeaderHash) != 0 && len(t.HeaderHash) != 32:
		return fmt.Errorf("%w: the block hash has %d bytes, must have 32", ErrTrust, len(t.HeaderHash))
	}
	return nil
}

// genesisFile is the part of a genesis file that roots trust.
type genesisFile struct {
	ChainID   string `json:"chain_id"`
	Consensus struct {
		Validators []struct {
			PubKey struct {
				Value []byte `json:"value"`
			} `json:"pub_key"`
			Power json.Number `json:"power"`
		} `json:"validators"`
	} `json:"consensus"`
	AppState struct {
		Beacon  json.RawMessage `json:"beacon"`
		Proofs  json.RawMessage `json:"proofs"`
		Genutil struct {
			GenTxs []genesisTx `json:"gen_txs"`
		} `json:"genutil"`
	} `json:"app_state"`
}

// genesisTx is the part of a genesis transaction that makes a validator.
type genesisTx struct {
	Body struct {
		Messages []struct {
			Type   string `json:"@type"`
			PubKey struct {
				Type string `json:"@type"`
				Key  []byte `json:"key"`
			} `json:"pubkey"`
			Value struct {
				Amount string `json:"amount"`
			} `json:"value"`
		} `json:"messages"`
	} `json:"body"`
}

// ReadGenesis takes the root of trust from a genesis file.
func ReadGenesis(path string) (TrustRoot, error) {
	file, err := os.Open(path)
	if err != nil {
		return TrustRoot{}, fmt.Errorf("open genesis: %w", err)
	}
	defer file.Close() // Read-only: closing cannot lose data.
	data, err := io.ReadAll(io.LimitReader(file, maxGenesisSize+1))
	if err != nil {
		return TrustRoot{}, fmt.Errorf("read genesis: %w", err)
	}
	if len(data) > maxGenesisSize {
		return TrustRoot{}, fmt.Errorf("%w: %s is larger than %d bytes", ErrTrust, path, maxGenesisSize)
	}
	root, err := FromGenesis(data)
	if err != nil {
		return TrustRoot{}, fmt.Errorf("%s: %w", path, err)
	}
	return root, nil
}

// FromGenesis takes the root of trust from the contents of a genesis file: its first validators, its beacon and the hashes
// of its circuits' keys.
func FromGenesis(data []byte) (TrustRoot, error) {
	var file genesisFile
	if err := json.Unmarshal(data, &file); err != nil {
		return TrustRoot{}, fmt.Errorf("%w: not a genesis file: %w", ErrTrust, err)
	}
	root := TrustRoot{ChainID: file.ChainID}
	validators, err := file.validators()
	if err != nil {
		return TrustRoot{}, err
	}
	if root.Validators, err = validatorSet(validators); err != nil {
		return TrustRoot{}, fmt.Errorf("%w: genesis: %w", ErrTrust, err)
	}
	if root.Circuits, err = file.circuits(); err != nil {
		return TrustRoot{}, err
	}
	if root.Beacon, err = file.beacon(); err != nil {
		return TrustRoot{}, err
	}
	return root, root.Validate()
}

// validators are those that the file lists, or else those that its transactions make.
func (f *genesisFile) validators() ([]Validator, error) {
	found := []Validator{}
	for i, v := range f.Consensus.Validators {
		power, err := v.Power.Int64()
		if err != nil {
			return nil, fmt.Errorf("%w: genesis: consensus.validators[%d].power: %w", ErrTrust, i, err)
		}
		found = append(found, Validator{PubKey: v.PubKey.Value, Power: power})
	}
	if len(found) > 0 {
		return found, nil
	}
	for i, tx := range f.AppState.Genutil.GenTxs {
		for _, m := range tx.Body.Messages {
			if m.Type != "/cosmos.staking.v1beta1.MsgCreateValidator" {
				continue
			}
			power, err := powerOf(m.Value.Amount)
			if err != nil || m.PubKey.Type != "/"+ed25519Name {
				return nil, fmt.Errorf("%w: genesis: gen_txs[%d]: no validator with an Ed25519 key and a stake", ErrTrust, i)
			}
			found = append(found, Validator{PubKey: m.PubKey.Key, Power: power})
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: genesis: it has no validator", ErrTrust)
	}
	return found, nil
}

// ed25519Name is the protobuf name of a consensus key.
const ed25519Name = "cosmos.crypto.ed25519.PubKey"

// powerOf is the power of a stake, as x/staking computes it.
func powerOf(amount string) (int64, error) {
	stake, ok := new(big.Int).SetString(amount, 10)
	if !ok || stake.Sign() <= 0 {
		return 0, fmt.Errorf("stake %.64q is not a positive number", amount)
	}
	power := stake.Div(stake, big.NewInt(powerReduction))
	if !power.IsInt64() || power.Sign() == 0 || power.Int64() > math.MaxInt64/8 {
		return 0, fmt.Errorf("stake %.64q gives no voting power", amount)
	}
	return power.Int64(), nil
}

func (f *genesisFile) circuits() (map[string]TrustedCircuit, error) {
	var state proofstypes.GenesisState
	if err := decodeModule(f.AppState.Proofs, &state); err != nil {
		return nil, fmt.Errorf("%w: genesis: app_state.proofs: %w", ErrTrust, err)
	}
	circuits := make(map[string]TrustedCircuit, len(state.Circuits))
	for _, c := range state.Circuits {
		model, err := modelOf(c)
		if err != nil {
			return nil, fmt.Errorf("%w: genesis: circuit %s: %w", ErrTrust, c.Id, err)
		}
		circuits[c.Id] = TrustedCircuit{KeyHash: c.KeyHash, Class: c.Class, Model: model}
	}
	return circuits, nil
}

func (f *genesisFile) beacon() (*TrustedBeacon, error) {
	var state beacontypes.GenesisState
	if err := decodeModule(f.AppState.Beacon, &state); err != nil {
		return nil, fmt.Errorf("%w: genesis: app_state.beacon: %w", ErrTrust, err)
	}
	chain, err := beaconChain(state.Params.Chain)
	if err != nil {
		return nil, fmt.Errorf("%w: genesis: %w", ErrTrust, err)
	}
	return &TrustedBeacon{Chain: chain, Generation: state.Generation}, nil
}

// beaconChain turns the chain's description into the verifier's.
func beaconChain(c beacontypes.Chain) (drand.Chain, error) {
	if c.Period > math.MaxUint32 {
		return drand.Chain{}, fmt.Errorf("%w: beacon period %d is too long", ErrInvalid, c.Period)
	}
	chain := drand.Chain{PublicKey: c.PublicKey, Period: uint32(c.Period), Genesis: c.GenesisTime, Scheme: c.Scheme}
	return chain, chain.Validate()
}

// decodeModule reads a module's state in the protobuf mapping to JSON.
func decodeModule(raw json.RawMessage, into proto.Message) error {
	if len(bytes.TrimSpace(raw)) == 0 {
		return errors.New("missing")
	}
	return codec.NewProtoCodec(codectypes.NewInterfaceRegistry()).UnmarshalJSON(raw, into)
}

// ParseHash reads a hash of 32 bytes in hexadecimal, as explorers show a block's.
func ParseHash(text string) ([]byte, error) {
	hash, err := hex.DecodeString(text)
	if err != nil || len(hash) != 32 {
		return nil, fmt.Errorf("%w: %.80q is not a hash of 64 hexadecimal characters", ErrTrust, text)
	}
	return hash, nil
}

// listed returns validators as a certificate lists them.
func listed(validators []*cmttypes.Validator) ([]Validator, error) {
	out := make([]Validator, len(validators))
	for i, v := range validators {
		key, ok := v.PubKey.(ed25519.PubKey)
		if !ok {
			return nil, fmt.Errorf("validator %s has a %s key; only Ed25519 can be certified", v.Address, v.PubKey.Type())
		}
		out[i] = Validator{PubKey: key, Power: v.VotingPower}
	}
	return out, nil
}
