package netsim

import (
	"fmt"
	"math"

	"github.com/assaychain/assay/x/registry/catalogue"
)

// share is a model's part of its class.
type share struct {
	key string
	// weight in any unit, the same for all of a class.
	weight float64
}

// Parts of the network by class, assumed: mostly gaming machines, some phones and boards, few datacentre GPUs.
var classShares = map[catalogue.Class]float64{
	catalogue.Consumer: 0.72, catalogue.Mobile: 0.14, catalogue.Edge: 0.09, catalogue.Datacentre: 0.05,
}

// classOrder fixes the order of classShares.
var classOrder = []catalogue.Class{catalogue.Edge, catalogue.Mobile, catalogue.Consumer, catalogue.Datacentre}

// consumerShares are per cent of Valve's hardware survey. The first four are those of April 2025, as the press reported them (laptop 4060
// 4.8, 3060 4.57, 4060 4.35, 1650 3.39); the others are rounded to the survey's order and assumed. Models that are not named here have a
// twentieth of a per cent each.
var consumerShares = []share{
	{"nvidia-geforce-rtx-4060-laptop-gpu", 4.8}, {"nvidia-geforce-rtx-3060", 4.57}, {"nvidia-geforce-rtx-4060", 4.35}, {"nvidia-geforce-gtx-1650", 3.39},
	{"nvidia-geforce-rtx-4060-ti", 3.3}, {"nvidia-geforce-rtx-3060-ti", 3.2}, {"nvidia-geforce-rtx-3060-laptop-gpu", 3}, {"nvidia-geforce-rtx-3070", 3},
	{"nvidia-geforce-rtx-3050", 2.9}, {"nvidia-geforce-rtx-4070", 2.8}, {"nvidia-geforce-rtx-2060", 2.3}, {"nvidia-geforce-rtx-4070-super", 2.2},
	{"nvidia-geforce-gtx-1060-6gb", 2}, {"nvidia-geforce-rtx-3080", 2}, {"nvidia-geforce-gtx-1660-super", 1.8}, {"nvidia-geforce-rtx-4050-laptop-gpu", 1.7},
	{"nvidia-geforce-rtx-4070-laptop-gpu", 1.5}, {"nvidia-geforce-gtx-1660-ti", 1.3}, {"nvidia-geforce-rtx-4070-ti", 1.2}, {"nvidia-geforce-gtx-1050-ti", 1.2},
	{"nvidia-geforce-rtx-3070-ti", 1.2}, {"nvidia-geforce-rtx-4080", 1}, {"nvidia-geforce-rtx-2070-super", 1}, {"nvidia-geforce-rtx-4090", 1},
	{"nvidia-geforce-rtx-4070-ti-super", 0.9}, {"nvidia-geforce-rtx-4080-super", 0.9}, {"nvidia-geforce-rtx-5070", 0.8}, {"nvidia-geforce-rtx-5080", 0.6},
	{"nvidia-geforce-rtx-5070-ti", 0.7}, {"nvidia-geforce-rtx-3080-ti", 0.7}, {"nvidia-geforce-rtx-3090", 0.6}, {"nvidia-geforce-rtx-5090", 0.3},
	{"amd-radeon-rx-6600", 0.9}, {"amd-radeon-rx-580", 0.7}, {"amd-radeon-rx-6700-xt", 0.7}, {"amd-radeon-rx-7800-xt", 0.6}, {"amd-radeon-rx-7900-xtx", 0.5},
	{"apple-m1", 1}, {"apple-m2", 0.8}, {"apple-m1-pro", 0.4}, {"apple-m3-pro", 0.4}, {"apple-m4", 0.4}, {"apple-m3-max", 0.2},
}

// datacentreShares are assumed: what clouds rent out most.
var datacentreShares = []share{
	{"nvidia-h100-80gb-hbm3", 22}, {"nvidia-a100-sxm4-80gb", 16}, {"nvidia-a100-sxm4-40gb", 10}, {"nvidia-l4", 10}, {"nvidia-tesla-t4", 14},
	{"nvidia-a10", 8}, {"nvidia-l40s", 7}, {"nvidia-h200", 5}, {"nvidia-tesla-v100-sxm2-16gb", 4}, {"nvidia-b200", 2}, {"amd-instinct-mi300x", 2},
}

// rest is the weight of a model that is not named.
const rest = 0.05

// unknownBandwidth is taken for models whose memory's bandwidth nobody states, phones' mostly: 50·10^9 bytes a second, assumed.
const unknownBandwidth = 50e9

// models are those of the catalogue, by class, with a wheel each.
type models struct {
	all     []catalogue.Model
	byClass map[catalogue.Class][]int
	wheels  map[catalogue.Class]wheel
}

func newModels() (*models, error) {
	m := &models{all: catalogue.Embedded().Models(), byClass: map[catalogue.Class][]int{}, wheels: map[catalogue.Class]wheel{}}
	named := map[string]float64{}
	for _, s := range append(append([]share(nil), consumerShares...), datacentreShares...) {
		named[s.key] = s.weight
	}
	known := 0
	for i, model := range m.all {
		m.byClass[model.Class] = append(m.byClass[model.Class], i)
		if named[model.Key] > 0 {
			known++
		}
	}
	if known != len(named) {
		return nil, fmt.Errorf("%d of the %d models with a share are not in the catalogue", len(named)-known, len(named))
	}
	for _, class := range classOrder {
		all := make([]float64, len(m.byClass[class]))
		for i, model := range m.byClass[class] {
			all[i] = max(named[m.all[model].Key], rest)
		}
		m.wheels[class] = newWheel(all)
	}
	return m, nil
}

// classWheel draws an index of classOrder.
func classWheel() wheel {
	all := make([]float64, len(classOrder))
	for i, class := range classOrder {
		all[i] = classShares[class]
	}
	return newWheel(all)
}

// nominal is a model's peak in 10^9 multiply-accumulates a second, of the fastest precision that it has.
func nominal(m catalogue.Model) float64 {
	return max(float64(max(m.INT8, m.FP16, m.FP32))/2, 50)
}

func bandwidth(m catalogue.Model) float64 {
	if m.BandwidthMBps == 0 {
		return unknownBandwidth
	}
	return float64(m.BandwidthMBps) * 1e6
}

const (
	// usual is the part of the peak that work reaches on the average: assumed; peaks are of matrix units, and real programs reach a fifth to a
	// third of them.
	usual = 0.25
	// usualBandwidth is the same of the memory's.
	usualBandwidth = 0.6
	// efficiencyNoise is how much a model suits a workload better or worse than that, deviceNoise how much a device differs from others of its
	// model (heat, dust, clocks), runNoise how much two runs do: deviations of logarithms, assumed.
	efficiencyNoise, deviceNoise, runNoise = 0.35, 0.12, 0.08
	// sharing is how much longer a job takes for every other one on its device: assumed.
	sharing = 0.5
)

// pace is what a model does with a workload: seconds for a job of so much work and so many bytes of memory read.
func (c chance) pace(m *models, model int, w workload) func(gmacs, bytes float64) float64 {
	better := math.Exp(efficiencyNoise * c.normal(drawEfficiency, uint64(w.id), uint64(model), 0))
	rate := nominal(m.all[model]) * usual * better
	memory := bandwidth(m.all[model]) * usualBandwidth * math.Sqrt(better)
	return func(gmacs, bytes float64) float64 { return w.overhead + max(gmacs/rate, bytes/memory) }
}
