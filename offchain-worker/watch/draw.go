package watch

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// whole is a rate of all attempts, in parts of a million.
const whole = 1_000_000

// Draw chooses attempts at a rate in parts of a million, by a secret of this process, so that no worker can tell which of its jobs are
// watched.
func Draw(perMillion uint32) (func(job uint64, attempt uint32) bool, error) {
	if perMillion == 0 || perMillion > whole {
		return nil, fmt.Errorf("rate is %d of a million: it must be from 1 to %d", perMillion, whole)
	}
	secret := make([]byte, sha256.Size)
	if _, err := rand.Read(secret); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return func(job uint64, attempt uint32) bool {
		b := binary.BigEndian.AppendUint64(append([]byte(nil), secret...), job)
		sum := sha256.Sum256(binary.BigEndian.AppendUint32(b, attempt))
		return binary.BigEndian.Uint64(sum[:])%whole < uint64(perMillion)
	}, nil
}

func marshal(data any) (json.RawMessage, error) { return json.Marshal(data) }
