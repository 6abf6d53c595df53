package relays

import (
	"crypto/sha256"
	"encoding/binary"
)

// MaxTries is how many places of the relays' register a draw looks at, at most.
const MaxTries = 64

// Seed is a draw's own randomness, from the beacon's.
func Seed(randomness []byte, job uint64, draw uint32) []byte {
	h := sha256.New()
	h.Write([]byte("assay/market/relay-draw/v1"))
	h.Write(binary.BigEndian.AppendUint64(nil, job))
	h.Write(binary.BigEndian.AppendUint32(nil, draw))
	h.Write(randomness)
	return h.Sum(nil)
}

// Choice collects relays in the order in which the draw meets them. Those who had the job's box to serve before come last: a draw takes
// them only when there are too few others, so that neither side can use up the relays.
type Choice[T any] struct {
	// Want is how many relays are taken.
	Want          int
	fresh, served []T
}

// Offer adds a relay that may serve, and tells whether the draw is over.
func (c *Choice[T]) Offer(relay T, before bool) (done bool) {
	if before {
		c.served = append(c.served, relay)
	} else {
		c.fresh = append(c.fresh, relay)
	}
	return len(c.fresh) >= c.Want
}

// Taken are the relays drawn, at most Want.
func (c *Choice[T]) Taken() []T {
	all := append(append([]T(nil), c.fresh...), c.served...)
	return all[:min(len(all), c.Want)]
}
