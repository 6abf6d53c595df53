// Assayd is Assay's node and command line: it runs a validator, and it is what operators, customers and token holders
// type at.
package main

import (
	"fmt"
	"os"

	svrcmd "github.com/cosmos/cosmos-sdk/server/cmd"

	"github.com/assaychain/assay/app"
	"github.com/assaychain/assay/cmd/assayd/command"
)

func main() {
	root, err := command.NewRoot()
	if err == nil {
		err = svrcmd.Execute(root, "ASSAYD", app.DefaultNodeHome)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "assayd:", err)
		os.Exit(command.ExitCode(err))
	}
}
