package daemon

import (
	"context"
	"fmt"
	"time"

	"github.com/assaychain/assay/x/registry/cells"
)

// told says what the chain is told of a place in a cell.
func told(cell cells.Cell, measured time.Duration) string {
	if measured == 0 {
		return fmt.Sprintf("%s is all that the chain is told: nothing is measured", cell)
	}
	return fmt.Sprintf("the chain is told %s, and every %s round trips to others, which are public like the coordinates made of them and can narrow the place down; "+
		`devices.measure_interval = "0s" ends them`, cell, measured)
}

// locationCheck tells what of this machine's place the chain is told, and whether its devices say the same.
func (d *checkup) locationCheck(ctx context.Context) {
	const name = "location"
	cell, err := d.config.Devices.Cell()
	if err != nil {
		d.add(name, VerdictFail, "%v", err)
		return
	}
	if !cell.Known() {
		d.add(name, VerdictWarn, "not told: jobs that want to be near find these devices last; set devices.location, or register with --location")
		return
	}
	d.add(name, VerdictOK, "%s", told(cell, time.Duration(d.config.Devices.MeasureInterval)))
	if !d.online || d.operator.Empty() {
		return
	}
	devices, err := d.client.Devices(ctx, d.operator)
	if err != nil {
		return // Told of by the check of the devices.
	}
	for _, one := range devices {
		if _, _, here := d.machine.Own(one.Id); here && one.Cell != uint32(cell) {
			d.add(name, VerdictWarn, "device %x is registered in %s: a running worker corrects that", one.Id[:8], cells.Cell(one.Cell))
		}
	}
}
