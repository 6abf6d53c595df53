package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/assaychain/assay/offchain-worker/certificate"
	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/offchain-worker/model"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// verifyOptions are the flags of a verification.
type verifyOptions struct {
	genesis, blockHash, result string
}

// jobVerify checks a certificate offline.
func jobVerify() *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify CERTIFICATE.json",
		Short: "Check a job's certificate offline, without trust in any node",
		Long: `Check a job's certificate offline, without trust in any node.

It shows that a block signed by more than two thirds of its validators holds the job's record as settled; that the beacon
signed the round that drew the positions; that the commitment was opened by the proven roots, and the challenge follows from
both; and that every drawn position is proven under the verifying keys of the network.

The root of trust is the genesis file: it names the first validators, the beacon and the verifying keys. Validators with more
than a third of the power at genesis must have signed the certificate's block. Where a network's validators have changed
since, or left long ago, name the block's hash from a source that you trust with --block-hash; with it no genesis is needed.

It ends with exit code 6 if anything does not hold.`,
		Example: `assayd job verify C.npy.certificate.json --result C.npy
assayd job verify C.npy.certificate.json --genesis genesis.json --output json
assayd job verify C.npy.certificate.json --chain-id assay-1 --block-hash 5A0F...`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return verifyCertificate(cmd, args[0], o) },
	}
	cmd.Flags().StringVar(&o.genesis, "genesis", "", "genesis file (default HOME/config/genesis.json)")
	cmd.Flags().StringVar(&o.blockHash, "block-hash", "", "hash of the certificate's block from a trusted source, 64 hexadecimal characters")
	cmd.Flags().StringVar(&o.result, flagResult, "", "file to compare with the proven result (.npy)")
	cmd.Flags().String(flags.FlagOutput, flags.OutputFormatText, "text or json")
	addFullStringFlag(cmd)
	return cmd
}

// verifyCertificate reads everything, checks it and prints what it found.
func verifyCertificate(cmd *cobra.Command, path string, o verifyOptions) error {
	machine, err := isJSON(cmd)
	if err != nil {
		return err
	}
	trust, err := o.trust(cmd)
	if err != nil {
		return WithExitCode(ExitUsage, err)
	}
	var result *tensor.Tensor
	if o.result != "" {
		if result, err = readResult(o.result); err != nil {
			return WithExitCode(ExitUsage, fmt.Errorf("--%s: %w", flagResult, err))
		}
	}
	c, err := certificate.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return WithExitCode(ExitUsage, err)
	}
	if err != nil {
		return WithExitCode(ExitInvalid, err)
	}
	report, err := certificate.Verify(c, trust)
	if err != nil {
		return WithExitCode(ExitInvalid, fmt.Errorf("%s: %w", path, err))
	}
	if result != nil {
		scheme, err := openScheme(cmd, report.Spec.Assurance)
		if err != nil {
			return err
		}
		report.CheckResult(cmd.Context(), scheme, result)
	}
	if err := printReport(cmd, c, report, machine); err != nil {
		return err
	}
	if !report.OK() {
		return WithExitCode(ExitInvalid, fmt.Errorf("%s is not valid", path))
	}
	return nil
}

// trust is the genesis file, a pinned block, or both.
func (o verifyOptions) trust(cmd *cobra.Command) (trust certificate.TrustRoot, err error) {
	conn := client.GetClientContextFromCmd(cmd)
	path := o.genesis
	if path == "" {
		path = filepath.Join(conn.HomeDir, "config", "genesis.json")
	}
	if o.blockHash == "" || o.genesis != "" {
		if trust, err = certificate.ReadGenesis(path); err != nil {
			return trust, err
		}
	}
	if o.blockHash == "" {
		return trust, nil
	}
	if trust.ChainID == "" {
		trust.ChainID, _ = cmd.Flags().GetString(flags.FlagChainID)
	}
	if trust.ChainID == "" {
		return trust, fmt.Errorf("--block-hash without --genesis needs --%s", flags.FlagChainID)
	}
	trust.HeaderHash, err = certificate.ParseHash(o.blockHash)
	return trust, err
}

// readResult reads an array as the tensor that a job's result is.
func readResult(path string) (*tensor.Tensor, error) {
	array, err := npy.ReadFile(path, 4*model.MaxInputFileSize)
	if err != nil {
		return nil, err
	}
	if len(array.Shape) != 2 {
		return nil, fmt.Errorf("%s has shape %v, a result has two dimensions", path, array.Shape)
	}
	rows, cols := uint32(array.Shape[0]), uint32(array.Shape[1])
	switch array.DType {
	case npy.Int8:
		values, err := npy.Values[int8](array)
		if err != nil {
			return nil, err
		}
		return tensor.NewInt8(rows, cols, values)
	case npy.Int32:
		values, err := npy.Values[int32](array)
		if err != nil {
			return nil, err
		}
		return tensor.NewInt32(rows, cols, values)
	default:
		return nil, fmt.Errorf("%s has descr %s, a result is int8 or int32", path, array.DType)
	}
}

// verifyReport is the machine-readable verdict.
type verifyReport struct {
	Valid   bool   `json:"valid"`
	ChainID string `json:"chain_id"`
	JobID   uint64 `json:"job_id"`
	// Assurance is the level that the proofs are of: sampled, revealed, full, model.
	Assurance string              `json:"assurance"`
	Worker    string              `json:"worker"`
	Paid      string              `json:"paid"`
	Height    int64               `json:"height"`
	Time      time.Time           `json:"time"`
	Checks    []certificate.Check `json:"checks"`
}

func printReport(cmd *cobra.Command, c *certificate.Certificate, report certificate.Report, machine bool) error {
	if machine {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(verifyReport{
			Valid: report.OK(), ChainID: c.ChainID, JobID: c.JobID, Assurance: report.Spec.Assurance.Word(), Worker: report.Job.Worker, Paid: report.Job.Paid.String(),
			Height: report.Height, Time: report.Time, Checks: report.Checks,
		})
	}
	for _, check := range report.Checks {
		if check.Failure != "" {
			cmd.Printf("FAILED  %s: %s\n", check.Name, check.Failure)
		} else {
			cmd.Printf("ok      %s: %s\n", check.Name, check.Detail)
		}
	}
	if report.OK() {
		cmd.Printf("certificate of job %d on %s is valid\n", c.JobID, c.ChainID)
	}
	return nil
}
