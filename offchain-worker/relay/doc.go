// Package relay carries sealed outputs that are too large for transactions: a store and a server for operators that the chain draws as
// relays, and the client's side of it for workers, who hand boxes over, and customers, who fetch them. A relay can't read a box. It signs
// that it holds one, and serves it until the receipt expires.
package relay

import (
	"crypto/ed25519"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/x/market/box"
)

var (
	// ErrRefused is wrapped when a relay does not take a box.
	ErrRefused = errors.New("the relay refuses the box")
	// ErrFull is wrapped when a box does not fit the relay's disk.
	ErrFull = errors.New("the relay is full")
	// ErrManyRoots is wrapped when a relay keeps as many boxes of a job and draw as it does.
	ErrManyRoots = errors.New("too many boxes of the job")
	// ErrNoBox is wrapped when a relay does not have a box.
	ErrNoBox = errors.New("no such box")
)

// Parcel names a box: the job, the draw of relays that it is for, and its root.
type Parcel struct {
	Job  uint64
	Draw uint32
	Root box.Hash
}

// Path is where a relay takes and serves the parcel, below its URL.
func (p Parcel) Path() string {
	return fmt.Sprintf("/boxes/%d/%d/%x", p.Job, p.Draw, p.Root)
}

// ParseParcel reads the three parts of a path, each in its only spelling.
func ParseParcel(job, draw, root string) (Parcel, error) {
	var p Parcel
	var err error
	if p.Job, err = strconv.ParseUint(job, 10, 64); err != nil {
		return p, fmt.Errorf("job %q must be a number", job)
	}
	number, err := strconv.ParseUint(draw, 10, 32)
	if err != nil {
		return p, fmt.Errorf("draw %q must be a number", draw)
	}
	p.Draw = uint32(number)
	raw, err := hex.DecodeString(root)
	if err != nil || len(raw) != box.HashSize {
		return p, fmt.Errorf("root %q must be %d bytes in hexadecimal", root, box.HashSize)
	}
	p.Root = box.Hash(raw)
	if p.Path() != "/boxes/"+job+"/"+draw+"/"+root {
		return p, errors.New("job, draw and root must be written without leading zeroes, signs and capitals")
	}
	return p, nil
}

// handSign is what a worker's hot key signs to hand a parcel to one relay.
func handSign(chainID string, p Parcel, relay sdk.AccAddress) []byte {
	out := []byte("assay/relay/upload/v1")
	out = binary.BigEndian.AppendUint32(out, uint32(len(chainID)))
	out = append(out, chainID...)
	out = binary.BigEndian.AppendUint64(out, p.Job)
	out = binary.BigEndian.AppendUint32(out, p.Draw)
	out = append(out, p.Root[:]...)
	return append(out, relay...)
}

// The headers that carry the worker's signature.
const (
	keyHeader       = "X-Assay-Key"
	signatureHeader = "X-Assay-Signature"
	// maxHeader bounds what they hold.
	maxHeader = 256
)

// checkHand tells whose signature of an upload the headers hold.
func checkHand(chainID string, p Parcel, relay sdk.AccAddress, keyText, signatureText string) (sdk.AccAddress, error) {
	if len(keyText) > maxHeader || len(signatureText) > maxHeader {
		return nil, errors.New("key and signature are too long")
	}
	raw, err := hex.DecodeString(keyText)
	if err != nil || len(raw) != secp256k1.PubKeySize {
		return nil, fmt.Errorf("%s must be a secp256k1 key, %d bytes in hexadecimal", keyHeader, secp256k1.PubKeySize)
	}
	signature, err := hex.DecodeString(signatureText)
	if err != nil {
		return nil, fmt.Errorf("%s must be hexadecimal", signatureHeader)
	}
	key := &secp256k1.PubKey{Key: raw}
	if !key.VerifySignature(handSign(chainID, p, relay), signature) {
		return nil, fmt.Errorf("%s is not the key's for this box and relay", signatureHeader)
	}
	return sdk.AccAddress(key.Address()), nil
}

// Key is a relay's key.
type Key = ed25519.PrivateKey
