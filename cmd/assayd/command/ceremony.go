package command

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/assaychain/assay/offchain-worker/drand"
	beacondrand "github.com/assaychain/assay/x/beacon/drand"
	beacontypes "github.com/assaychain/assay/x/beacon/types"
	"github.com/assaychain/assay/x/proofs/ceremony"
	"github.com/assaychain/assay/x/proofs/setup"
)

// ceremonyCommand holds the steps of a multi-party setup.
func ceremonyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ceremony",
		Short: "Make keys for a public network with many contributors",
		Long: `Make keys for a public network with many contributors.

A folder is passed from one contributor to the next; who contributes adds files and forgets a secret. The keys are sound if a
single contributor was honest. Two phases, each sealed by a round of a public randomness beacon that the plan names beforehand:

  1. begin       writes the plan: circuits, beacon, when the phases end
  2. contribute  as many people as possible, one after another; each publishes its receipt
  3. seal        when the first phase's round is out; derives the start of the second (minutes)
  4. contribute  again, to the second phase
  5. seal        when the second phase's round is out
  6. keys        verifies everything and writes the keys; anybody can repeat it, or run verify`,
		RunE: client.ValidateCmd,
	}
	cmd.PersistentFlags().String(flagModel, "", "make keys for this quantised network's circuit (.safetensors) instead of this program's own circuits; give it to every step")
	cmd.AddCommand(ceremonyBegin(), ceremonyContribute(), ceremonySeal(), ceremonyVerify(), ceremonyKeys())
	return cmd
}

// ceremonyTools is what a ceremony of this program's circuits needs, or one of the network that --model names.
func ceremonyTools(cmd *cobra.Command) (ceremony.Tools, error) {
	tools := ceremony.Tools{
		Library: setup.Library(), Circuits: ceremony.Circuits(), Now: time.Now,
		Progress: func(line string) { cmd.PrintErrln(line) },
		Beacon:   func(chain ceremony.BeaconChain) (ceremony.Beacon, error) { return openBeacon(chain) },
	}
	network, err := ceremonyModel(cmd)
	if err != nil || network == nil {
		return tools, err
	}
	circuit, err := ceremony.ModelCircuit(network)
	tools.Circuits = []ceremony.Circuit{circuit}
	return tools, err
}

// beaconRounds verifies a drand chain's rounds.
type beaconRounds struct {
	beacondrand.Chain
	key *beacondrand.Key
}

func openBeacon(chain ceremony.BeaconChain) (*beaconRounds, error) {
	raw, err := hex.DecodeString(chain.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("beacon public_key %q is no hexadecimal number", chain.PublicKey)
	}
	b := &beaconRounds{Chain: beacondrand.Chain{PublicKey: raw, Period: chain.Period, Genesis: chain.Genesis, Scheme: chain.Scheme}}
	if err := b.Validate(); err != nil {
		return nil, err
	}
	b.key, err = beacondrand.ParseKey(raw)
	return b, err
}

// Randomness verifies a round and derives its randomness.
func (b *beaconRounds) Randomness(round uint64, signature []byte) ([32]byte, error) {
	if err := b.key.Verify(round, signature); err != nil {
		return [32]byte{}, err
	}
	return beacondrand.Randomness(signature), nil
}

func ceremonyBegin() *cobra.Command {
	var until1, until2, beaconURL string
	var classes []uint
	cmd := &cobra.Command{
		Use:   "begin FOLDER",
		Short: "Write a ceremony's plan",
		Long: "Write a ceremony's plan: the circuits, and the beacon rounds that end its phases. Circuits of one size share a ceremony: " +
			"256 and 1024, or 2048 and 4096. The beacon is drand's quicknet " +
			"unless --beacon-url names another, whose description is then taken from there: check the plan's key before anybody contributes.",
		Example: "assayd circuits ceremony begin ./ceremony --phase1-until 2027-01-15T12:00:00Z --phase2-until 2027-02-15T12:00:00Z",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			chosen, err := circuitsOf(classes)
			if err != nil {
				return err
			}
			return beginCeremony(cmd, args[0], ceremony.Of(chosen), beaconURL, until1, until2)
		},
	}
	cmd.Flags().StringVar(&until1, "phase1-until", "", "when contributions to phase 1 end, RFC 3339 (required)")
	cmd.Flags().StringVar(&until2, "phase2-until", "", "when contributions to phase 2 end, RFC 3339 (required)")
	cmd.Flags().StringVar(&beaconURL, "beacon-url", "", "a drand endpoint to take the beacon's description from (default: quicknet's, built in)")
	addClasses(cmd, &classes)
	return cmd
}

