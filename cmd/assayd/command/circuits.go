package command

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/x/proofs/circuits"
	"github.com/assaychain/assay/x/proofs/setup"
	openings "github.com/assaychain/assay/x/proofs/statement"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

// flagCircuits names the folder of proving and verifying keys.
const flagCircuits = "circuits"

// circuitsCommand holds what concerns the circuits and their keys.
func circuitsCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "circuits", Short: "Make and inspect the keys of the proof circuits", RunE: client.ValidateCmd}
	cmd.AddCommand(circuitsSetup(), circuitsModel(), ceremonyCommand(), fullCommand())
	return cmd
}

// DefaultCircuits is the folder of development keys when none is named: they are costly to make and fit every local network.
func DefaultCircuits() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return filepath.Join(app.DefaultNodeHome, "circuits")
	}
	return filepath.Join(cache, "assay", "circuits")
}

// circuitsSetup makes development keys.
func circuitsSetup() *cobra.Command {
	var folder string
	var classes []uint
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Make development keys for the circuits",
		Long: `Make development keys for the circuits, or check the ones that are there.

A circuit opens steps up to the inner dimension of its class. The classes 256 and 1024 take some seconds; 2048 and 4096 take most
of a minute, and a network has them only if its folder of keys has them when its genesis is made. Keys that are there stay.

The keys are UNSAFE for a public network: whoever ran the setup could have kept the secret that forges proofs. A chain
accepts them only when its id begins with assay-local- or assay-test-.`,
		Example: "assayd circuits setup\nassayd circuits setup --circuits ./keys --classes 256,1024,2048,4096",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			chosen, err := circuitsOf(classes)
			if err != nil {
				return err
			}
			made, err := setup.MakeOf(folder, chosen, func(line string) { cmd.PrintErrln(line) })
			if err != nil {
				return err
			}
			cmd.PrintErrf("%d circuits ready in %s\n", len(made), folder)
			return nil
		},
	}
	cmd.Flags().StringVar(&folder, flagCircuits, DefaultCircuits(), "folder of the keys")
	addClasses(cmd, &classes)
	return cmd
}

// flagClasses names the classes of circuits.
const flagClasses = "classes"

// addClasses gives a command the flag of classes.
func addClasses(cmd *cobra.Command, classes *[]uint) {
	var standard []uint
	for _, class := range openings.DefaultClasses() {
		standard = append(standard, uint(class))
	}
	cmd.Flags().UintSliceVar(classes, flagClasses, standard, "classes of the circuits: largest inner dimensions, of 256, 1024, 2048 and 4096")
}

// circuitsOf are the circuits of the classes that a flag named.
func circuitsOf(named []uint) ([]circuits.Circuit, error) {
	var classes []uint32
	for _, class := range named {
		classes = append(classes, uint32(min(class, math.MaxUint32)))
	}
	chosen, err := circuits.Of(classes...)
	if err == nil && len(chosen) == 0 {
		err = errors.New("name at least one class")
	}
	if err != nil {
		return nil, WithExitCode(ExitUsage, fmt.Errorf("--%s: %w", flagClasses, err))
	}
	return chosen, nil
}

// LoadCircuits reads the verifying keys of a folder, those of its models included, as circuits to register.
func LoadCircuits(folder string) ([]proofstypes.Circuit, error) {
	keys, err := setup.Open(folder)
	if err != nil {
		return nil, fmt.Errorf("%w: make development keys with 'assayd circuits setup', or take a ceremony's", err)
	}
	var loaded []proofstypes.Circuit
	for _, c := range keys.Circuits() {
		transcript, ceremony := keys.Ceremony(c.ID)
		key, err := keys.LoadVerifyingKey(c.ID)
		if err != nil {
			return nil, err
		}
		hash := sha256.Sum256(key)
		loaded = append(loaded, proofstypes.Circuit{
			Id: c.ID, System: proofstypes.PROOF_SYSTEM_GROTH16_BN254, Class: c.Class, VerifyingKey: key, KeyHash: hash[:],
			Development: !ceremony, Ceremony: transcript, Status: proofstypes.CIRCUIT_STATUS_ACTIVE,
		})
	}
	models, err := loadModels(keys)
	return append(loaded, models...), err
}

func isDevelopment(c proofstypes.Circuit) bool { return c.Development }

func isOpening(c proofstypes.Circuit) bool { return c.System == proofstypes.PROOF_SYSTEM_GROTH16_BN254 }

// genesisCircuits registers a folder's keys in the genesis file.
func genesisCircuits() *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:     "add-circuits",
		Short:   "Register verifying keys in the genesis file",
		Long:    "Register a folder's verifying keys in the genesis file, with those of the models that it has keys of. A ceremony's keys are registered under the hash of its transcript; development keys allow development keys on the chain.",
		Example: "assayd circuits setup && assayd genesis add-circuits\nassayd genesis add-circuits --circuits ./ceremony-keys",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := LoadCircuits(folder)
			if err != nil {
				return err
			}
			development := slices.ContainsFunc(loaded, isDevelopment)
			return editGenesis(cmd, func(file *genutiltypes.AppGenesis) error {
				if development && !proofstypes.DevelopmentChain(file.ChainID) {
					return fmt.Errorf("development keys are not accepted: chain %q takes keys from a ceremony only: see 'assayd circuits ceremony --help'", file.ChainID)
				}
				return editModule(cmd, file, proofstypes.ModuleName, func(g *proofstypes.GenesisState) {
					// A key of the level full, which another command adds, stays.
					g.Circuits = append(loaded, slices.DeleteFunc(g.Circuits, isOpening)...)
					g.Params.AllowDevelopmentKeys = slices.ContainsFunc(g.Circuits, isDevelopment)
				})
			})
		},
	}
	cmd.Flags().StringVar(&folder, flagCircuits, DefaultCircuits(), "folder of the keys")
	return cmd
}
