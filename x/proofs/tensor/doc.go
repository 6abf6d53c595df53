// Package tensor holds integer tensors, their file format (blobs) and their Poseidon2 commitment over the BN254 scalar
// field. It is consensus code: pure, sequential, integers only.
//
// # Commitment
//
// P is the Poseidon2 permutation of width 16 with 8 full and 57 partial rounds in gnark-crypto's parameters, and
// compress(x) = P(x)[0] + x[0] is its truncated permutation with feed-forward, 16 field elements to one.
//
// Values are packed into elements, first value least significant: 31 int8 values as bytes v+128, or 7 int32 values as
// 32-bit words v+2^31. The last element is filled with zero bytes.
//
// The digest of a row is compress(header, slot 1, ..., slot 15) with header = tag + 256*columns. The first slots hold
// the digests of full chunks of 16 elements, compress(e_0..e_15), and the next ones the remaining elements themselves.
// The last slot holds the trailer of a weight row: (bias + 2^31) + multiplier*2^32. How many chunks there are depends on
// the type and the columns alone (see Layout), and is the same for every width within a class of the circuit, so that
// one circuit serves all of them. Keeping the rest of the row in the slots saves a whole compression for each row.
//
// Row digests are the leaves of a 16-ary tree of depth 4 (65,536 leaves); absent rows are the leaf 0. The root travels as 32
// bytes, big endian and canonical. The header binds the columns; the rows of a tensor are bound by the program.
//
// A plain row that is wider than one digest takes (4096 int8 or 1680 int32 values) is folded: cut into the least power of two
// of equal parts that fit, which are the leaves, one after the other. Which leaf has an entry follows from the shape alone
// (see Shape.Leaf), and the columns in the header are those of the part. So a result of 8192 x 8192 int32 values fills the tree.
//
// # What a root does not say
//
// A root binds every value within the program's dimensions, but openings check of the rest only the padding of the rows
// of X and W that they open. Who makes a root may write other numbers where this package writes zeroes, in the unused
// bytes of an element, in unused slots and in rows beyond the last, and so commit to the same values under many roots:
// roots that differ do not show that two workers disagree. To compare results, compare the values.
//
// A commitment hides nothing that can be guessed. There is no salt, so a row with little entropy, such as one of few
// possible inputs, is found by trying, and equal tensors have equal roots.
package tensor
