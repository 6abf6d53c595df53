package keeper

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/assaychain/assay/x/market/runtimes"
	"github.com/assaychain/assay/x/market/scheduler"
	"github.com/assaychain/assay/x/market/types"
	"github.com/assaychain/assay/x/registry/coordinates"
	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// scan is what the assignments of a block know of the network. Everything is read once, and kept as reading it again would find it:
// nothing but an assignment changes devices, bonds and calendars in that phase, and what it changes is changed here too. Where an
// item of the phase fails, or does anything else, all is forgotten and read again.
type scan struct {
	keeper *Keeper
	lists  []*deviceList
	// named are devices of operators that jobs name.
	named     map[ownedKey][]*offered
	devices   map[string]*offered
	standings map[string]*bonded
	// jails are the operators in jail, nil before they are read.
	jails *jails
	// times are what was learnt of run times.
	times map[timeKey]runtimes.Record
	// homes are where cells are in the network.
	homes map[uint16]coordinates.Node
	// pools are the operators of pools.
	pools map[uint64][]string
	// attests is what attestsAfter has read, moment what present has.
	attests *uint64
	moment  *present
	// demand is the measurement of what is rented, waits what waits, by class and home.
	demand *types.Demand
	waits  map[queueOf]queued
	// owing is what is still to be locked of bonds.
	owing []owed
	// midway says that an item has begun and did not end well.
	midway bool
	// tried and left are how many jobs were tried, and how many are still to be.
	tried, left uint64
}

// ownedKey names some devices of an operator: at most limit from the from-th on.
type ownedKey struct {
	operator string
	from     uint64
	limit    uint32
}

// timeKey names a run time.
type timeKey struct {
	workload uint32
	hardware string
}

// offered is a device with what is read of it beside its record.
type offered struct {
	registrytypes.Device
	// heat is what its heat adds to its load.
	heat uint32
	// face is what it shows to any job, bond how its operator stands, once a job wanted to know.
	face scheduler.Device
	bond *bonded
	// trip and past are what the last job that looked at it had to know.
	trip trip
	past past
}

// trip is the round trip between a device and a home.
type trip struct {
	known  bool
	home   uint16
	micros uint32
}

// past is how long a workload took on a device's model, and on its class.
type past struct {
	known      bool
	workload   uint32
	own, class runtimes.Record
}

// deviceList holds the devices of a class in the order in which walk visits them from a home, up to its horizon.
type deviceList struct {
	class registrytypes.DeviceClass
	home  uint16
	// gone counts the devices that left it since the scan had tried so many jobs.
	gone, since uint64
	devices     []*offered
	// whole says that there are no others. Otherwise horizon was the last that was read: what comes after it is not in the list.
	whole   bool
	horizon offered
}

func (k *Keeper) newScan() *scan {
	s := &scan{keeper: k}
	s.forget()
	return s
}

func (s *scan) forget() {
	s.lists, s.named, s.midway, s.homes = nil, map[ownedKey][]*offered{}, false, map[uint16]coordinates.Node{}
	s.pools, s.attests = map[uint64][]string{}, nil
	s.moment, s.demand, s.waits, s.jails = nil, nil, map[queueOf]queued{}, nil
	s.devices, s.standings, s.times = map[string]*offered{}, map[string]*bonded{}, map[timeKey]runtimes.Record{}
}

// place places one job. If it fails or panics, or closes the job instead, what is known is forgotten.
func (s *scan) place(ctx context.Context, id uint64) error {
	if s.midway {
		s.forget()
	}
	s.midway = true
	known, err := s.keeper.place(ctx, s, id)
	s.midway = !known || err != nil
	return err
}

// placeAll places jobs, up to the first one that fails. What others before it owed is dropped with their writes.
func (s *scan) placeAll(ctx context.Context, ids []uint64) error {
	s.owing = s.owing[:0]
	for _, id := range ids {
		if err := s.place(ctx, id); err != nil {
			return err
		}
		s.tried, s.left = s.tried+1, s.left-min(s.left, 1)
	}
	if err := s.settle(ctx); err != nil {
		s.midway = true // The writes of all of them are dropped.
		return err
	}
	return nil
}

// list is a list that has limit devices, if there are so many. One that ran out is read anew with as many more as jobs are likely to take of
// it in the rest of the phase, since each reading sorts all that the block has written by then.
func (s *scan) list(ctx context.Context, class registrytypes.DeviceClass, home uint16, limit uint32) (*deviceList, error) {
	at := slices.IndexFunc(s.lists, func(l *deviceList) bool { return l.class == class && l.home == home })
	if at < 0 {
		l := &deviceList{class: class, home: home, since: s.tried}
		err := s.read(ctx, l, limit)
		if err == nil {
			s.lists = append(s.lists, l)
		}
		return l, err
	}
	l := s.lists[at]
	if l.whole || len(l.devices) >= int(limit) {
		return l, nil
	}
	again := &deviceList{class: class, home: home, gone: l.gone, since: l.since}
	err := s.read(ctx, again, limit+max(limit, s.likely(l, limit)))
	if err == nil {
		s.lists[at] = again
	}
	return again, err
}

