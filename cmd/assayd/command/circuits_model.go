package command

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"

	quantised "github.com/assaychain/assay/offchain-worker/model"
	"github.com/assaychain/assay/x/proofs/circuits/model"
	"github.com/assaychain/assay/x/proofs/setup"
	"github.com/assaychain/assay/x/proofs/tensor"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// flagModel names a quantised network's file.
const flagModel = "model"

// circuitsModel holds what concerns the circuits of models.
func circuitsModel() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "model",
		Short: "Make and inspect the circuit and the keys of a network",
		Long: `Make and inspect the circuit and the keys of a network.

A job with --assurance model is proven by whole rows through a network that the chain knows: its circuit has the weights as
constants, so the verifying key is the network. A network becomes known with the genesis file (genesis add-circuits) or by a
proposal (record, tx proofs register-circuit-proposal). Workers need its proving key: assay-worker models add.`,
		RunE: client.ValidateCmd,
	}
	cmd.AddCommand(modelShow(), modelSetup(), modelRecord())
	return cmd
}

// loadNetwork reads a quantised network as what its circuit is compiled from.
func loadNetwork(path string) (*model.Network, error) {
	loaded, err := quantised.Load(path)
	if err != nil {
		return nil, WithExitCode(ExitUsage, err)
	}
	program, weights, err := loaded.Lower(1)
	if err != nil {
		return nil, WithExitCode(ExitUsage, err)
	}
	inputs := []*tensor.Tensor{nil}
	for _, weight := range weights {
		inputs = append(inputs, weight.Tensor)
	}
	network, err := model.NewNetwork(program, inputs)
	if err != nil {
		return nil, WithExitCode(ExitUsage, fmt.Errorf("%s: %w", path, err))
	}
	return network, nil
}

// ceremonyModel is the network that --model names; nil without it.
func ceremonyModel(cmd *cobra.Command) (*model.Network, error) {
	path, err := cmd.Flags().GetString(flagModel)
	if err != nil || path == "" {
		return nil, err
	}
	return loadNetwork(path)
}

// modelView is what can be recomputed of a network by anybody who has its weights.
type modelView struct {
	Circuit     string      `json:"circuit"`
	Model       string      `json:"model"`
	Constraints int         `json:"constraints"`
	CircuitHash string      `json:"circuit_hash"`
	Layers      []layerView `json:"layers"`
}

// layerView is a layer as the chain's record names it.
type layerView struct {
	WeightRoot string `json:"weight_root"`
	Inputs     uint32 `json:"inputs"`
	Outputs    uint32 `json:"outputs"`
}

func modelShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show MODEL.safetensors",
		Short: "Compile a network's circuit and show what the chain's record of it must say",
		Long: "Compile a network's circuit and show what the chain's record of it must say: the hash of the model, the roots of its weights and the hash of the " +
			"compiled circuit. Compare it with 'assayd query proofs circuit ID' before you vote for a model, or trust one. That the key follows from this " +
			"circuit is for the ceremony's transcript to show: 'assayd circuits ceremony verify FOLDER --model MODEL.safetensors'.",
		Example: "assayd circuits model show digits.safetensors --output json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			network, err := loadNetwork(args[0])
			if err != nil {
				return err
			}
			circuit, _, err := model.Describe(network)
			if err != nil {
				return err
			}
			hash := network.Hash()
			view := modelView{Circuit: circuit.ID, Model: hex.EncodeToString(hash[:]), Constraints: circuit.Constraints, CircuitHash: circuit.SHA256}
			for _, layer := range network.Model().Layers {
				view.Layers = append(view.Layers, layerView{hex.EncodeToString(layer.WeightRoot), layer.Cols, layer.Rows})
			}
			return printModel(cmd, view)
		},
	}
	cmd.Flags().StringP(flags.FlagOutput, "o", "text", "output format: text or json")
	return cmd
}

func printModel(cmd *cobra.Command, view modelView) error {
	if asJSON(cmd) {
		return printJSON(cmd, view)
	}
	cmd.Printf("circuit       %s\nmodel         %s\nconstraints   %d\ncircuit hash  %s\n", view.Circuit, view.Model, view.Constraints, view.CircuitHash)
	for i, layer := range view.Layers {
		cmd.Printf("layer %-2d      %d to %d, weights %s\n", i, layer.Inputs, layer.Outputs, layer.WeightRoot)
	}
	return nil
}

