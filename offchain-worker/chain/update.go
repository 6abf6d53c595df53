package chain

import (
	"bytes"

	registrytypes "github.com/assaychain/assay/x/registry/types"
)

// UpdateOf is the message that makes a device available or not, and changes nothing else of it.
func UpdateOf(r registrytypes.Device, available bool) *registrytypes.MsgUpdateDevice {
	return &registrytypes.MsgUpdateDevice{
		Operator: r.Operator, Id: bytes.Clone(r.Id), Lanes: r.Lanes, Price: r.Price, Available: available, HourlyPrice: r.HourlyPrice, Levels: r.Levels,
		Cell: r.Cell,
	}
}

// move tells the cell of a device that the chain has in another one; nil when it stays, as it does where the registration names none: it may have
// been told by hand.
func move(one registrytypes.MsgRegisterDevice, record registrytypes.Device) *registrytypes.MsgUpdateDevice {
	if one.Cell == 0 || one.Cell == record.Cell {
		return nil
	}
	update := UpdateOf(record, record.Wanted())
	update.Cell = one.Cell
	return update
}

// Cell is the cell that a device of the registration is in once it is done; 0 when it is not told.
func (e Existing) Cell(one registrytypes.MsgRegisterDevice) uint32 {
	if record, known := e.Records[string(one.Id)]; known && one.Cell == 0 {
		return record.Cell
	}
	return one.Cell
}