// likely is how many devices will leave a list, if as many do for each job as did so far; 0 while too few have to tell. Together they come
// to about a device for each job that is left, however many lists a job looks at.
func (s *scan) likely(l *deviceList, enough uint32) uint32 {
	if l.gone < uint64(enough) {
		return 0
	}
	return uint32(min(l.gone*s.left/max(s.tried-l.since, 1), s.left))
}

// read fills a list with at most limit devices.
func (s *scan) read(ctx context.Context, l *deviceList, limit uint32) error {
	err := s.keeper.walk(ctx, l.class, l.home, limit, func(d registrytypes.Device) (bool, error) {
		o, err := s.device(ctx, d)
		l.devices = append(l.devices, o)
		return false, err
	})
	// From a home only so many cells are visited: as one runs out of devices, another further away comes into view.
	if l.whole = l.home == 0 && uint64(len(l.devices)) < uint64(limit); !l.whole && len(l.devices) > 0 {
		l.horizon = *l.devices[len(l.devices)-1]
	}
	return err
}

// owned are devices of an operator, read once.
func (s *scan) owned(ctx context.Context, key ownedKey) ([]*offered, error) {
	if known, ok := s.named[key]; ok {
		return known, nil
	}
	operator, err := operatorNamed(key.operator)
	if err != nil {
		return nil, err
	}
	var list []*offered
	err = s.keeper.ports.Registry.WalkOwned(ctx, operator, key.from, key.limit, func(d registrytypes.Device) (bool, error) {
		o, err := s.device(ctx, d)
		list = append(list, o)
		return false, err
	})
	if err == nil {
		s.named[key] = list
	}
	return list, err
}

// device is a device that was just read. What is known of it already stays: lists share it.
func (s *scan) device(ctx context.Context, d registrytypes.Device) (*offered, error) {
	if known, ok := s.devices[string(d.Id)]; ok {
		return known, nil
	}
	face, err := s.face(ctx, &d)
	o := &offered{Device: d, heat: d.Load() - d.InUse, face: face}
	s.devices[string(d.Id)] = o
	return o, err
}

// placed notes that a device has a job more, and that its operator's bond is locked further. Where it takes from a budget of power others of
// the operator's devices may be without, so that all is read again.
func (s *scan) placed(choice scheduler.Placement) {
	if known, ok := s.standings[choice.Device.Operator]; ok {
		known.Headroom = known.Headroom.Sub(choice.Exposure)
	}
	o := s.devices[string(choice.Device.ID)]
	if o.Metered {
		s.forget()
		return
	}
	full := o.InUse+1 >= o.OpenLanes()
	var stay []*deviceList
	s.lists = slices.DeleteFunc(s.lists, func(l *deviceList) bool {
		had, last := l.take(o)
		if had && !full {
			stay = append(stay, l)
		}
		return full && last && l.beyondCells()
	})
	o.InUse++
	for _, l := range stay {
		l.put(o)
	}
}

// beyondCells tells whether the list goes on to devices that told no cell. Where a cell runs out of devices, a search visits another cell
// instead, further away than all the others and before those.
func (l *deviceList) beyondCells() bool { return l.home != 0 && l.horizon.Cell == 0 }

// first are the devices that walk would visit.
func (l *deviceList) first(limit uint32) []*offered {
	return l.devices[:min(uint64(limit), uint64(len(l.devices)))]
}

// take removes a device and tells whether it was there, and, in a list from a home, whether it was the last one of its cell.
func (l *deviceList) take(o *offered) (had, last bool) {
	at, had := slices.BinarySearchFunc(l.devices, o, l.compare)
	if !had {
		return false, false
	}
	copy(l.devices[1:], l.devices[:at]) // Most are taken near the front of a long list.
	l.devices[0] = nil
	l.devices = l.devices[1:]
	l.gone++
	return true, !l.from(at-1, o.Cell) && !l.from(at, o.Cell)
}

// from tells whether there is a device from a cell at a place of the list.
func (l *deviceList) from(at int, cell uint32) bool {
	return at >= 0 && at < len(l.devices) && l.devices[at].Cell == cell
}

// put inserts a device that was taken where walk would visit it now, if that is within the horizon.
func (l *deviceList) put(o *offered) {
	if !l.whole && l.compare(o, &l.horizon) > 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(l.devices, o, l.compare)
	l.devices = slices.Insert(l.devices, at, o)
	l.gone -= min(l.gone, 1)
}

// compare is the order of walk: by the distance of cells, load, price and id.
func (l *deviceList) compare(a, b *offered) int {
	return cmp.Or(
		cmp.Compare(rankOf(l.home, &a.Device), rankOf(l.home, &b.Device)), cmp.Compare(a.InUse+a.heat, b.InUse+b.heat),
		cmp.Compare(a.Price.Uint64(), b.Price.Uint64()), bytes.Compare(a.Id, b.Id))
}
