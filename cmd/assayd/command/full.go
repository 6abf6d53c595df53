package command

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/assaychain/assay/x/proofs/full/setup"
	proofstypes "github.com/assaychain/assay/x/proofs/types"
)

const (
	// flagFullString names the reference string of the level full.
	flagFullString = "full-string"
	// fullCircuit is the id that a KZG key is registered under when none is given.
	fullCircuit = "full"
	// fullPoints is the length of a string when none is given: enough for products of 256 × 256, and for 128 images of 784 pixels and
	// the weights of 128 units over them.
	fullPoints = 1 << 17
	// fullSeed makes the development string of local networks, so that all of them have the same.
	fullSeed = "assay-local"
)

// DefaultFullString is the reference string when none is named: it lies beside the development keys.
func DefaultFullString() string { return filepath.Join(DefaultCircuits(), "full.srs") }

// fullCommand holds what concerns the reference string of the level full.
func fullCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "full",
		Short: "Make, import and inspect the reference string that proves every entry of a job",
		Long: `Make, import and inspect the reference string that proves every entry of a job.

Jobs of the level full are committed to and proven with it: workers and their customers need the file, the chain only its
verifying key. A tensor takes as many points as its last index, with rows of a power of two: 65,536 for 256 × 256, 1,048,576
for 1024 × 1024, 67,108,864 for the largest program, 8192 × 8192. A point takes 64 bytes.`,
		RunE: client.ValidateCmd,
	}
	cmd.AddCommand(fullDevelop(), fullImport(), fullKey(), fullCheck())
	return cmd
}

// pointsFlag chooses the length of a string.
func pointsFlag(cmd *cobra.Command, points *int) {
	cmd.Flags().IntVar(points, "points", fullPoints, fmt.Sprintf("points of the string, %d to %d", setup.MinPoints, setup.MaxPoints))
}

// fullDevelop makes a development string.
func fullDevelop() *cobra.Command {
	var points int
	var seed string
	cmd := &cobra.Command{
		Use:   "develop [FILE]",
		Short: "Make a development string, whose secret is public",
		Long: `Make a development string, whose secret is public. Equal seeds give equal strings.

It is UNSAFE for a public network: everybody can compute the secret that forges proofs. A chain accepts its key only when
its id begins with assay-local- or assay-test-.`,
		Example: "assayd circuits full develop\nassayd circuits full develop full.srs --points 1048576",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := fullPath(args)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return fmt.Errorf("make the string's folder: %w", err)
			}
			if err := setup.Develop(cmd.Context(), path, points, []byte(seed)); err != nil {
				return WithExitCode(ExitUsage, err)
			}
			return printString(cmd, path)
		},
	}
	pointsFlag(cmd, &points)
	cmd.Flags().StringVar(&seed, "seed", fullSeed, "seed of the secret")
	return cmd
}

// fullImport makes a string from a public ceremony's.
func fullImport() *cobra.Command {
	var points int
	cmd := &cobra.Command{
		Use:   "import POWERS.ptau [FILE]",
		Short: "Make a string from the powers of tau of a public ceremony",
		Long: `Make a string from the powers of tau of a public ceremony over BN254, in snarkjs's format.

All points are checked, so that it does not matter who served the file. That at least one contributor of the ceremony was
honest is for its transcript to show, which is not read here.`,
		Example: "assayd circuits full import powersOfTau28_hez_final_20.ptau full.srs --points 1048576",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := fullPath(args[1:])
			if err := setup.ImportPtau(cmd.Context(), args[0], path, points); err != nil {
				return WithExitCode(ExitUsage, err)
			}
			return printString(cmd, path)
		},
	}
	pointsFlag(cmd, &points)
	return cmd
}

