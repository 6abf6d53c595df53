package certificatetest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cometbft/cometbft/version"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	"github.com/assaychain/assay/x/beacon/drand"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	markettypes "github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/setup/setuptest"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// Node answers certificate.Collect for one settled job, JobID.
type Node struct {
	store      *rootmulti.Store
	validators *cmttypes.ValidatorSet
	signed     cmttypes.SignedHeader
	// Genesis is the contents of the genesis file of the node's chain.
	Genesis []byte
	// JobID is the settled job.
	JobID uint64
	// Result is the job's output.
	Result *tensor.Tensor
}

// powers are those of the validators.
var powers = []int64{40, 30, 20, 10}

// New makes a node whose chain settled one job with sampled proofs, which takes some seconds of proving.
func New(t testing.TB) *Node {
	t.Helper()
	return NewAt(t, markettypes.ASSURANCE_SAMPLED)
}

// NewAt makes a node whose chain settled one job at a level of assurance, sampled, revealed or full.
func NewAt(t testing.TB, level markettypes.Assurance) *Node {
	t.Helper()
	w := carryOut(t, level)
	n := &Node{JobID: jobID, Result: w.result}
	params := beacontypes.DefaultParams()
	params.Chain = beacontypes.Chain{PublicKey: w.beacon.PublicKey(), Period: 3, GenesisTime: 1_700_000_000, Scheme: drand.Scheme}
	circuit := circuit(t, level)
	if level == markettypes.ASSURANCE_MODEL {
		circuit = modelCircuit(t)
	}
	n.fill(t, w, params, circuit)
	keys := n.sign(t)
	n.Genesis = genesis(t, keys, params, circuit)
	return n
}

func circuit(t testing.TB, level markettypes.Assurance) proofstypes.Circuit {
	t.Helper()
	if level == markettypes.ASSURANCE_FULL {
		return fullCircuit()
	}
	keys, err := setup.Open(setuptest.Dir(t))
	require.NoError(t, err)
	id := statement.CircuitID(statement.ClassSmall)
	key, err := keys.LoadVerifyingKey(id)
	require.NoError(t, err)
	hash := sha256.Sum256(key)
	return proofstypes.Circuit{
		Id: id, System: proofstypes.PROOF_SYSTEM_GROTH16_BN254, Class: statement.ClassSmall, VerifyingKey: key, KeyHash: hash[:],
		Development: true, Status: proofstypes.CIRCUIT_STATUS_ACTIVE,
	}
}

// fill writes the state as the modules lay it out, among other records.
func (n *Node) fill(t testing.TB, w *work, params beacontypes.Params, circuit proofstypes.Circuit) {
	t.Helper()
	n.store = rootmulti.NewStore(dbm.NewMemDB(), log.NewNopLogger())
	stores := map[string]storetypes.KVStore{}
	for _, name := range []string{"bank", beacontypes.StoreKey, markettypes.StoreKey, proofstypes.StoreKey} {
		key := storetypes.NewKVStoreKey(name)
		n.store.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
		require.NoError(t, n.store.LoadLatestVersion())
		stores[name] = nil
	}
	for name := range stores {
		stores[name] = n.store.GetKVStore(n.store.StoreKeysByName()[name])
	}
	stores["bank"].Set([]byte("k"), []byte("v"))
	put := func(store string, key []byte, message proto.Message) {
		raw, err := proto.Marshal(message)
		require.NoError(t, err)
		stores[store].Set(key, raw)
	}
	other := w.job
	other.Id = jobID + 1
	put(markettypes.StoreKey, number(markettypes.JobsPrefix, jobID), &w.job)
	put(markettypes.StoreKey, number(markettypes.JobsPrefix, jobID+1), &other)
	put(markettypes.StoreKey, number(markettypes.SpecsPrefix, jobID), &w.spec)
	put(markettypes.StoreKey, number(markettypes.ProofsPrefix, jobID), &w.set)
	put(proofstypes.StoreKey, append(proofstypes.CircuitsPrefix.Bytes(), circuit.Id...), &circuit)
	put(beacontypes.StoreKey, beacontypes.ParamsKey, &params)
	put(beacontypes.StoreKey, append(number(beacontypes.RoundsPrefix, 0), number(nil, round)...), &beacontypes.Round{Round: round, Signature: w.signature})
	generation, err := collections.Uint64Value.Encode(0)
	require.NoError(t, err)
	stores[beacontypes.StoreKey].Set(beacontypes.GenerationKey, generation)
	n.store.Commit()
}

// number is a prefix and a number, big endian.
func number(prefix []byte, n uint64) []byte {
	key := append([]byte{}, prefix...)
	for shift := 56; shift >= 0; shift -= 8 {
		key = append(key, byte(n>>shift))
	}
	return key
}

