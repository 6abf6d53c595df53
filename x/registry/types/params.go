package types

import (
	"cosmossdk.io/math"

	"github.com/assaychain/assay/x/registry/index"
	"github.com/assaychain/assay/x/registry/reputation"
)

// Bounds of the parameters.
const (
	// Classes is the number of device classes.
	Classes = 5
	// LanesLimit bounds the lanes that a class may allow a device.
	LanesLimit = 64
	// DevicesLimit bounds the devices that an operator may be allowed, and with it the work of suspending one.
	DevicesLimit = 256
	// MinProvenSeconds and MaxProvenSeconds bound how long a proven result lets a device score: a minute to 90 days.
	MinProvenSeconds, MaxProvenSeconds = 60, 90 * 24 * 3600
	// LapsesLimit bounds the devices that lapse in one block.
	LapsesLimit = 1_000
	// BlockGapLimit bounds what the gap between two blocks counts: an hour.
	BlockGapLimit = 3_600
)

// Defaults of the parameters. Bonds are in the base denomination, of which 1,000,000 make one ASSAY.
const (
	// DefaultSmallBond is the bond for a processor, an edge board or a phone: 10 ASSAY.
	DefaultSmallBond = 10_000_000
	// DefaultConsumerBond is the bond for a gaming or workstation GPU: 100 ASSAY.
	DefaultConsumerBond = 100_000_000
	// DefaultDatacentreBond is the bond for a datacentre GPU: 1,000 ASSAY.
	DefaultDatacentreBond = 1_000_000_000
	// DefaultMaxDevices is how many devices an operator may register by default.
	DefaultMaxDevices = 64
	// DefaultMinPrice is the lowest price by default, per 10^9 multiply-accumulates.
	DefaultMinPrice = 1
	// DefaultProvenSeconds is how long a proven result lets a device score by default: a week.
	DefaultProvenSeconds = 7 * 24 * 3600
	// DefaultLearningBps is the weight of one outcome by default: an eighth.
	DefaultLearningBps = 1_250
	// DefaultMaxLapses is how many devices lapse in a block by default.
	DefaultMaxLapses = 100
	// DefaultBlockGap is what the gap between two blocks counts at most by default, in seconds.
	DefaultBlockGap = 60
)

// Default hardware scores: what a device of the class is worth beside others, in round numbers of int8 throughput.
const (
	DefaultCPUScore        = 10
	DefaultEdgeScore       = 10
	DefaultMobileScore     = 5
	DefaultConsumerScore   = 200
	DefaultDatacentreScore = 2_000
)

// DefaultParams returns a rule for every class.
func DefaultParams() Params {
	return Params{
		Classes: []ClassRule{
			{Class: DEVICE_CLASS_CPU, MinBond: math.NewInt(DefaultSmallBond), MaxLanes: 4, Score: DefaultCPUScore,
				CheckSize: 1_024, CheckSteps: 8, CheckWindowMs: 30_000},
			{Class: DEVICE_CLASS_EDGE, MinBond: math.NewInt(DefaultSmallBond), MaxLanes: 1, Score: DefaultEdgeScore,
				CheckSize: 1_024, CheckSteps: 8, CheckWindowMs: 60_000},
			{Class: DEVICE_CLASS_MOBILE, MinBond: math.NewInt(DefaultSmallBond), MaxLanes: 1, Score: DefaultMobileScore,
				CheckSize: 1_024, CheckSteps: 4, CheckWindowMs: 60_000},
			{Class: DEVICE_CLASS_CONSUMER, MinBond: math.NewInt(DefaultConsumerBond), MaxLanes: 4, Score: DefaultConsumerScore,
				CheckSize: 8_192, CheckSteps: 64, CheckWindowMs: 45_000},
			{Class: DEVICE_CLASS_DATACENTRE, MinBond: math.NewInt(DefaultDatacentreBond), MaxLanes: 8, Score: DefaultDatacentreScore,
				CheckSize: 16_384, CheckSteps: 64, CheckWindowMs: 60_000},
		},
		MaxDevicesPerOperator: DefaultMaxDevices,
		MinPrice:              math.NewInt(DefaultMinPrice),
		ProvenSeconds:         DefaultProvenSeconds,
		LearningBps:           DefaultLearningBps,
		MaxLapsesPerBlock:     DefaultMaxLapses,
		MaxBlockGapSeconds:    DefaultBlockGap,
		Spot:                  DefaultSpotRules(),
		Location:              DefaultLocationRules(),
		Quality:               DefaultQualityRules(),
		Telemetry:             DefaultTelemetryRules(),
		MaxSwitchesPerBlock:   DefaultMaxSwitches,
		MaxPoolOperators:      DefaultMaxPoolOperators,
	}
}

