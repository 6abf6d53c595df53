package main

import (
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"
)

// version and commit are set by the linker.
var (
	version = "development"
	commit  = "unknown"
)

// build is what the version command tells.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func newVersion(o *options) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Tell the version",
		Example: "  assay-worker version --output json",
		Args:    usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := build{version, commit, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
			return o.print(cmd, b, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "assay-worker %s (%s, %s, %s)\n", b.Version, b.Commit, b.Go, b.Platform)
				return err
			})
		},
	}
}
