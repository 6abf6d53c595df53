// Package drand talks to a randomness beacon over drand's HTTP interface: a client that verifies what it fetches, a relay
// that brings rounds to whoever waits for them, and a development signer that serves the same interface.
//
// Nothing here is trusted by the chain, which verifies each round by itself; verifying before relaying saves fees and tells
// a lying endpoint from a bad one. The interface is drand's: /info, /public/latest and /public/<round>, each of them also
// below /<chain hash>.
package drand

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/assaychain/assay/x/beacon/drand"
)

// Beacon is one published round.
type Beacon struct {
	// Round counts from 1.
	Round uint64
	// Signature is the beacon's signature of the round, 48 bytes.
	Signature []byte
	// Randomness is SHA-256 of the signature, 32 bytes.
	Randomness []byte
}

// ErrResponse marks an answer of an endpoint that is not what drand's interface promises.
var ErrResponse = errors.New("invalid response of a beacon endpoint")

// hexBytes is bytes that JSON carries as hexadecimal text.
type hexBytes []byte

// MarshalJSON writes lower-case hexadecimal text.
func (b hexBytes) MarshalJSON() ([]byte, error) { return json.Marshal(hex.EncodeToString(b)) }

// UnmarshalJSON reads hexadecimal text.
func (b *hexBytes) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	decoded, err := hex.DecodeString(text)
	*b = decoded
	return err
}

// beaconJSON is drand's answer to /public/<round>.
type beaconJSON struct {
	Round      uint64   `json:"round"`
	Randomness hexBytes `json:"randomness"`
	Signature  hexBytes `json:"signature"`
}

// infoJSON is drand's answer to /info.
type infoJSON struct {
	PublicKey   hexBytes     `json:"public_key"`
	Period      uint32       `json:"period"`
	GenesisTime int64        `json:"genesis_time"`
	Hash        hexBytes     `json:"hash"`
	GroupHash   hexBytes     `json:"groupHash"`
	SchemeID    string       `json:"schemeID"`
	Metadata    metadataJSON `json:"metadata"`
}

type metadataJSON struct {
	BeaconID string `json:"beaconID"`
}

func encodeInfo(info drand.Info) infoJSON {
	hash := info.Hash()
	return infoJSON{
		PublicKey: info.PublicKey, Period: info.Period, GenesisTime: info.Genesis, Hash: hash[:],
		GroupHash: info.GroupHash, SchemeID: info.Scheme, Metadata: metadataJSON{BeaconID: info.BeaconID},
	}
}

// decodeInfo checks that the description is usable and has the hash that it claims.
func decodeInfo(wire infoJSON) (drand.Info, error) {
	info := drand.Info{
		Chain: drand.Chain{
			PublicKey: wire.PublicKey, Period: wire.Period, Genesis: wire.GenesisTime, Scheme: wire.SchemeID,
		},
		GroupHash: wire.GroupHash,
		BeaconID:  wire.Metadata.BeaconID,
	}
	if err := info.Validate(); err != nil {
		return drand.Info{}, fmt.Errorf("%w: %w", ErrResponse, err)
	}
	if hash := info.Hash(); !bytes.Equal(hash[:], wire.Hash) {
		return drand.Info{}, fmt.Errorf("%w: chain hash is %x, its own fields hash to %x", ErrResponse, []byte(wire.Hash), hash)
	}
	return info, nil
}
