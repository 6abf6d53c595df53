package command

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/assaychain/assay/app"
)

// jobLong explains the customer's commands and what their exit codes mean.
const jobLong = `Run computations on other people's GPUs, proven and paid on chain.

A job is submitted with a maximum price, which is locked; the chain picks a device; the worker commits to its result; a
beacon round that nobody knew draws positions of it; proofs of those are checked in consensus; then the worker is paid and
what was not used comes back. The result travels from the worker to this machine and is verified against the proven root.

Exit codes: 0 done; 1 failure; 2 the command line or a file can't be used as given, nothing was sent; 3 the chain refused
a transaction; 4 the job closed without a result; 5 the wait was ended, the job goes on; 6 a certificate or a result does
not verify, or a canary found a wrong result that nobody was convicted for.`

// jobCommand holds what a customer does.
func jobCommand(_ *app.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "job",
		Short: "Submit jobs, follow them, and verify what they produced",
		Long:  jobLong,
		Example: `assayd job run network digits.safetensors --input images.npy -o logits.npy --from customer
assayd job run matmul A.npy B.npy -o C.npy --from customer --yes
assayd job list --from customer
assayd job verify C.npy.certificate.json --result C.npy`,
		RunE: client.ValidateCmd,
	}
	cmd.AddCommand(
		jobRun(), jobResume(), jobFetch(), jobClaim(), jobCertificate(),
		jobList(), jobShow(), jobCancel(), jobDispute(), jobCanary(), jobVerify(),
	)
	return cmd
}

// Flags of the job commands beside those of the SDK.
const (
	flagResult      = "result"
	flagCertificate = "certificate"
	flagMaxFee      = "max-fee"
	flagPrivate     = "allow-private"
)

// addNodeFlags adds what every command needs that asks a node.
func addNodeFlags(cmd *cobra.Command) {
	cmd.Flags().String(flags.FlagNode, "tcp://localhost:26657", "CometBFT RPC address of a node")
	cmd.Flags().String(flags.FlagOutput, flags.OutputFormatText, "text or json")
}

// addSenderFlags adds what every command needs that sends transactions. The SDK's own set is not used because it takes -o
// for the output format.
func addSenderFlags(cmd *cobra.Command) {
	addNodeFlags(cmd)
	cmd.Flags().String(flags.FlagFrom, "", "name or address of the key that signs")
	flags.AddKeyringFlags(cmd.Flags())
	cmd.Flags().String(flags.FlagGasPrices, minGasPrices, "price of a unit of gas")
	cmd.Flags().Float64(flags.FlagGasAdjustment, defaultGasAdjustment, "factor on the simulated gas")
	cmd.Flags().String(flagMaxFee, "100000"+app.BaseDenom, "the most that one transaction may cost in fees")
	cmd.Flags().String(flags.FlagFeeGranter, "", "address that pays the fees under a grant")
}

// defaultGasAdjustment covers what a block does between simulation and execution.
const defaultGasAdjustment = 1.4

// addResultFlags adds where a result goes and where it may come from.
func addResultFlags(cmd *cobra.Command) {
	cmd.Flags().StringP(flagResult, "o", "", "file to write the result to (.npy)")
	addPrivateFlag(cmd)
}

func addPrivateFlag(cmd *cobra.Command) {
	cmd.Flags().Bool(flagPrivate, false, "let the worker's endpoint be on a private address (default for assay-local- chains)")
}

// parseJobID reads the number of a job.
func parseJobID(text string) (uint64, error) {
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil || id == 0 {
		return 0, usagef("job id %q: it must be a number from 1", text)
	}
	return id, nil
}

// completeJobID offers the numbers of the jobs that this home has a record of.
func completeJobID(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	home, _ := cmd.Flags().GetString(flags.FlagHome)
	if home == "" {
		home = app.DefaultNodeHome
	}
	paths, _ := filepath.Glob(filepath.Join(home, "jobs", "*", prefix+"*.json"))
	ids := []string{}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if _, err := strconv.ParseUint(name, 10, 64); err == nil {
			ids = append(ids, name)
		}
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