// beginCeremony writes the plan of some of this program's circuits, or of the network that --model names.
func beginCeremony(cmd *cobra.Command, folder string, chosen []ceremony.Circuit, endpoint string, until ...string) error {
	tools, err := ceremonyTools(cmd)
	if err != nil {
		return err
	}
	if cmd.Flags().Changed(flagModel) {
		chosen = tools.Circuits
	}
	chain, err := ceremonyChain(cmd.Context(), endpoint)
	if err != nil {
		return err
	}
	var rounds []uint64
	for i, text := range until {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return WithExitCode(ExitUsage, fmt.Errorf("--phase%d-until %q: want a time like 2027-01-15T12:00:00Z", i+1, text))
		}
		rounds = append(rounds, chain.RoundAfter(at.Unix()))
	}
	description := ceremony.BeaconChain{PublicKey: hex.EncodeToString(chain.PublicKey), Period: chain.Period, Genesis: chain.Genesis, Scheme: chain.Scheme}
	plan, err := ceremony.NewPlan(tools.Library, chosen, description, rounds[0], rounds[1])
	if err != nil {
		return WithExitCode(ExitUsage, err)
	}
	if _, err := ceremony.Begin(folder, plan, tools); err != nil {
		return err
	}
	cmd.Printf("%s/%s: domain %d, phase 1 ends with round %d, phase 2 with round %d\n", folder, ceremony.PlanName, plan.Domain, rounds[0], rounds[1])
	return nil
}

// ceremonyChain is quicknet, or the chain of an endpoint.
func ceremonyChain(ctx context.Context, endpoint string) (beacondrand.Chain, error) {
	if endpoint == "" {
		return beacontypes.Quicknet().Drand(), nil
	}
	info, err := drand.FetchInfo(ctx, endpoint)
	return info.Chain, err
}

func ceremonyContribute() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "contribute FOLDER",
		Short: "Add a contribution to the open phase",
		Long: "Add a contribution to the open phase and print its receipt. Publish the receipt where people who know you can see it, and pass the " +
			"folder on. The secret lives in this process's memory only; use a machine that you turn off afterwards.",
		Example: "assayd circuits ceremony contribute ./ceremony --name alice --output json > alice-phase1.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := openCeremony(cmd, args[0])
			if err != nil {
				return err
			}
			receipt, err := c.Contribute(name)
			if err != nil {
				return err
			}
			if asJSON(cmd) {
				return printJSON(cmd, receipt)
			}
			cmd.Printf("%s contributed to phase %d:\n", receipt.Name, receipt.Phase)
			for _, file := range receipt.Files {
				cmd.Printf("%s  %s\n", file.SHA256, file.Path)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "who contributes: 1 to 32 of a-z, 0-9 and hyphens (required)")
	cmd.Flags().StringP(flags.FlagOutput, "o", "text", "output format: text or json")
	return cmd
}

func ceremonySeal() *cobra.Command {
	var signature, beaconURL string
	cmd := &cobra.Command{
		Use:     "seal FOLDER",
		Short:   "End the open phase with its beacon round",
		Long:    "End the open phase with its beacon round, fetched from --beacon-url or given by --signature; it is verified against the plan's key either way.",
		Example: "assayd circuits ceremony seal ./ceremony --beacon-url https://api.drand.sh/52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := openCeremony(cmd, args[0])
			if err != nil {
				return err
			}
			raw, err := sealSignature(cmd.Context(), c, signature, beaconURL)
			if err != nil {
				return err
			}
			phase := c.Phase()
			if err := c.Seal(raw); err != nil {
				return err
			}
			cmd.Printf("phase %d is sealed\n", phase)
			return nil
		},
	}
	cmd.Flags().StringVar(&signature, "signature", "", "the round's signature in hexadecimal")
	cmd.Flags().StringVar(&beaconURL, "beacon-url", "", "a drand endpoint that serves the round")
	cmd.MarkFlagsOneRequired("signature", "beacon-url")
	cmd.MarkFlagsMutuallyExclusive("signature", "beacon-url")
	return cmd
}

// sealSignature is the signature of the open phase's round.
func sealSignature(ctx context.Context, c *ceremony.Ceremony, signature, endpoint string) ([]byte, error) {
	if signature != "" {
		raw, err := hex.DecodeString(signature)
		if err != nil {
			return nil, WithExitCode(ExitUsage, fmt.Errorf("--signature is no hexadecimal number: %w", err))
		}
		return raw, nil
	}
	plan := c.Plan()
	beacon, err := openBeacon(plan.Beacon)
	if err != nil {
		return nil, err
	}
	source, err := drand.NewClient(drand.ClientConfig{Chain: beacon.Chain, Endpoints: []string{endpoint}})
	if err != nil {
		return nil, WithExitCode(ExitUsage, err)
	}
	round := plan.Phase1Round
	if c.Phase() == 2 {
		round = plan.Phase2Round
	}
	published, err := source.Round(ctx, round)
	return published.Signature, err
}

func openCeremony(cmd *cobra.Command, dir string) (*ceremony.Ceremony, error) {
	tools, err := ceremonyTools(cmd)
	if err != nil {
		return nil, err
	}
	return ceremony.Open(dir, tools)
}
