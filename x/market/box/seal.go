package box

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"

	"golang.org/x/crypto/curve25519"
	"golang.org/x/crypto/nacl/secretbox"

	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// Purpose is what a box is for. Its key is bound to it, so that no box passes for another's.
type Purpose struct {
	ChainID string
	Job     uint64
	Attempt uint32
	// Draw counts the draws of relays of the job from 1.
	Draw uint32
}

// Sealed is a box.
type Sealed struct {
	// Key is the ephemeral public key, which whoever has the delivery secret needs to open the box.
	Key []byte
	// Chunks are the sealed chunks in order.
	Chunks [][]byte
}

// Root is the box's.
func (s *Sealed) Root() Hash { return Root(s.Chunks) }

// Bytes are the chunks one after the other: what relays hold.
func (s *Sealed) Bytes() []byte {
	var all []byte
	for _, chunk := range s.Chunks {
		all = append(all, chunk...)
	}
	return all
}

// Plain is what the box of a tensor holds, chunk by chunk, given the tensor's blob and its commitment tree.
func (l Layout) Plain(blob []byte, tree *tensor.Tree) ([][]byte, error) {
	if uint64(len(blob)) != l.shape.BlobSize() || len(tree.Nodes(0)) != int(l.shape.Rows) {
		return nil, fmt.Errorf("%w: a blob of %d bytes and a tree of %d rows don't fit", ErrShape, len(blob), len(tree.Nodes(0)))
	}
	chunks := make([][]byte, 0, l.Chunks())
	for i := range l.data {
		size := l.PlainSize(i)
		chunks = append(chunks, blob[:size:size])
		blob = blob[size:]
	}
	for i := range l.leaves {
		chunks = append(chunks, encode(tree, 0, i*nodesPerChunk, l.PlainSize(l.data+i)/tensor.RootSize))
	}
	for i := range l.inner {
		chunks = append(chunks, encode(tree, 1, i*nodesPerChunk, l.PlainSize(l.firstInner()+i)/tensor.RootSize))
	}
	return append(chunks, append(encode(tree, 2, 0, l.nodes(2)), encode(tree, 3, 0, l.nodes(3))...)), nil
}

func encode(tree *tensor.Tree, level int, first, count uint32) []byte {
	out := make([]byte, 0, int(count)*tensor.RootSize)
	for _, node := range tree.Nodes(level)[first : first+count] {
		out = append(out, tensor.EncodeRoot(node)...)
	}
	return out
}

// Seal seals chunks for a delivery key. random gives the ephemeral key; workers pass a cryptographic source. The chunks are sealed
// whatever they hold: what a box holds is for the customer to check.
func Seal(random io.Reader, p Purpose, deliveryKey []byte, plain [][]byte) (*Sealed, error) {
	if err := delivery.CheckKey(deliveryKey); err != nil {
		return nil, err
	}
	secret := make([]byte, curve25519.ScalarSize)
	if _, err := io.ReadFull(random, secret); err != nil {
		return nil, fmt.Errorf("ephemeral key: %w", err)
	}
	public, err := curve25519.X25519(secret, curve25519.Basepoint)
	if err != nil {
		return nil, err
	}
	shared, err := curve25519.X25519(secret, deliveryKey)
	if err != nil {
		return nil, err
	}
	key := derive(p, public, deliveryKey, shared)
	sealed := &Sealed{Key: public, Chunks: make([][]byte, len(plain))}
	for i, chunk := range plain {
		n := nonce(uint32(i))
		sealed.Chunks[i] = secretbox.Seal(nil, chunk, &n, &key)
	}
	return sealed, nil
}

// Key is what opens the chunks of a box: from the delivery secret and the box's ephemeral public key.
func Key(p Purpose, secret, ephemeral []byte) (key [32]byte, err error) {
	if err := delivery.CheckKey(ephemeral); err != nil {
		return key, err
	}
	if len(secret) != delivery.KeySize {
		return key, fmt.Errorf("%w: %d bytes, must have %d", delivery.ErrSecret, len(secret), delivery.KeySize)
	}
	public, err := curve25519.X25519(secret, curve25519.Basepoint)
	if err != nil {
		return key, fmt.Errorf("%w: %w", delivery.ErrSecret, err)
	}
	shared, err := curve25519.X25519(secret, ephemeral)
	if err != nil {
		return key, fmt.Errorf("%w: %w", delivery.ErrKey, err)
	}
	return derive(p, ephemeral, public, shared), nil
}

// Open opens one chunk; false when it was not sealed by this key at this place.
func Open(key [32]byte, index uint32, sealed []byte) ([]byte, bool) {
	n := nonce(index)
	return secretbox.Open(nil, sealed, &n, &key)
}

// derive hashes everything that the key is bound to. Chain ids are of any length, so that it is said.
func derive(p Purpose, ephemeral, deliveryKey, shared []byte) [32]byte {
	buffer := []byte("assay/market/box/key/v1")
	buffer = binary.BigEndian.AppendUint32(buffer, uint32(len(p.ChainID)))
	buffer = append(buffer, p.ChainID...)
	buffer = binary.BigEndian.AppendUint64(buffer, p.Job)
	buffer = binary.BigEndian.AppendUint32(buffer, p.Attempt)
	buffer = binary.BigEndian.AppendUint32(buffer, p.Draw)
	buffer = append(buffer, ephemeral...)
	buffer = append(buffer, deliveryKey...)
	return sha256.Sum256(append(buffer, shared...))
}

// nonce is the chunk's number: the key is of one box only, and a chunk in another's place doesn't open.
func nonce(index uint32) (n [24]byte) {
	binary.BigEndian.PutUint32(n[20:], index)
	return n
}
