package box_test

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"
	"pgregory.net/rapid"

	boxes "github.com/assaychain/assay/x/market/box"
	"github.com/assaychain/assay/x/market/delivery"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// parcel is an output with its box and everything that its two sides know.
type parcel struct {
	layout      boxes.Layout
	blob        []byte
	root        []byte
	plain       [][]byte
	key, secret *[32]byte
	purpose     boxes.Purpose
}

func output(typ program.DataType, rows, cols uint32) program.Tensor {
	return program.Tensor{Name: "y", Kind: program.TENSOR_KIND_PLAIN, Type: typ, Rows: rows, Cols: cols}
}

func pack(t require.TestingT, declared program.Tensor, fill byte) *parcel {
	layout, err := boxes.LayoutOf(declared)
	require.NoError(t, err)
	blob := make([]byte, declared.BlobSize())
	for i := range blob {
		blob[i] = byte(i)*31 + byte(i>>8) + fill
	}
	decoded, err := tensor.DecodeBlob(delivery.Shape(declared), blob)
	require.NoError(t, err)
	tree, err := tensor.NewTree(decoded.RowDigests())
	require.NoError(t, err)
	plain, err := layout.Plain(blob, tree)
	require.NoError(t, err)
	for i := range plain {
		plain[i] = bytes.Clone(plain[i])
	}
	key, secret, err := box.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return &parcel{
		layout: layout, blob: blob, root: tensor.EncodeRoot(tree.Root()), plain: plain, key: key, secret: secret,
		purpose: boxes.Purpose{ChainID: "assay-test", Job: 7, Attempt: 2, Draw: 1},
	}
}

// seal seals the parcel as it is now, and returns what the customer opens it with.
func (p *parcel) seal(t require.TestingT) (*boxes.Sealed, [32]byte) {
	sealed, err := boxes.Seal(rand.Reader, p.purpose, p.key[:], p.plain)
	require.NoError(t, err)
	key, err := boxes.Key(p.purpose, p.secret[:], sealed.Key)
	require.NoError(t, err)
	return sealed, key
}

func drawn(t *rapid.T) program.Tensor {
	if rapid.Bool().Draw(t, "int8") {
		return output(program.DATA_TYPE_INT8, rapid.Uint32Range(1, 24).Draw(t, "rows"), rapid.Uint32Range(1, 300).Draw(t, "cols"))
	}
	return output(program.DATA_TYPE_INT32, rapid.Uint32Range(1, 6).Draw(t, "rows"), rapid.Uint32Range(1, 100).Draw(t, "cols"))
}

// TestHonestBoxOpensToTheOutput: without a fault a box holds exactly the output, and its chunks lie where the layout says.
func TestHonestBoxOpensToTheOutput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pack(t, drawn(t), rapid.Byte().Draw(t, "fill"))
		sealed, key := p.seal(t)
		whole := sealed.Bytes()
		require.Len(t, whole, int(p.layout.Bytes()))
		cut, err := p.layout.Cut(whole)
		require.NoError(t, err)
		require.Equal(t, sealed.Root(), boxes.Root(cut))
		for i := range cut {
			at := p.layout.Offset(uint32(i))
			require.Equal(t, cut[i], whole[at:at+uint64(p.layout.Size(uint32(i)))])
			require.LessOrEqual(t, len(cut[i]), boxes.MaxChunk)
		}
		blob, fault, err := p.layout.Inspect(key, p.root, cut)
		require.NoError(t, err)
		require.Nil(t, fault)
		require.Equal(t, p.blob, blob)
		_, err = p.layout.Cut(whole[1:])
		require.ErrorIs(t, err, boxes.ErrBox)
	})
}

// TestEveryFalseBoxShowsItsFault: whatever a worker seals instead — any byte of any chunk changed before or after the sealing, another
// output with its own tree, another key — the customer finds one fault, its chunks are shown under the box's root, and the question that
// they carry is answered with no. On the honest box the same accusation is answered with yes.
func TestEveryFalseBoxShowsItsFault(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		declared := drawn(t)
		p, honest := pack(t, declared, 0), pack(t, declared, 0)
		kind := rapid.SampledFrom([]string{"plain", "sealed", "other", "key", "modulus"}).Draw(t, "kind")
		chunk := rapid.IntRange(0, len(p.plain)-1).Draw(t, "chunk")
		switch kind {
		case "plain":
			at := rapid.IntRange(0, len(p.plain[chunk])-1).Draw(t, "at")
			p.plain[chunk][at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		case "other":
			p.plain = pack(t, declared, 1).plain
		case "modulus":
			copy(p.plain[len(p.plain)-1], bytes.Repeat([]byte{0xff}, tensor.RootSize))
		}
		sealed, key := p.seal(t)
		switch kind {
		case "sealed":
			at := rapid.IntRange(0, len(sealed.Chunks[chunk])-1).Draw(t, "at")
			sealed.Chunks[chunk][at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		case "key":
			other := pack(t, output(program.DATA_TYPE_INT8, 1, 1), 0)
			wrong, _ := other.seal(t)
			var err error
			key, err = boxes.Key(p.purpose, p.secret[:], wrong.Key)
			require.NoError(t, err)
		}
		_, fault, err := p.layout.Inspect(key, p.root, sealed.Chunks)
		require.NoError(t, err)
		require.NotNil(t, fault, kind)
		require.False(t, defends(t, p, sealed, key, *fault), "%s: %+v", kind, fault)

		good, goodKey := honest.seal(t)
		require.True(t, defends(t, honest, good, goodKey, *fault), "the honest box: %+v", fault)
	})
}

