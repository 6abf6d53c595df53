package journal

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
)

// The layout of a record, all integers big-endian:
//
//	offset  size  field
//	     0     4  magic "AWJ1"
//	     4     4  length n of the entry
//	     8     4  CRC-32C of the entry
//	    12     n  the entry as JSON
const (
	magic      = "AWJ1"
	headerSize = 12
	// maxEntry bounds an entry in bytes: the largest carries a transaction with every proof of a job.
	maxEntry = 16 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func encode(entry Entry) ([]byte, error) {
	body, err := json.Marshal(entry)
	if err != nil {
		return nil, err
	}
	if len(body) > maxEntry {
		return nil, fmt.Errorf("entry has %d bytes, at most %d are allowed", len(body), maxEntry)
	}
	frame := append([]byte(magic), make([]byte, headerSize-len(magic))...)
	binary.BigEndian.PutUint32(frame[4:], uint32(len(body)))
	binary.BigEndian.PutUint32(frame[8:], crc32.Checksum(body, castagnoli))
	return append(frame, body...), nil
}

// decode reads the record at the start of raw and its length, or tells what is wrong with it.
func decode(raw []byte) (Entry, int64, error) {
	if len(raw) < headerSize || string(raw[:len(magic)]) != magic {
		return Entry{}, 0, fmt.Errorf("no record header")
	}
	size := binary.BigEndian.Uint32(raw[4:])
	if size > maxEntry || uint64(len(raw)) < headerSize+uint64(size) {
		return Entry{}, 0, fmt.Errorf("record of %d bytes is cut off", size)
	}
	body := raw[headerSize : headerSize+size]
	if crc32.Checksum(body, castagnoli) != binary.BigEndian.Uint32(raw[8:]) {
		return Entry{}, 0, fmt.Errorf("checksum does not match")
	}
	var entry Entry
	if err := json.Unmarshal(body, &entry); err != nil {
		return Entry{}, 0, fmt.Errorf("entry is not readable: %w", err)
	}
	return entry, headerSize + int64(size), nil
}

// scan reads all records and returns them with the number of bytes they fill. Damage at the very end is what a crash in
// the middle of a write leaves, and ends the scan; damage with a whole record behind it is corruption.
func scan(raw []byte) ([]Entry, int64, error) {
	var entries []Entry
	offset := int64(0)
	for offset < int64(len(raw)) {
		entry, size, err := decode(raw[offset:])
		if err != nil {
			if later := nextRecord(raw, offset+1); later >= 0 {
				return nil, 0, fmt.Errorf("%w at offset %d (%w), with a whole record behind it at %d: restore the file or move it away",
					ErrCorrupt, offset, err, later)
			}
			return entries, offset, nil
		}
		if want := uint64(len(entries)) + 1; entry.Seq != want {
			return nil, 0, fmt.Errorf("%w at offset %d: entry %d where entry %d belongs: restore the file or move it away",
				ErrCorrupt, offset, entry.Seq, want)
		}
		entries = append(entries, entry)
		offset += size
	}
	return entries, offset, nil
}

// nextRecord finds the first offset from start on that holds a whole record, or -1.
func nextRecord(raw []byte, start int64) int64 {
	for offset := start; offset+headerSize <= int64(len(raw)); offset++ {
		if string(raw[offset:offset+int64(len(magic))]) != magic {
			continue
		}
		if _, _, err := decode(raw[offset:]); err == nil {
			return offset
		}
	}
	return -1
}
