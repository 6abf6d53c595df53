package types

import "github.com/assaychain/assay/x/registry/spotcheck"

// NewMsgOpenSpotCheck makes the message of an opening.
func NewMsgOpenSpotCheck(check SpotCheck, opening spotcheck.Opening) *MsgOpenSpotCheck {
	msg := &MsgOpenSpotCheck{Operator: check.Operator, Device: check.Device, Check: check.Id, Roots: listed(opening.Roots)}
	for _, e := range opening.Entries {
		msg.Entries = append(msg.Entries, SpotEntry{Row: e.Row, RowPath: listed(e.RowPath), Block: e.Block, BlockPath: listed(e.BlockPath)})
	}
	return msg
}

// Opening reads the message's opening. It refuses more roots and entries than any check has, and hashes of another size.
func (m *MsgOpenSpotCheck) Opening() (spotcheck.Opening, error) {
	if len(m.Roots) > spotcheck.MaxSteps || len(m.Entries) > spotcheck.MaxSamples {
		return spotcheck.Opening{}, ErrField.Wrapf("%d roots and %d entries: at most %d and %d belong to a check",
			len(m.Roots), len(m.Entries), spotcheck.MaxSteps, spotcheck.MaxSamples)
	}
	roots, err := parsed("roots", m.Roots)
	if err != nil {
		return spotcheck.Opening{}, err
	}
	opening := spotcheck.Opening{Roots: roots, Entries: make([]spotcheck.Entry, len(m.Entries))}
	for i, e := range m.Entries {
		entry := spotcheck.Entry{Row: e.Row, Block: e.Block}
		if entry.RowPath, err = parsed("row_path", e.RowPath); err != nil {
			return spotcheck.Opening{}, err
		}
		if entry.BlockPath, err = parsed("block_path", e.BlockPath); err != nil {
			return spotcheck.Opening{}, err
		}
		opening.Entries[i] = entry
	}
	return opening, nil
}

func listed(hashes []spotcheck.Hash) [][]byte {
	list := make([][]byte, len(hashes))
	for i := range hashes {
		list[i] = hashes[i][:]
	}
	return list
}

func parsed(field string, list [][]byte) ([]spotcheck.Hash, error) {
	hashes := make([]spotcheck.Hash, len(list))
	for i, hash := range list {
		if len(hash) != spotcheck.HashSize {
			return nil, ErrField.Wrapf("%s[%d] has %d bytes: it must have %d", field, i, len(hash), spotcheck.HashSize)
		}
		hashes[i] = spotcheck.Hash(hash)
	}
	return hashes, nil
}
