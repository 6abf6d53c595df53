package command

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"

	"github.com/assaychain/assay/x/proofs/ceremony"
	"github.com/assaychain/assay/x/proofs/setup"
)

func ceremonyVerify() *cobra.Command {
	var receipts []string
	cmd := &cobra.Command{
		Use:   "verify FOLDER",
		Short: "Recompute a whole ceremony and print its transcript",
		Long: "Recompute a whole ceremony and print its transcript. With --receipt, also check that a contributor's receipt is in it: the last " +
			"contribution could be left out without a trace otherwise.",
		Example: "assayd circuits ceremony verify ./ceremony --receipt alice-phase1.json --receipt alice-phase2.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			transcript, err := verifyCeremony(cmd, args[0])
			if err != nil {
				return err
			}
			for _, path := range receipts {
				if err := checkReceipt(transcript, path); err != nil {
					return err
				}
			}
			return printTranscript(cmd, transcript)
		},
	}
	cmd.Flags().StringSliceVar(&receipts, "receipt", nil, "a receipt that must be in the transcript; may be given several times")
	cmd.Flags().StringP(flags.FlagOutput, "o", "text", "output format: text or json")
	return cmd
}

// checkReceipt reads a receipt as contribute printed it.
func checkReceipt(transcript *ceremony.Transcript, path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var receipt ceremony.Receipt
	if err := json.Unmarshal(raw, &receipt); err != nil || len(receipt.Files) == 0 {
		return fmt.Errorf("%s is no receipt: want what 'contribute --output json' printed", path)
	}
	return transcript.Contains(receipt)
}

func ceremonyKeys() *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:     "keys FOLDER",
		Short:   "Verify a ceremony and write its keys",
		Example: "assayd circuits ceremony keys ./ceremony --circuits ./keys && assayd genesis add-circuits --circuits ./keys",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			transcript, err := verifyCeremony(cmd, args[0])
			if err != nil {
				return err
			}
			if err := installKeys(cmd, folder, transcript); err != nil {
				return err
			}
			cmd.PrintErrf("%d circuits' keys written to %s\n", len(transcript.Keys), folder)
			return printTranscript(cmd, transcript)
		},
	}
	cmd.Flags().StringVar(&folder, flagCircuits, "", "folder for the keys (required)")
	_ = cmd.MarkFlagRequired(flagCircuits)
	cmd.Flags().StringP(flags.FlagOutput, "o", "text", "output format: text or json")
	return cmd
}

// installKeys writes a ceremony's keys, as those of the network that --model names, if it does.
func installKeys(cmd *cobra.Command, folder string, transcript *ceremony.Transcript) error {
	pairs := make([]setup.Pair, len(transcript.Keys))
	for i, k := range transcript.Keys {
		pairs[i] = setup.Pair{Circuit: k.Circuit.Circuit, ProvingKey: k.ProvingKey, VerifyingKey: k.VerifyingKey}
	}
	network, err := ceremonyModel(cmd)
	if err != nil {
		return err
	}
	if network != nil {
		_, err = setup.InstallModel(folder, network, transcript.Hash, pairs[0])
		return err
	}
	_, err = setup.Install(folder, transcript.Hash, pairs)
	return err
}

func verifyCeremony(cmd *cobra.Command, dir string) (*ceremony.Transcript, error) {
	c, err := openCeremony(cmd, dir)
	if err != nil {
		return nil, err
	}
	return c.Verify()
}

// transcriptView is a transcript as it is printed.
type transcriptView struct {
	Transcript string                 `json:"transcript"`
	Phase1     []string               `json:"phase1"`
	Phase2     []string               `json:"phase2"`
	Files      []ceremony.ReceiptFile `json:"files"`
	Keys       []keyView              `json:"keys"`
}

// keyView is a verifying key by its hash, as a genesis names it.
type keyView struct {
	Circuit string `json:"circuit"`
	KeyHash string `json:"key_hash"`
}

func printTranscript(cmd *cobra.Command, t *ceremony.Transcript) error {
	view := transcriptView{Transcript: hex.EncodeToString(t.Hash[:]), Phase1: t.Phase1, Phase2: t.Phase2, Files: t.Files}
	for _, k := range t.Keys {
		sum := sha256.Sum256(k.VerifyingKey)
		view.Keys = append(view.Keys, keyView{k.Circuit.ID, hex.EncodeToString(sum[:])})
	}
	if asJSON(cmd) {
		return printJSON(cmd, view)
	}
	for _, file := range view.Files {
		cmd.Printf("%s  %s\n", file.SHA256, file.Path)
	}
	for _, key := range view.Keys {
		cmd.Printf("%s  verifying key of %s\n", key.KeyHash, key.Circuit)
	}
	cmd.Printf("%s  transcript: valid, %d contributions to phase 1 and %d to the circuits\n", view.Transcript, len(t.Phase1), len(t.Phase2))
	return nil
}

func asJSON(cmd *cobra.Command) bool {
	format, err := cmd.Flags().GetString(flags.FlagOutput)
	return err == nil && format == "json"
}

func printJSON(cmd *cobra.Command, v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	cmd.Println(string(raw))
	return nil
}
