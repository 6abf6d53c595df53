package relay

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/x/market/relays"
	markettypes "github.com/assaychain/assay/x/market/types"
)

const (
	// maxAnswer bounds what a relay answers an upload with.
	maxAnswer = 4 << 10
	// progressBytes is how often progress is told.
	progressBytes = 1 << 20
	// resumes is how often a download that breaks off is gone on with.
	resumes = 5
)

// Hand signs in the worker's name; chain.Signer does.
type Hand interface {
	// SignBytes signs with the hot key and returns its secp256k1 public key.
	SignBytes(message []byte) (signature, publicKey []byte, err error)
}

// Client brings boxes to relays and gets them from there. It only reaches public addresses unless private ones are allowed: relays' URLs
// are the word of strangers.
type Client struct {
	chainID string
	http    *http.Client
}

// NewClient makes a client; timeout bounds one request with its contents.
func NewClient(chainID string, allowPrivate bool, timeout time.Duration) *Client {
	return &Client{chainID: chainID, http: blob.NewClient(allowPrivate, timeout)}
}

func urlOf(relay markettypes.DrawnRelay, p Parcel) (string, error) {
	target := strings.TrimRight(relay.RelayUrl, "/") + p.Path()
	return target, blob.CheckLocator(target)
}

// Shipment is a box on its way to a relay.
type Shipment struct {
	Relay   markettypes.DrawnRelay
	Parcel  Parcel
	Attempt uint32
	// Sealed are the box's chunks one after the other.
	Sealed []byte
}

// Request asks a relay for a box.
type Request struct {
	Relay  markettypes.DrawnRelay
	Parcel Parcel
	// Size of the box in bytes.
	Size uint64
	// Have is what an earlier try got of it.
	Have []byte
	// Progress, when given, hears of the bytes here and expected.
	Progress func(done, total uint64)
}

// Upload hands a box to a relay, and returns its receipt once its signature is checked.
func (c *Client) Upload(ctx context.Context, hand Hand, s Shipment) (markettypes.RelayReceipt, error) {
	none, relay, p := markettypes.RelayReceipt{}, s.Relay, s.Parcel
	operator, err := sdk.AccAddressFromBech32(relay.Operator)
	if err != nil {
		return none, err
	}
	signature, key, err := hand.SignBytes(handSign(c.chainID, p, operator))
	if err != nil {
		return none, fmt.Errorf("sign the upload: %w", err)
	}
	target, err := urlOf(relay, p)
	if err != nil {
		return none, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, target, bytes.NewReader(s.Sealed))
	if err != nil {
		return none, err
	}
	request.Header.Set(keyHeader, hex.EncodeToString(key))
	request.Header.Set(signatureHeader, hex.EncodeToString(signature))
	request.Header.Set("Content-Type", "application/octet-stream")
	answer, err := c.answer(request)
	if err != nil {
		return none, err
	}
	given, err := hex.DecodeString(answer.Signature)
	if err != nil {
		return none, fmt.Errorf("%w: its signature is not hexadecimal", ErrRefused)
	}
	receipt := relays.Receipt{
		ChainID: c.chainID, Job: p.Job, Attempt: s.Attempt, Draw: p.Draw, Relay: operator, BoxRoot: p.Root, Bytes: uint64(len(s.Sealed)),
		Expires: answer.Expires,
	}
	if err := receipt.Verify(relay.RelayKey, given); err != nil {
		return none, err
	}
	return markettypes.RelayReceipt{Operator: relay.Operator, Expires: answer.Expires, Signature: given}, nil
}

func (c *Client) answer(request *http.Request) (Receipt, error) {
	response, err := c.http.Do(request)
	if err != nil {
		return Receipt{}, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return Receipt{}, fmt.Errorf("read the receipt: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return Receipt{}, fmt.Errorf("%w: %s: %.200s", ErrRefused, response.Status, strings.TrimSpace(string(raw)))
	}
	var receipt Receipt
	if err := json.Unmarshal(raw, &receipt); err != nil {
		return receipt, fmt.Errorf("%w: its receipt can't be read: %w", ErrRefused, err)
	}
	return receipt, nil
}

// Fetch gets a box from a relay. A transfer that breaks off goes on where it broke. It returns what it has, whole or not, for the next
// try. Whether it is the right box, its root says.
func (c *Client) Fetch(ctx context.Context, r Request) ([]byte, error) {
	target, err := urlOf(r.Relay, r.Parcel)
	if err != nil {
		return r.Have, err
	}
	for try := 0; uint64(len(r.Have)) < r.Size; try++ {
		var more bool
		if r.Have, more, err = c.fetchRest(ctx, target, r); err == nil {
			continue
		}
		if !more || try >= resumes || ctx.Err() != nil {
			return r.Have, err
		}
	}
	return r.Have, nil
}

// fetchRest asks for what is missing. more tells whether it is worth while to go on after an error.
func (c *Client) fetchRest(ctx context.Context, target string, r Request) ([]byte, bool, error) {
	have, size := r.Have, r.Size
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return have, false, err
	}
	want := http.StatusOK
	if len(have) > 0 {
		want = http.StatusPartialContent
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", len(have), size-1))
	}
	response, err := c.http.Do(request)
	if err != nil {
		return have, false, err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNotFound:
		return have, false, ErrNoBox
	case response.StatusCode != want:
		return have, false, fmt.Errorf("the relay answers %s", response.Status)
	case response.ContentLength >= 0 && uint64(response.ContentLength) != size-uint64(len(have)):
		return have, false, fmt.Errorf("the relay offers %d bytes, want %d", response.ContentLength, size-uint64(len(have)))
	}
	before := len(have)
	buffer, told := make([]byte, 64<<10), len(have)
	for uint64(len(have)) < size {
		n, err := response.Body.Read(buffer)
		have = append(have, buffer[:min(uint64(n), size-uint64(len(have)))]...)
		if r.Progress != nil && (len(have)-told >= progressBytes || uint64(len(have)) == size) {
			told = len(have)
			r.Progress(uint64(told), size)
		}
		if err != nil && !(errors.Is(err, io.EOF) && uint64(len(have)) == size) {
			return have, len(have) > before, fmt.Errorf("the transfer broke off after %d of %d bytes: %w", len(have), size, err)
		}
	}
	return have, true, nil
}
