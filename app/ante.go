package app

import (
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"
)

// anteHandler checks what every transaction must meet before its messages run: size, signatures, sequence and fee, which
// a granter may pay. What no block would take is kept out of the mempool before that.
func (a *App) anteHandler() (sdk.AnteHandler, error) {
	handler, err := ante.NewAnteHandler(ante.HandlerOptions{
		AccountKeeper:   a.Account,
		BankKeeper:      a.Bank,
		FeegrantKeeper:  a.FeeGrant,
		SignModeHandler: a.encoding.TxConfig.SignModeHandler(),
		SigGasConsumer:  ante.DefaultSigVerificationGasConsumer,
	})
	if err != nil {
		return nil, fmt.Errorf("build the ante handler: %w", err)
	}
	return a.admit(handler), nil
}
