package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/assaychain/assay/offchain-worker/config"
	"github.com/assaychain/assay/offchain-worker/daemon"
	"github.com/assaychain/assay/x/proofs/setup"
)

// newModels holds what concerns the keys of models.
func newModels(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "Manage the proving keys of models",
		Long: `Manage the proving keys of models.

A job may ask for proofs through a whole network that the chain knows, through any of them. So devices declare the level model only
while the worker has the keys of every model that is active on its chain; jobs of other levels are taken all the same.
assay-worker doctor compares the keys.`,
		Example: "  assay-worker models add ./digits-keys\n  assay-worker models list",
		Args:    usage(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newModelsAdd(o), newModelsList(o))
	return cmd
}

// modelLine is a model in a list.
type modelLine struct {
	Circuit     string `json:"circuit"`
	Constraints int    `json:"constraints"`
	KeyHash     string `json:"key_hash"`
	Development bool   `json:"development"`
}

func newModelsAdd(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "add FOLDER",
		Short: "Copy the keys of a folder's models into this worker's",
		Long: `Copy the keys of a folder's models into this worker's keys.

FOLDER is what 'assayd circuits model setup' or 'assayd circuits ceremony keys --model' wrote, as the model's owner passes it on. Its
files are checked against its manifest, and when the worker starts the keys against the chain's: a folder from a stranger can't
make a proof fail. Restart the worker afterwards.`,
		Example: "  assay-worker models add ./digits-keys",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			loaded, err := config.Load(o.home)
			if err != nil {
				return err
			}
			added, err := setup.AddModels(args[0], daemon.KeysDir(loaded, o.home))
			if err != nil {
				return err
			}
			if len(added) == 0 {
				return fmt.Errorf("%s has no keys of models", args[0])
			}
			return o.printModels(cmd, added)
		},
	}
}

func newModelsList(o *options) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the models that this worker has keys of",
		Example: "  assay-worker models list --output json",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := config.Load(o.home)
			if err != nil {
				return err
			}
			keys, err := setup.Open(daemon.KeysDir(loaded, o.home))
			if err != nil {
				return err
			}
			return o.printModels(cmd, keys.Models())
		},
	}
}

func (o *options) printModels(cmd *cobra.Command, entries []setup.ModelEntry) error {
	lines := make([]modelLine, len(entries))
	for i, e := range entries {
		lines[i] = modelLine{e.Circuit, e.Constraints, e.VerifyingKey.SHA256, e.Ceremony == ""}
	}
	return o.print(cmd, lines, func(w io.Writer) error {
		for _, line := range lines {
			kind := "ceremony"
			if line.Development {
				kind = "development key, UNSAFE"
			}
			if _, err := fmt.Fprintf(w, "%s  %d constraints, verifying key %s, %s\n", line.Circuit, line.Constraints, line.KeyHash, kind); err != nil {
				return err
			}
		}
		return nil
	})
}
