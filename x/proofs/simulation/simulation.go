// Package simulation makes random changes of circuits and parameters for the SDK's simulator. Its keys are development keys
// of the real circuits, kept here so that every machine simulates the same.
package simulation

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"fmt"

	"github.com/cosmos/cosmos-sdk/testutil/simsx"
	"github.com/cosmos/cosmos-sdk/types/module"

	"github.com/assaychain/assay/x/proofs/challenge"
	"github.com/assaychain/assay/x/proofs/keeper"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/revealed"
	"github.com/assaychain/assay/x/proofs/statement"
	"github.com/assaychain/assay/x/proofs/tensor"
	"github.com/assaychain/assay/x/proofs/types"
)

var (
	//go:embed keys/opening-256.vk
	smallKey []byte
	//go:embed keys/opening-1024.vk
	largeKey []byte
	//go:embed keys/other-statement.proof
	proof []byte
)

// Proof is a well-formed proof that proves nothing about any job.
func Proof() []byte { return proof }

// Openings are well-formed openings of everything that a challenge asks for, which show nothing about it.
func Openings(trace challenge.Trace) ([][]byte, error) {
	_, statements, err := challenge.Statements(trace)
	if err != nil {
		return nil, err
	}
	openings := make([][]byte, len(statements))
	for i := range statements {
		s := &statements[i]
		blank := revealed.Opening{
			X: &tensor.RowOpening{Values: make([]int8, s.K)}, W: &tensor.RowOpening{Values: make([]int8, s.K), Multiplier: 1},
			Y: &tensor.EntryOpening{},
		}
		openings[i] = revealed.Marshal(s, blank)
	}
	return openings, nil
}

// circuit makes an active circuit of a class under an id.
func circuit(id string, class uint32) types.Circuit {
	raw := smallKey
	if class == statement.ClassLarge {
		raw = largeKey
	}
	hash := sha256.Sum256(raw)
	return types.Circuit{
		Id: id, System: types.PROOF_SYSTEM_GROTH16_BN254, Class: class, VerifyingKey: raw, KeyHash: hash[:],
		Development: true, Status: types.CIRCUIT_STATUS_ACTIVE,
	}
}

// RandomizedGenState has the circuits of the default classes.
func RandomizedGenState(state *module.SimulationState) {
	genesis := types.DefaultGenesis()
	genesis.Params.AllowDevelopmentKeys = true
	genesis.Params.UnitsPerBlock = units(state.Rand.Intn(3))
	genesis.Params.MaxCircuits = types.CircuitsLimit
	for _, class := range statement.DefaultClasses() {
		genesis.Circuits = append(genesis.Circuits, circuit(statement.CircuitID(class), class))
	}
	state.GenState[types.ModuleName] = state.Cdc.MustMarshalJSON(genesis)
}

// units is a small, a middling or the default budget of a block.
func units(choice int) uint64 {
	return []uint64{types.MinUnits, 10_000, types.DefaultUnits}[choice]
}

// modelCircuit makes an active circuit of a small random model.
func modelCircuit(id string, r *simsx.XRand) types.Circuit {
	made := circuit(id, 0)
	root := make([]byte, tensor.RootSize)
	root[tensor.RootSize-1] = byte(r.Intn(4))
	made.Model = &program.Model{Layers: []program.Layer{{
		WeightRoot: root, Rows: 1 + uint32(r.Intn(3)), Cols: 5, Shift: 9, Activation: program.ACTIVATION_RELU, OutputType: program.DATA_TYPE_INT8,
	}}}
	made.CircuitHash = made.KeyHash
	return made
}

// MsgRegisterCircuitFactory proposes a circuit for a class, or now and then for a model, which succeeds when it has none.
func MsgRegisterCircuitFactory() simsx.SimMsgFactoryFn[*types.MsgRegisterCircuit] {
	return func(_ context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgRegisterCircuit) {
		r := data.Rand()
		classes, id := statement.DefaultClasses(), fmt.Sprintf("circuit-%d", r.Intn(1_000_000))
		made := circuit(id, classes[r.Intn(len(classes))])
		if r.Intn(4) == 0 {
			made = modelCircuit(id, r)
		}
		return nil, &types.MsgRegisterCircuit{Authority: data.ModuleAccountAddress(reporter, "gov"), Circuit: made}
	}
}

// MsgRetireCircuitFactory proposes to retire one of the circuits.
func MsgRetireCircuitFactory(k *keeper.Keeper) simsx.SimMsgFactoryFn[*types.MsgRetireCircuit] {
	return func(ctx context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgRetireCircuit) {
		classes := statement.DefaultClasses()
		chosen, err := k.CircuitFor(ctx, classes[data.Rand().Intn(len(classes))])
		if err != nil {
			reporter.Skip("the class has no circuit")
			return nil, nil
		}
		return nil, &types.MsgRetireCircuit{Authority: data.ModuleAccountAddress(reporter, "gov"), Id: chosen.Id}
	}
}

// MsgUpdateParamsFactory changes the budget of a block.
func MsgUpdateParamsFactory() simsx.SimMsgFactoryFn[*types.MsgUpdateParams] {
	return func(_ context.Context, data *simsx.ChainDataSource, reporter simsx.SimulationReporter) ([]simsx.SimAccount, *types.MsgUpdateParams) {
		params := types.Params{UnitsPerBlock: units(data.Rand().Intn(3)), MaxCircuits: types.CircuitsLimit, AllowDevelopmentKeys: true}
		return nil, &types.MsgUpdateParams{Authority: data.ModuleAccountAddress(reporter, "gov"), Params: params}
	}
}