// TestFaultsOfATallTree: with several chunks of digests and nodes on every level, each kind of fault is found where it is.
func TestFaultsOfATallTree(t *testing.T) {
	p := pack(t, output(program.DATA_TYPE_INT8, 300, 3), 0)
	data := len(p.plain) - 5
	for _, c := range []struct {
		chunk, at int
		want      boxes.Fault
	}{
		{0, 3 * 299, boxes.Fault{Kind: boxes.Row, Index: 299}},
		{data + 2, 32 * 43, boxes.Fault{Kind: boxes.Node, Level: 1, Index: 18}},
		{data + 3, 32 * 18, boxes.Fault{Kind: boxes.Node, Level: 2, Index: 1}},
		{data + 4, 32 * 1, boxes.Fault{Kind: boxes.Node, Level: 3, Index: 0}},
		{data + 4, 32 * 2, boxes.Fault{Kind: boxes.Node, Level: 4, Index: 0}},
	} {
		q := *p
		q.plain = append([][]byte(nil), p.plain...)
		q.plain[c.chunk] = bytes.Clone(p.plain[c.chunk])
		q.plain[c.chunk][c.at+1] ^= 1
		sealed, key := q.seal(t)
		_, fault, err := q.layout.Inspect(key, q.root, sealed.Chunks)
		require.NoError(t, err)
		require.Equal(t, &c.want, fault)
	}
}

// defends is what a judge does with an accusation: only shown chunks, the root of the box and the proven root. It tells whether the box
// is cleared of it.
func defends(t *rapid.T, p *parcel, sealed *boxes.Sealed, key [32]byte, fault boxes.Fault) bool {
	needs, err := p.layout.Needs(fault)
	require.NoError(t, err)
	require.LessOrEqual(t, len(needs), 2)
	var opened [][]byte
	for _, chunk := range needs {
		path := boxes.Path(sealed.Chunks, chunk)
		require.LessOrEqual(t, len(path), boxes.MaxPath)
		require.True(t, p.layout.Shows(sealed.Root(), chunk, sealed.Chunks[chunk], path))
		plain, ok := boxes.Open(key, chunk, sealed.Chunks[chunk])
		if fault.Kind == boxes.Unopened {
			return ok
		}
		require.True(t, ok)
		opened = append(opened, plain)
	}
	q, err := p.layout.Ask(fault, p.root, opened)
	require.NoError(t, err)
	holds, err := boxes.NodeMatches(q.Level, q.Children, q.Node)
	if q.Row != nil {
		holds, err = boxes.RowMatches(p.layout.Shape(), q.Row, q.Digest)
	}
	require.NoError(t, err)
	return holds
}

// TestOnlyTheChunkIsShown: no other chunk, place, root or path is taken for it.
func TestOnlyTheChunkIsShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pack(t, output(program.DATA_TYPE_INT8, rapid.Uint32Range(1, 5).Draw(t, "rows"), 4096), 0)
		sealed, _ := p.seal(t)
		root := sealed.Root()
		index := uint32(rapid.IntRange(0, len(sealed.Chunks)-1).Draw(t, "index"))
		chunk, path := bytes.Clone(sealed.Chunks[index]), boxes.Path(sealed.Chunks, index)
		require.True(t, p.layout.Shows(root, index, chunk, path))
		for other := range uint32(len(sealed.Chunks)) + 1 {
			require.Equal(t, other == index, p.layout.Shows(root, other, chunk, path))
		}
		wrong := root
		wrong[rapid.IntRange(0, 31).Draw(t, "byte")]++
		require.False(t, p.layout.Shows(wrong, index, chunk, path))
		require.False(t, p.layout.Shows(root, index, chunk[1:], path))
		require.False(t, p.layout.Shows(root, index, chunk, append(path, make([]byte, 32))))
		chunk[rapid.IntRange(0, len(chunk)-1).Draw(t, "at")] ^= 1
		require.False(t, p.layout.Shows(root, index, chunk, path))
		if len(path) > 0 {
			chunk = sealed.Chunks[index]
			require.False(t, p.layout.Shows(root, index, chunk, path[1:]))
			path[rapid.IntRange(0, len(path)-1).Draw(t, "sibling")] = make([]byte, 31)
			require.False(t, p.layout.Shows(root, index, chunk, path))
		}
	})
}

