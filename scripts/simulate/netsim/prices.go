package netsim

import (
	"math"

	"github.com/assaychain/assay/x/registry/catalogue"
)

// Money is in picodollars, 10^-12 $, so that whole numbers will do for what 10^9 multiply-accumulates cost.
const pico = 1e12

const (
	// cloudPerWatt is what a datacentre's GPU is listed for, in $ an hour for every watt that it is rated for: an A100 of 400 W is listed at
	// $4.10 (AWS p4d.24xlarge, $32.77 for eight), and an H100 of 700 W at $12.29 (p5.48xlarge, $98.32 for eight), so this is the low end.
	cloudPerWatt = 0.010
	// marketPerWatt is what marketplaces ask: some $2.50 for an H100 and $1.20 for an A100 (Vast.ai, June 2026).
	marketPerWatt = 0.0033
	// electricity in $ a kWh, and what the rest of a machine draws beside its GPU: assumed.
	electricity, overheadOfPower = 0.18, 1.3
	// hardwarePerTeraflop is a consumer GPU's worth in $ for 10^12 single-precision operations a second: assumed, from launch prices ($1,599 for the
	// 82.6 of an RTX 4090, $329 for the 12.7 of an RTX 3060).
	hardwarePerTeraflop = 20
	// useful are the hours in which it has to come in: three years, half of the time; assumed.
	useful = 3 * 8760 * 0.5
	// markup is what an owner asks beyond the cost, and marginNoise how owners differ (the deviation of its logarithm): assumed. An RTX 3060 comes
	// to 8 cents an hour, an RTX 4090 to 30; Vast.ai has the latter from 31 cents (May 2026).
	markup, marginNoise = 1.3, 0.25
	// ceiling is the most that anybody but a datacentre asks, in picodollars for 10^9 multiply-accumulates: what a T4 in a cloud comes to. Old cards
	// can't do it for that, and get no work.
	ceiling = 11_000
)

// hourly is what a model's owner asks on the average, $ an hour.
func hourly(m catalogue.Model) float64 {
	watts := float64(max(m.TDPWatts, 10))
	if m.Class == catalogue.Datacentre {
		return watts * cloudPerWatt
	}
	power := watts / 1000 * electricity * overheadOfPower
	worth := float64(m.FP32) / 1000 * hardwarePerTeraflop / useful
	return (power + worth) * markup
}

// ask is what the owner of a device asks for 10^9 multiply-accumulates, in picodollars.
func (c chance) ask(device uint64, m catalogue.Model) int64 {
	perGiga := hourly(m) / 3600 / (nominal(m) * usual) * pico
	if m.Class == catalogue.Datacentre {
		return int64(perGiga * math.Exp(marginNoise/2*c.normal(drawMargin, device, 0, 0)))
	}
	return max(int64(min(perGiga*math.Exp(marginNoise*c.normal(drawMargin, device, 0, 0)), ceiling)), 1)
}
