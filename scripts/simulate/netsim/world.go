package netsim

import (
	"fmt"
	"math"
	"slices"

	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/registry/catalogue"
	"github.com/assaychain/assay/x/registry/cells"
)

// device is what doesn't change of one.
type device struct {
	lat, lon float64
	utc      float64
	cell     uint16
	model    int
	class    catalogue.Class
	memory   uint32
	lanes    uint8
	// luck is how much slower it is than others of its model: 1 is as fast.
	luck float64
	// price in picodollars for 10^9 multiply-accumulates.
	price int64
	// operator is its owner.
	operator int32
	// steady is how hard it is to make it leave: from 0, always there, to 1.
	steady float64
}

// line is a class's connection to the net: bytes a second down, and the last mile in seconds. Assumed.
type line struct {
	down, mile float64
}

var lines = [catalogue.Datacentre + 1]line{
	catalogue.Consumer: {100e6 / 8, 0.008}, catalogue.Mobile: {50e6 / 8, 0.030}, catalogue.Edge: {100e6 / 8, 0.010}, catalogue.Datacentre: {10e9 / 8, 0.001},
}

// A customer's own line: bytes a second up and the last mile in seconds, assumed.
const customerUp, customerMile = 40e6 / 8, 0.008

const (
	// datacentreLanes a device in a datacentre offers: assumed. The others do one job at a time.
	datacentreLanes = 2
	// clouds run the datacentres' devices, so many: assumed.
	clouds = 40
)

// Present parts of a class by its devices' local hour of the day, twelve hours before the evening and in it; between them a cosine. Assumed:
// gamers play in the evening, phones charge at night.
var presences = [catalogue.Datacentre + 1]struct{ morning, evening float64 }{
	catalogue.Consumer: {0.80, 0.45}, catalogue.Mobile: {0.85, 0.10}, catalogue.Edge: {0.97, 0.95}, catalogue.Datacentre: {0.995, 0.995},
}

// waves are from 0 in the morning to 1 in the evening, by half hours of the local day.
var waves = func() (all [48]float64) {
	for i := range all {
		all[i] = (1 + math.Cos((float64(i)/2-evening)*2*math.Pi/24)) / 2
	}
	return all
}()

// world is a network and what happens to it, the same for every policy.
type world struct {
	config  Config
	luck    chance
	models  *models
	devices []device
	jobs    []job
	// moods: by day and device, how much it wants to leave.
	moods [][]float32
	// paces: by workload and model.
	paces [][]func(gmacs, bytes float64) float64
	// sizes: how many devices each operator has.
	sizes []int
}

func newWorld(c Config) (*world, error) {
	m, err := newModels()
	if err != nil {
		return nil, err
	}
	w := &world{config: c, luck: chance(mix(c.Seed)), models: m}
	w.settle()
	w.own()
	w.feel(c.Hours/24 + 4) // Local days begin before and end after, and the last jobs take up to a day.
	w.jobs = arrivals(c, w.luck)
	for _, kind := range workloads {
		paces := make([]func(float64, float64) float64, len(m.all))
		for model := range m.all {
			paces[model] = w.luck.pace(m, model, kind)
		}
		w.paces = append(w.paces, paces)
	}
	return w, nil
}

// settle draws all devices.
func (w *world) settle() {
	classes, people, clouds := classWheel(), newWheel(weights(metros)), newWheel(weights(hubs))
	w.devices = make([]device, w.config.Devices)
	for i := range w.devices {
		id, d := uint64(i), &w.devices[i]
		d.class = classOrder[classes.spin(w.luck.uniform(drawModel, id, 0, 0))]
		d.model = w.models.byClass[d.class][w.models.wheels[d.class].spin(w.luck.uniform(drawModel, id, 1, 0))]
		model := w.models.all[d.model]
		d.lanes, d.memory = 1, max(model.MemoryMiB, 4096) // Phones' memory is not in the catalogue.
		home := metros[people.spin(w.luck.uniform(drawPlace, id, 0, 0))]
		spread := scatter
		if d.class == catalogue.Datacentre {
			home, spread, d.lanes = hubs[clouds.spin(w.luck.uniform(drawPlace, id, 0, 0))], 0.05, datacentreLanes
		}
		d.lat = home.lat + spread*w.luck.normal(drawLatitude, id, 0, 0)
		d.lon = home.lon + spread*w.luck.normal(drawLongitude, id, 0, 0)
		d.utc, d.cell = home.utc, cellAt(d.lat, d.lon)
		d.luck = math.Exp(deviceNoise * w.luck.normal(drawSpeed, id, 0, 0))
		d.price = w.luck.ask(id, model)
		d.steady = w.luck.uniform(drawPresence, id, 0, 0)
	}
}