// TestKeysAreBoundToTheirPurpose: a box made for another chain, job, attempt or draw doesn't open.
func TestKeysAreBoundToTheirPurpose(t *testing.T) {
	p := pack(t, output(program.DATA_TYPE_INT8, 3, 3), 0)
	sealed, _ := p.seal(t)
	for _, purpose := range []boxes.Purpose{
		{ChainID: "assay-tes", Job: 7, Attempt: 2, Draw: 1}, {ChainID: "assay-test", Job: 8, Attempt: 2, Draw: 1},
		{ChainID: "assay-test", Job: 7, Attempt: 1, Draw: 1}, {ChainID: "assay-test", Job: 7, Attempt: 2, Draw: 2},
	} {
		key, err := boxes.Key(purpose, p.secret[:], sealed.Key)
		require.NoError(t, err)
		_, ok := boxes.Open(key, 0, sealed.Chunks[0])
		require.False(t, ok, "%+v", purpose)
	}
	_, err := boxes.Key(p.purpose, p.secret[:31], sealed.Key)
	require.ErrorIs(t, err, delivery.ErrSecret)
	_, err = boxes.Key(p.purpose, p.secret[:], make([]byte, 32))
	require.ErrorIs(t, err, delivery.ErrKey)
	_, err = boxes.Seal(rand.Reader, p.purpose, make([]byte, 32), p.plain)
	require.ErrorIs(t, err, delivery.ErrKey)
	_, err = boxes.Seal(bytes.NewReader(nil), p.purpose, p.key[:], p.plain)
	require.Error(t, err)
}

// TestLargestLayouts: the limits that the chain relies on hold for the largest outputs.
func TestLargestLayouts(t *testing.T) {
	for _, declared := range []program.Tensor{
		output(program.DATA_TYPE_INT8, 4096, 4096), output(program.DATA_TYPE_INT32, 4096, 1680),
		output(program.DATA_TYPE_INT8, 8192, 8192), output(program.DATA_TYPE_INT32, 8192, 8192), output(program.DATA_TYPE_INT32, 8191, 6720),
		output(program.DATA_TYPE_INT8, 1, 1), output(program.DATA_TYPE_INT8, 4096, 1), output(program.DATA_TYPE_INT8, 257, 4095),
	} {
		l, err := boxes.LayoutOf(declared)
		require.NoError(t, err)
		total := uint64(0)
		for i := range l.Chunks() {
			require.Equal(t, total, l.Offset(i))
			require.Greater(t, l.Size(i), uint32(boxes.Overhead))
			require.LessOrEqual(t, l.Size(i), uint32(boxes.MaxChunk))
			total += uint64(l.Size(i))
		}
		require.Equal(t, total, l.Bytes())
		require.Equal(t, total, boxes.Bytes(declared))
		require.Less(t, l.Chunks(), uint32(1<<boxes.MaxPath))
	}
	weight := output(program.DATA_TYPE_INT8, 3, 3)
	weight.Kind = program.TENSOR_KIND_WEIGHT
	_, err := boxes.LayoutOf(weight)
	require.ErrorIs(t, err, boxes.ErrShape)
	require.Zero(t, boxes.Bytes(weight))
	_, err = boxes.LayoutOf(output(program.DATA_TYPE_INT8, 0, 3))
	require.ErrorIs(t, err, boxes.ErrShape)
}

// FuzzAccusation: nothing that a customer may write makes the judge panic, read beyond a chunk, or find an honest box guilty.
func FuzzAccusation(f *testing.F) {
	p := pack(f, output(program.DATA_TYPE_INT8, 40, 300), 0)
	sealed, key := p.seal(f)
	f.Add(byte(1), uint32(0), uint32(0), []byte{})
	f.Add(byte(2), uint32(1), uint32(2), []byte{1})
	f.Add(byte(2), uint32(3), uint32(0), []byte{1})
	f.Add(byte(3), uint32(0), uint32(39), []byte{1, 2})
	f.Fuzz(func(t *testing.T, kind byte, level, index uint32, noise []byte) {
		fault := boxes.Fault{Kind: boxes.Kind(kind), Level: level, Index: index}
		needs, err := p.layout.Needs(fault)
		if err != nil {
			require.ErrorIs(t, err, boxes.ErrFault)
			return
		}
		var opened [][]byte
		for _, chunk := range needs {
			plain, ok := boxes.Open(key, chunk, sealed.Chunks[chunk])
			require.True(t, ok)
			opened = append(opened, plain)
		}
		require.False(t, len(noise) > 0 && p.layout.Shows(sealed.Root(), binary.BigEndian.Uint32(append(noise, 0, 0, 0, 0)), noise, opened))
		q, err := p.layout.Ask(fault, p.root, opened)
		if fault.Kind == boxes.Unopened {
			require.ErrorIs(t, err, boxes.ErrFault)
			return
		}
		require.NoError(t, err)
		holds, err := boxes.NodeMatches(q.Level, q.Children, q.Node)
		if q.Row != nil {
			holds, err = boxes.RowMatches(p.layout.Shape(), q.Row, q.Digest)
		}
		require.NoError(t, err)
		require.True(t, holds)
		if _, err := p.layout.Ask(fault, p.root, append(opened, noise)); err == nil {
			t.Fatal("a chunk too many")
		}
	})
}