// Validate checks that there is one rule for every class, in order, and every field against its bounds.
func (p Params) Validate() error {
	if len(p.Classes) != Classes {
		return ErrParams.Wrapf("classes has %d rules: give one for each of the %d classes", len(p.Classes), Classes)
	}
	for i, rule := range p.Classes {
		if rule.Class != DeviceClass(i+1) {
			return ErrParams.Wrapf("classes[%d] is for %s: it must be for %s", i, rule.Class, DeviceClass(i+1))
		}
		if err := rule.Validate(); err != nil {
			return err
		}
		if err := rule.validateCheck(p.Spot.Samples); err != nil {
			return err
		}
	}
	if err := p.Spot.Validate(); err != nil {
		return err
	}
	if err := p.Location.Validate(); err != nil {
		return err
	}
	if p.MaxDevicesPerOperator < 1 || p.MaxDevicesPerOperator > DevicesLimit {
		return ErrParams.Wrapf("max_devices_per_operator is %d: it must be from 1 to %d", p.MaxDevicesPerOperator, DevicesLimit)
	}
	if p.MaxPoolOperators < 1 || p.MaxPoolOperators > PoolLimit {
		return ErrParams.Wrapf("max_pool_operators is %d: it must be from 1 to %d", p.MaxPoolOperators, PoolLimit)
	}
	if p.MinPrice.IsNil() || !p.MinPrice.IsPositive() || p.MinPrice.GT(MaxPrice()) {
		return ErrParams.Wrapf("min_price must be from 1 to %s", MaxPrice())
	}
	return p.validateScoring()
}

func (p Params) validateScoring() error {
	if p.ProvenSeconds < MinProvenSeconds || p.ProvenSeconds > MaxProvenSeconds {
		return ErrParams.Wrapf("proven_seconds is %d: it must be from %d to %d", p.ProvenSeconds, MinProvenSeconds, MaxProvenSeconds)
	}
	if p.LearningBps < 1 || p.LearningBps > reputation.Whole {
		return ErrParams.Wrapf("learning_bps is %d: it must be from 1 to %d", p.LearningBps, reputation.Whole)
	}
	if p.MaxLapsesPerBlock < 1 || p.MaxLapsesPerBlock > LapsesLimit {
		return ErrParams.Wrapf("max_lapses_per_block is %d: it must be from 1 to %d", p.MaxLapsesPerBlock, LapsesLimit)
	}
	if p.MaxBlockGapSeconds < 1 || p.MaxBlockGapSeconds > BlockGapLimit {
		return ErrParams.Wrapf("max_block_gap_seconds is %d: it must be from 1 to %d", p.MaxBlockGapSeconds, BlockGapLimit)
	}
	return p.validateQuality()
}

// Validate checks the rule's bounds.
func (r ClassRule) Validate() error {
	if r.MinBond.IsNil() || r.MinBond.IsNegative() || r.MinBond.GT(maxBond()) {
		return ErrParams.Wrapf("min_bond of %s must be from 0 to %s", r.Class, maxBond())
	}
	if r.MaxLanes < 1 || r.MaxLanes > LanesLimit {
		return ErrParams.Wrapf("max_lanes of %s is %d: it must be from 1 to %d", r.Class, r.MaxLanes, LanesLimit)
	}
	if r.Score > reputation.MaxClassScore {
		return ErrParams.Wrapf("score of %s is %d: it must be at most %d", r.Class, r.Score, reputation.MaxClassScore)
	}
	return nil
}

// Rule returns the rule of a class. The parameters must be valid; a class that is none has no rule.
func (p Params) Rule(class DeviceClass) (ClassRule, error) {
	if class < DEVICE_CLASS_CPU || int(class) > len(p.Classes) {
		return ClassRule{}, ErrField.Wrapf("class %d: it must be from %d to %d", class, DEVICE_CLASS_CPU, Classes)
	}
	return p.Classes[class-1], nil
}

// MaxPrice is the highest price per 10^9 multiply-accumulates: 10^18, so that a price times any work fits 256 bits.
func MaxPrice() math.Int { return math.NewInt(index.MaxPrice) }

// maxBond bounds a class's bond to 10^18 in the base denomination, so that sums of bonds fit 256 bits.
func maxBond() math.Int { return math.NewInt(1_000_000_000_000_000_000) }