// fullCheck checks a whole string.
func fullCheck() *cobra.Command {
	return &cobra.Command{
		Use:     "check [FILE]",
		Short:   "Check every point of a string",
		Example: "assayd circuits full check full.srs",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := fullPath(args)
			file, err := setup.Open(path)
			if err != nil {
				return WithExitCode(ExitUsage, err)
			}
			if err := errors.Join(file.Verify(cmd.Context()), file.Close()); err != nil {
				return WithExitCode(ExitInvalid, err)
			}
			return printString(cmd, path)
		},
	}
}

// fullKey prints the verifying key as a circuit.
func fullKey() *cobra.Command {
	var id, powers string
	cmd := &cobra.Command{
		Use:   "key [FILE]",
		Short: "Print a string's verifying key as the circuit to register",
		Long: `Print a string's verifying key as the circuit to register, in JSON: for 'assayd tx proofs register-circuit-proposal', or for
a genesis file. A key that is not for development names the powers of tau that it follows from.`,
		Example: "assayd circuits full key full.srs\nassayd circuits full key full.srs --id full-2 --powers powersOfTau28_hez_final_20.ptau",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			circuit, err := fullKeyOf(fullPath(args), id, powers)
			if err != nil {
				return WithExitCode(ExitUsage, err)
			}
			content, err := client.GetClientContextFromCmd(cmd).Codec.MarshalJSON(&circuit)
			if err != nil {
				return err
			}
			cmd.Println(string(content))
			return nil
		},
	}
	cmd.Flags().StringVar(&id, "id", fullCircuit, "id of the circuit")
	cmd.Flags().StringVar(&powers, "powers", "", "powers-of-tau file that the string was imported from")
	return cmd
}

func fullPath(args []string) string {
	if len(args) == 0 {
		return DefaultFullString()
	}
	return args[0]
}

// stringReport is the machine-readable description of a string.
type stringReport struct {
	File        string `json:"file"`
	Points      int    `json:"points"`
	KeyHash     string `json:"key_hash"`
	Development bool   `json:"development"`
}

// printString says what a string is.
func printString(cmd *cobra.Command, path string) error {
	file, err := setup.Open(path)
	if err != nil {
		return err
	}
	hash := file.Key().Hash()
	report := stringReport{File: path, Points: file.Len(), KeyHash: hex.EncodeToString(hash[:]), Development: file.Key().Development()}
	if err := file.Close(); err != nil {
		return err
	}
	return json.NewEncoder(cmd.OutOrStdout()).Encode(report)
}

// genesisFull registers a string's key in the genesis file.
func genesisFull() *cobra.Command {
	var id, powers string
	cmd := &cobra.Command{
		Use:   "add-full-key [FILE]",
		Short: "Register a reference string's verifying key in the genesis file",
		Long: `Register a reference string's verifying key in the genesis file, and enable the level full where that is allowed: on chains
whose id begins with assay-local- or assay-test-, until the proof system is reviewed.`,
		Example: "assayd circuits full develop && assayd genesis add-full-key",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			circuit, err := fullKeyOf(fullPath(args), id, powers)
			if err != nil {
				return WithExitCode(ExitUsage, err)
			}
			return editGenesis(cmd, func(file *genutiltypes.AppGenesis) error {
				local := proofstypes.DevelopmentChain(file.ChainID)
				if circuit.Development && !local {
					return fmt.Errorf("development keys are not accepted: chain %q takes a key from public powers of tau only: see 'assayd circuits full import --help'", file.ChainID)
				}
				return editModule(cmd, file, proofstypes.ModuleName, func(g *proofstypes.GenesisState) {
					g.Params.FullEnabled = local
					g.Params.AllowDevelopmentKeys = g.Params.AllowDevelopmentKeys || circuit.Development
					g.Circuits = append(g.Circuits, circuit)
				})
			})
		},
	}
	cmd.Flags().StringVar(&id, "id", fullCircuit, "id of the circuit")
	cmd.Flags().StringVar(&powers, "powers", "", "powers-of-tau file that the string was imported from")
	return cmd
}