func modelSetup() *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:   "setup MODEL.safetensors",
		Short: "Make development keys for a network's circuit",
		Long: `Make development keys for a network's circuit, or check the ones that are there.

The keys are UNSAFE for a public network, as those of 'circuits setup' are: a ceremony makes others. They lie beside the keys of
the other circuits; a local network that is started with the folder knows the model.`,
		Example: "assayd circuits model setup digits.safetensors\nassayd circuits model setup digits.safetensors --circuits ./keys",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			network, err := loadNetwork(args[0])
			if err != nil {
				return err
			}
			entry, err := setup.MakeModel(folder, network, func(line string) { cmd.PrintErrln(line) })
			if err != nil {
				return err
			}
			cmd.PrintErrf("%s ready in %s\n", entry.Circuit, folder)
			return nil
		},
	}
	cmd.Flags().StringVar(&folder, flagCircuits, DefaultCircuits(), "folder of the keys")
	return cmd
}

func modelRecord() *cobra.Command {
	var folder, id string
	cmd := &cobra.Command{
		Use:     "record CIRCUIT",
		Short:   "Print the record of a model's circuit, to be proposed to governance",
		Example: `assayd tx proofs register-circuit-proposal "$(assayd circuits model record model-0123456789abcdef0123456789abcdef)" --from proposer`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			keys, err := setup.Open(folder)
			if err != nil {
				return err
			}
			entry, key, err := keys.LoadModelVerifyingKey(args[0])
			if err != nil {
				return WithExitCode(ExitUsage, err)
			}
			circuit, err := modelCircuit(entry, key)
			if err != nil {
				return err
			}
			if id != "" {
				circuit.Id = id
			}
			if err := circuit.Validate(); err != nil {
				return WithExitCode(ExitUsage, err)
			}
			raw, err := client.GetClientContextFromCmd(cmd).Codec.MarshalJSON(&circuit)
			if err != nil {
				return err
			}
			cmd.Println(string(raw))
			return nil
		},
	}
	cmd.Flags().StringVar(&id, "id", "", "id to register under, where the usual one was used for an earlier key of the model")
	cmd.Flags().StringVar(&folder, flagCircuits, DefaultCircuits(), "folder of the keys")
	return cmd
}

// loadModels are the circuits of the models that a folder has keys of.
func loadModels(keys *setup.Keys) ([]proofstypes.Circuit, error) {
	var loaded []proofstypes.Circuit
	for _, listed := range keys.Models() {
		entry, key, err := keys.LoadModelVerifyingKey(listed.Circuit)
		if err != nil {
			return nil, err
		}
		circuit, err := modelCircuit(entry, key)
		if err != nil {
			return nil, err
		}
		loaded = append(loaded, circuit)
	}
	return loaded, nil
}

// modelCircuit is the record of a model's circuit.
func modelCircuit(entry setup.ModelEntry, key []byte) (proofstypes.Circuit, error) {
	of, err := entry.Decode()
	if err != nil {
		return proofstypes.Circuit{}, err
	}
	compiled, err := hex.DecodeString(entry.CircuitSHA256)
	if err != nil {
		return proofstypes.Circuit{}, fmt.Errorf("model %s: circuit_sha256: %w", entry.Circuit, err)
	}
	transcript, err := hex.DecodeString(entry.Ceremony)
	if err != nil {
		return proofstypes.Circuit{}, fmt.Errorf("model %s: ceremony: %w", entry.Circuit, err)
	}
	keyHash := sha256.Sum256(key)
	circuit := proofstypes.Circuit{
		Id: entry.Circuit, System: proofstypes.PROOF_SYSTEM_GROTH16_BN254, VerifyingKey: key, KeyHash: keyHash[:],
		Development: len(transcript) == 0, Ceremony: transcript, Status: proofstypes.CIRCUIT_STATUS_ACTIVE, Model: &of, CircuitHash: compiled,
	}
	return circuit, circuit.Validate()
}