// sign makes the block after the state and has all validators but the last sign it.
func (n *Node) sign(t testing.TB) []ed25519.PrivKey {
	t.Helper()
	keys := make([]ed25519.PrivKey, len(powers))
	byAddress := map[string]ed25519.PrivKey{}
	validators := make([]*cmttypes.Validator, len(powers))
	for i, power := range powers {
		keys[i] = ed25519.GenPrivKeyFromSecret([]byte(fmt.Sprint("validator ", i)))
		validators[i] = cmttypes.NewValidator(keys[i].PubKey(), power)
		byAddress[string(keys[i].PubKey().Address())] = keys[i]
	}
	n.validators = cmttypes.NewValidatorSet(validators)
	hash := func(text string) []byte { sum := sha256.Sum256([]byte(text)); return sum[:] }
	id := n.store.LastCommitID()
	header := cmttypes.Header{
		Version: cmtversion.Consensus{Block: version.BlockProtocol}, ChainID: chainID, Height: id.Version + 1,
		Time: time.Unix(1_700_001_000, 0).UTC(), AppHash: id.Hash,
		LastBlockID:    cmttypes.BlockID{Hash: hash("last"), PartSetHeader: cmttypes.PartSetHeader{Total: 1, Hash: hash("parts")}},
		ValidatorsHash: n.validators.Hash(), NextValidatorsHash: n.validators.Hash(), ConsensusHash: hash("consensus"),
		LastCommitHash: hash("commit"), DataHash: hash("data"), LastResultsHash: hash("results"), EvidenceHash: hash("evidence"),
		ProposerAddress: n.validators.Validators[0].Address,
	}
	n.signed = cmttypes.SignedHeader{Header: &header, Commit: n.commit(t, header, byAddress)}
	return keys
}

// commit has all validators but the last sign a header.
func (n *Node) commit(t testing.TB, header cmttypes.Header, keys map[string]ed25519.PrivKey) *cmttypes.Commit {
	t.Helper()
	parts := sha256.Sum256([]byte("its parts"))
	commit := &cmttypes.Commit{Height: header.Height, Round: 1, BlockID: cmttypes.BlockID{
		Hash: header.Hash(), PartSetHeader: cmttypes.PartSetHeader{Total: 1, Hash: parts[:]},
	}}
	for i, v := range n.validators.Validators {
		if v.VotingPower == powers[len(powers)-1] {
			commit.Signatures = append(commit.Signatures, cmttypes.NewCommitSigAbsent())
			continue
		}
		vote := cmttypes.Vote{
			Type: cmtproto.PrecommitType, Height: commit.Height, Round: commit.Round, BlockID: commit.BlockID,
			Timestamp: header.Time.Add(time.Second), ValidatorAddress: v.Address, ValidatorIndex: int32(i),
		}
		signature, err := keys[string(v.Address)].Sign(cmttypes.VoteSignBytes(chainID, vote.ToProto()))
		require.NoError(t, err)
		vote.Signature = signature
		commit.Signatures = append(commit.Signatures, vote.CommitSig())
	}
	return commit
}

// genesis is a file as an operator has it, with the validators as genesis transactions.
func genesis(t testing.TB, keys []ed25519.PrivKey, params beacontypes.Params, circuit proofstypes.Circuit) []byte {
	t.Helper()
	cdc := codec.NewProtoCodec(codectypes.NewInterfaceRegistry())
	beacon, err := cdc.MarshalJSON(&beacontypes.GenesisState{Params: params})
	require.NoError(t, err)
	proofs, err := cdc.MarshalJSON(&proofstypes.GenesisState{Circuits: []proofstypes.Circuit{circuit}})
	require.NoError(t, err)
	txs := []any{}
	for i, key := range keys {
		txs = append(txs, map[string]any{"body": map[string]any{"messages": []any{map[string]any{
			"@type":  "/cosmos.staking.v1beta1.MsgCreateValidator",
			"pubkey": map[string]any{"@type": "/cosmos.crypto.ed25519.PubKey", "key": base64.StdEncoding.EncodeToString(key.PubKey().Bytes())},
			"value":  map[string]any{"denom": "uassay", "amount": fmt.Sprint(powers[i] * 1_000_000)},
		}}}})
	}
	file, err := json.MarshalIndent(map[string]any{
		"chain_id":  chainID,
		"app_state": map[string]any{"beacon": json.RawMessage(beacon), "proofs": json.RawMessage(proofs), "genutil": map[string]any{"gen_txs": txs}},
	}, "", " ")
	require.NoError(t, err)
	return file
}

// ABCIQueryWithOptions reads the store.
func (n *Node) ABCIQueryWithOptions(_ context.Context, path string, data cmtbytes.HexBytes, opts rpcclient.ABCIQueryOptions) (*coretypes.ResultABCIQuery, error) {
	if len(path) < 6 || path[:6] != "/store" {
		return nil, errors.New("only the store can be asked")
	}
	response, err := n.store.Query(&storetypes.RequestQuery{Path: path[6:], Data: data, Height: opts.Height, Prove: opts.Prove})
	if err != nil {
		return nil, err
	}
	return &coretypes.ResultABCIQuery{Response: abci.ResponseQuery{
		Code: response.Code, Log: response.Log, Key: response.Key, Value: response.Value, ProofOps: response.ProofOps, Height: response.Height,
	}}, nil
}

// Commit returns the only block there is.
func (n *Node) Commit(context.Context, *int64) (*coretypes.ResultCommit, error) {
	return &coretypes.ResultCommit{SignedHeader: n.signed, CanonicalCommit: true}, nil
}

// Validators lists them a few at a time, as real nodes do.
func (n *Node) Validators(_ context.Context, height *int64, page, _ *int) (*coretypes.ResultValidators, error) {
	const perPage = 3
	all := n.validators.Validators
	first := min((*page-1)*perPage, len(all))
	last := min(first+perPage, len(all))
	return &coretypes.ResultValidators{BlockHeight: *height, Validators: all[first:last], Count: last - first, Total: len(all)}, nil
}
