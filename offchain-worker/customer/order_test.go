package customer_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/blob"
	"github.com/assaychain/assay/offchain-worker/customer"
	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/tensor"
)

func save[T npy.Number](t *testing.T, name string, shape []int, values []T) string {
	t.Helper()
	array, err := npy.New(shape, values)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, npy.WriteFile(path, array))
	return path
}

func matmul(t *testing.T) *customer.Order {
	t.Helper()
	a := save(t, "a.npy", []int{2, 3}, []int8{1, 2, 3, -4, 5, -128})
	b := save(t, "b.npy", []int{3, 2}, []int8{7, 8, 9, 10, 11, 127})
	order, err := customer.MatmulOrder(context.Background(), blob.Merkle{}, a, b)
	require.NoError(t, err)
	return order
}

// run computes an order's result from nothing but what a worker gets.
func run(t *testing.T, order *customer.Order) *tensor.Tensor {
	t.Helper()
	inputs := []*tensor.Tensor{}
	for i, input := range order.Inputs {
		declared := order.Program.Inputs[i]
		require.Equal(t, declared.Name, input.Name)
		shape := tensor.Shape{Kind: declared.Kind, Type: declared.Type, Rows: declared.Rows, Cols: declared.Cols}
		one, err := blob.Verify(shape, input.Root, input.Blob)
		require.NoError(t, err)
		inputs = append(inputs, one)
	}
	outputs, err := interpreter.Run(order.Program, inputs)
	require.NoError(t, err)
	return outputs[len(outputs)-1]
}

func TestMatmulOrderIsTheProduct(t *testing.T) {
	order := matmul(t)
	require.Equal(t, []int32{58, 409, -1391, -16238}, run(t, order).Int32)
	require.Equal(t, "matrix product of 2 x 3 by 3 x 2", order.Summary)
}

func TestNetworkOrderOfTheDigits(t *testing.T) {
	const data = "../../scripts/digits/data/"
	order, err := customer.NetworkOrder(context.Background(), blob.Merkle{}, data+"model.safetensors", data+"images.npy")
	require.NoError(t, err)
	require.EqualValues(t, 1000, order.Program.Inputs[0].Rows)
	result := run(t, order)
	require.EqualValues(t, 10, result.Cols)
}

func TestBadFilesMakeNoOrder(t *testing.T) {
	ctx := context.Background()
	good := save(t, "good.npy", []int{2, 3}, make([]int8, 6))
	truncated := filepath.Join(t.TempDir(), "truncated.safetensors")
	require.NoError(t, os.WriteFile(truncated, []byte{200, 0, 0, 0, 0, 0, 0, 0, '{'}, 0o600))
	for name, tt := range map[string]struct {
		order func() error
		want  string
	}{
		"no file":      {func() error { _, err := customer.MatmulOrder(ctx, blob.Merkle{}, "absent.npy", good); return err }, "absent.npy"},
		"do not chain": {func() error { _, err := customer.MatmulOrder(ctx, blob.Merkle{}, good, good); return err }, "A must have as many columns as B has rows"},
		"floats": {func() error {
			_, err := customer.MatmulOrder(ctx, blob.Merkle{}, save(t, "f.npy", []int{1, 2}, []float32{1, 2}), good)
			return err
		}, "must be |i1"},
		"not a network": {func() error { _, err := customer.NetworkOrder(ctx, blob.Merkle{}, truncated, good); return err }, "truncated.safetensors"},
		"inner too large": {func() error {
			_, err := customer.MatmulOrder(ctx, blob.Merkle{}, save(t, "w.npy", []int{1, 4097}, make([]int8, 4097)), save(t, "h.npy", []int{4097, 1}, make([]int8, 4097)))
			return err
		}, "k (columns of A, rows of B) is 4097, must be 1 to 4096"},
	} {
		t.Run(name, func(t *testing.T) {
			err := tt.order()
			require.ErrorIs(t, err, customer.ErrOrder)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestSpecNamesEveryLocator(t *testing.T) {
	order := matmul(t)
	spec := order.Spec(customer.Terms{Samples: 4, Locators: []string{"http://one/", "https://two/base"}}, make([]byte, 32))
	require.Len(t, spec.Inputs, 2)
	root := order.Inputs[1].Root
	require.Equal(t, root[:], spec.Inputs[1].Root)
	require.Equal(t, []string{"http://one/blobs/" + root.String(), "https://two/base/blobs/" + root.String()}, spec.Inputs[1].Locators)
}

func TestServedInputsCanBeFetched(t *testing.T) {
	order := matmul(t)
	journal, err := customer.OpenJournal(t.TempDir(), "assay-test-1")
	require.NoError(t, err)
	for _, input := range order.Inputs {
		require.NoError(t, journal.Blobs().Put(input.Root, input.Blob))
	}
	server, err := customer.ServeInputs("127.0.0.1:0", journal.Blobs())
	require.NoError(t, err)
	fetcher := blob.NewFetcher(blob.FetchConfig{AllowPrivate: true, Rounds: 1})
	shape := tensor.Shape{Kind: order.Program.Inputs[0].Kind, Type: order.Program.Inputs[0].Type, Rows: 2, Cols: 3}
	request := blob.Request{Root: order.Inputs[0].Root, Shape: shape, Locators: []string{customer.Locator("http://"+server.Address(), order.Inputs[0].Root)}}
	raw, _, err := fetcher.Fetch(context.Background(), request)
	require.NoError(t, err)
	require.Equal(t, order.Inputs[0].Blob, raw)
	require.NoError(t, server.Close())
	_, _, err = fetcher.Fetch(context.Background(), request)
	require.ErrorContains(t, err, "connection refused")
	_, err = customer.ServeInputs("256.0.0.1:0", journal.Blobs())
	require.ErrorContains(t, err, "serve inputs")
}
