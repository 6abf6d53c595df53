package daemon

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/chain"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// moneyCheck looks at the bond and at who pays the fees.
func (d *checkup) moneyCheck(ctx context.Context) {
	if !d.online || d.operator.Empty() {
		return
	}
	if _, err := d.client.Operator(ctx, d.operator); errors.Is(err, chain.ErrNotFound) {
		d.add("operator", VerdictFail, "%s is not registered on the chain: run assay-worker register", d.operator)
	} else if err != nil {
		d.add("operator", VerdictWarn, "%v", err)
	} else {
		d.add("operator", VerdictOK, "%s", d.operator)
	}
	d.bondCheck(ctx)
	d.feeCheck(ctx)
}

func (d *checkup) bondCheck(ctx context.Context) {
	stake, err := d.client.Stake(ctx, d.operator)
	if err != nil {
		d.add("bond", VerdictWarn, "%v", err)
		return
	}
	params, err := d.client.RegistryParams(ctx)
	if err != nil {
		d.add("bond", VerdictWarn, "%v", err)
		return
	}
	var classes []registrytypes.DeviceClass
	for _, one := range d.Devices {
		if one.Registered {
			classes = append(classes, one.Device.Class)
		}
	}
	need := chain.MinimumBond(params, classes)
	if stake.Bonded.LT(need) {
		d.add("bond", VerdictFail, "%s bonded, the devices need %s", stake.Bonded, need)
		return
	}
	d.add("bond", VerdictOK, "%s bonded, %s in use by jobs, %s needed by the devices", stake.Bonded, stake.Exposure, need)
}

func (d *checkup) feeCheck(ctx context.Context) {
	fees, err := d.config.Chain.Fees()
	if err != nil || d.hotKey.Empty() {
		return
	}
	left, found, err := d.client.Allowance(ctx, d.operator, d.hotKey)
	if err != nil {
		d.add("fees", VerdictWarn, "%v", err)
		return
	}
	balance, err := d.client.Balance(ctx, d.operator, fees.GasPrice.Denom)
	if err != nil {
		d.add("fees", VerdictWarn, "%v", err)
		return
	}
	switch {
	case !found:
		d.add("fees", VerdictFail, "the operator pays no fees for the hot key: run assay-worker register")
	case balance.LT(fees.MaxFee.Amount):
		d.add("fees", VerdictWarn, "the operator has %s%s, less than one transaction at the fee cap", balance, fees.GasPrice.Denom)
	case left == nil:
		d.add("fees", VerdictWarn, "the operator has %s%s and pays fees without a limit", balance, fees.GasPrice.Denom)
	case left.AmountOf(fees.GasPrice.Denom).LT(fees.MaxFee.Amount):
		d.add("fees", VerdictWarn, "only %s of the allowance is left: renew it with assay-worker register", left)
	default:
		d.add("fees", VerdictOK, "%s of the allowance left, the operator has %s%s", left, balance, fees.GasPrice.Denom)
	}
}

func (d *checkup) grantCheck(ctx context.Context) {
	if !d.online || d.operator.Empty() || d.hotKey.Empty() {
		return
	}
	missing, err := d.client.MissingGrants(ctx, d.operator, d.hotKey)
	switch {
	case err != nil:
		d.add("grants", VerdictWarn, "%v", err)
	case len(missing) > 0:
		d.add("grants", VerdictFail, "missing %v: run assay-worker register", missing)
	default:
		d.add("grants", VerdictOK, "the hot key may do its work and nothing else")
	}
}

// diskCheck compares the quotas with the space there is.
func (d *checkup) diskCheck() {
	free, err := freeBytes(d.deps.Home)
	if err != nil {
		d.add("disk", VerdictWarn, "%v", err)
		return
	}
	used := uint64(0)
	for _, folder := range []string{"blobs", "results"} {
		bytes, err := blob.Usage(filepath.Join(d.deps.Home, folder))
		if err != nil {
			d.add("disk", VerdictWarn, "%v", err)
		}
		used += bytes
	}
	quota := (d.config.Blobs.QuotaMiB + d.config.Blobs.ResultsQuotaMiB) << 20
	switch {
	case free < 1<<28:
		d.add("disk", VerdictFail, "%d MiB free", free>>20)
	case quota > used && free < quota-used:
		d.add("disk", VerdictWarn, "%d MiB free, less than the quotas allow (%d MiB, of which %d are used)", free>>20, quota>>20, used>>20)
	default:
		d.add("disk", VerdictOK, "%d MiB free, %d MiB used", free>>20, used>>20)
	}
}
