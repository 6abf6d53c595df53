package keeper

import (
	"time"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/clock"
	"github.com/assaychain/assay/x/market/leases"
	"github.com/assaychain/assay/x/market/types"
)

// ReportLiveness takes a statement of the customer's gateway in and pays what it earns. Statements only rise and never exceed the time
// since the lease became active. When they use up the money, the lease ends.
func (k *Keeper) ReportLiveness(ctx sdk.Context, reporter sdk.AccAddress, msg *types.MsgReportLiveness) (sdk.Coin, error) {
	ctx.GasMeter().ConsumeGas(types.GasPerStatement, "market: gateway's statement")
	lease, err := k.Lease(ctx, msg.LeaseId)
	if err != nil {
		return sdk.Coin{}, err
	}
	if signer := reporter.String(); signer != lease.Operator && signer != lease.Customer {
		return sdk.Coin{}, types.ErrNotParty.Wrapf("lease %d: %s is neither its customer nor its operator", lease.Id, reporter)
	}
	if err := checkStatement(ctx, &lease, msg); err != nil {
		return sdk.Coin{}, err
	}
	attested, due, err := lease.Attested().Advance(msg.Seconds, lease.Rate)
	if err != nil {
		return sdk.Coin{}, types.ErrGateway.Wrapf("lease %d: seconds is %d, %d are attested: %s", lease.Id, msg.Seconds, lease.AttestedSeconds, err)
	}
	account, err := k.ports.Escrow.Account(ctx, types.LeaseScope, lease.Id)
	if err != nil {
		return sdk.Coin{}, err
	}
	paid := math.MinInt(due, account.Balance)
	operator, err := operatorOf(&lease)
	if err != nil {
		return sdk.Coin{}, err
	}
	if _, err := k.ports.Escrow.Pay(ctx, types.LeaseScope, lease.Id, k.payoutOf(ctx, operator), paid); err != nil {
		return sdk.Coin{}, err
	}
	earned := sdk.NewCoin(account.Denom, paid)
	lease.AttestedSeconds, lease.Carry, lease.Paid = attested.Seconds, attested.Carry, lease.Paid.Add(paid)
	if err := ctx.EventManager().EmitTypedEvent(&types.EventLeaseAttested{
		LeaseId: lease.Id, Seconds: msg.Seconds, Paid: earned,
	}); err != nil {
		return sdk.Coin{}, err
	}
	if due.GTE(account.Balance) {
		return earned, k.closeLease(ctx, &lease, leases.RunDry, ctx.BlockTime())
	}
	return earned, k.heard(ctx, &lease)
}

// checkStatement refuses a statement that can't be true or that the gateway did not sign.
func checkStatement(ctx sdk.Context, lease *types.Lease, msg *types.MsgReportLiveness) error {
	if !lease.HasGateway() {
		return types.ErrGateway.Wrapf("lease %d has no gateway: its time is paid by the clock", lease.Id)
	}
	if _, err := leaseTransition(lease, leases.Attest); err != nil {
		return err
	}
	now := ctx.BlockTime()
	if now.After(lease.End) {
		now = lease.End
	}
	if since := int64(now.Sub(*lease.ActivatedAt) / time.Second); msg.Seconds > uint64(max(0, since)) {
		return types.ErrGateway.Wrapf("lease %d: seconds is %d: it has been active for %d", lease.Id, msg.Seconds, since)
	}
	if !gatewayKey(lease.GatewayKey).VerifySignature(leases.Statement(ctx.ChainID(), lease.Id, msg.Seconds), msg.Signature) {
		return types.ErrGateway.Wrapf("lease %d: the signature is not the gateway's over %d seconds of this lease on %s", lease.Id, msg.Seconds, ctx.ChainID())
	}
	return nil
}

func gatewayKey(key []byte) cryptotypes.PubKey {
	if len(key) == secp256k1.PubKeySize {
		return &secp256k1.PubKey{Key: key}
	}
	return &ed25519.PubKey{Key: key}
}

// heard arms the silence anew after a statement.
func (k *Keeper) heard(ctx sdk.Context, lease *types.Lease) error {
	params, err := k.params.Get(ctx)
	if err != nil {
		return err
	}
	now, err := k.Now(ctx)
	if err != nil {
		return err
	}
	late := now + clock.Seconds(params.Lease.SilenceSeconds)
	switch lease.State {
	case types.LEASE_STATE_OUTAGE:
		return k.comeBack(ctx, lease, leases.Attest, late)
	case types.LEASE_STATE_NOTICE:
		late = 0
	}
	return k.moveLease(ctx, lease, leases.Attest, func(lease *types.Lease) { lease.Late = late })
}