// own gives the devices to operators: datacentres' to clouds of equal size; of the others, in the order of their numbers, most to households
// with one, some to small farms, a few to large ones of up to a hundredth of all. Assumed.
func (w *world) own() {
	limit := max(w.config.Devices/100, 2)
	next := int32(clouds)
	left := 0
	w.sizes = make([]int, clouds, w.config.Devices)
	for i := range w.devices {
		d := &w.devices[i]
		if d.class == catalogue.Datacentre {
			d.operator = int32(w.luck.bits(drawOperator, uint64(i), 1, 0) % clouds)
		} else {
			if left == 0 {
				next++
				left = w.household(uint64(i), limit)
				w.sizes = append(w.sizes, 0)
			}
			d.operator = next - 1
			left--
		}
		w.sizes[d.operator]++
	}
}

func (w *world) household(id uint64, limit int) int {
	u := w.luck.uniform(drawOperator, id, 0, 0)
	switch {
	case u < 0.97:
		return 1
	case u < 0.999:
		return 2 + int(w.luck.exponential(drawOperator, id, 2, 0)*8)
	default:
		return limit/4 + int(w.luck.uniform(drawOperator, id, 2, 0)*float64(limit)*3/4)
	}
}

// discount is the world in which datacentres ask what marketplaces do.
func (w *world) discount() *world {
	other := *w
	other.devices = slices.Clone(w.devices)
	for i := range other.devices {
		if d := &other.devices[i]; d.class == catalogue.Datacentre {
			d.price = max(int64(float64(d.price)*marketPerWatt/cloudPerWatt), 1)
		}
	}
	return &other
}

// present tells whether a device is there in an hour, counted from the beginning.
func (w *world) present(i int, at int) bool {
	d := &w.devices[i]
	part := presences[d.class]
	local := at*2 + int(d.utc*2) + 48 // Half hours, above 0.
	day := min(local/48, len(w.moods)-1)
	return float64(w.moods[day][i]) < part.morning+(part.evening-part.morning)*waves[local%48]
}

// feel draws how much each device wants to leave on each of so many days, evenly from 0 to 1. Half of it is its own, half changes by the day.
func (w *world) feel(days int) {
	w.moods = make([][]float32, days)
	for day := range w.moods {
		w.moods[day] = make([]float32, len(w.devices))
		for i := range w.devices {
			w.moods[day][i] = float32(triangle((w.devices[i].steady + w.luck.uniform(drawPresence, uint64(i), 1+uint64(day), 0)) / 2))
		}
	}
}

// triangle is the distribution of the mean of two uniform numbers: it makes one uniform again.
func triangle(x float64) float64 {
	if x < 0.5 {
		return 2 * x * x
	}
	return 1 - 2*(1-x)*(1-x)
}

// fits tells whether a device could do a job at all.
func (w *world) fits(j *job, d *device) bool {
	if d.memory < j.memory || j.price(d.price) > j.most {
		return false
	}
	return slices.Contains(j.classes(), scheduler.Class(d.class))
}

// run is how long a job takes on a device that has so many others, in this attempt, and move what the net adds: payload and round trip.
func (w *world) run(j *job, i int32, others uint8, attempt int) float64 {
	d := &w.devices[i]
	noise := math.Exp(runNoise * w.luck.normal(drawRun, j.id, uint64(i), uint64(attempt)))
	return w.paces[j.kind.id][d.model](j.gmacs, j.gmacs*j.kind.bytes) * d.luck * noise * (1 + sharing*float64(others))
}

func (w *world) move(j *job, i int32) float64 {
	d := &w.devices[i]
	at := lines[d.class]
	km := distance(j.lat, j.lon, d.lat, d.lon)
	jitter := 0.002 * w.luck.exponential(drawJitter, j.id, uint64(i), 0)
	return w.luck.roundTrip(km, uint64(i), j.id%64) + at.mile + customerMile + jitter + j.kind.payload/min(at.down, customerUp)
}

// cellAt is the cell that a point in degrees is in.
func cellAt(lat, lon float64) uint16 {
	lon = math.Mod(lon+540, 360) - 180
	cell, err := cells.At(int32(math.Floor(lat*1e4)), int32(math.Floor(lon*1e4)))
	if err != nil {
		panic(err) // The tables have no place that near a pole.
	}
	return uint16(cell)
}

// name of an operator.
func name(operator int32) string { return fmt.Sprintf("operator-%06d", operator) }
