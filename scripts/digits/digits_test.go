// Package digits tests the committed data of the digits demonstration.
package digits

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/offchain-worker/formats/npy"
	"github.com/assaychain/assay/offchain-worker/model"
	"github.com/assaychain/assay/x/proofs/interpreter"
	"github.com/assaychain/assay/x/proofs/program"
	"github.com/assaychain/assay/x/proofs/tensor"
)

// minimum is the accuracy promised for both networks, in percent.
const minimum = 95

func TestIntegerNetworkReadsTheDigits(t *testing.T) {
	images, labels := read(t, "images.npy"), read(t, "labels.npy")
	network, err := model.Load(filepath.Join("data", "model.safetensors"))
	require.NoError(t, err)
	input, err := network.PrepareInput(images)
	require.NoError(t, err)
	lowered, weights, err := network.Lower(int(input.Rows))
	require.NoError(t, err)

	outputs, err := interpreter.Run(lowered, []*tensor.Tensor{input, weights[0].Tensor, weights[1].Tensor})
	require.NoError(t, err)
	logits := outputs[len(outputs)-1]
	require.Equal(t, program.DATA_TYPE_INT32, logits.Type)
	score, err := model.Accuracy(logits, labels)
	require.NoError(t, err)
	t.Logf("int8 accuracy: %s", score)
	require.GreaterOrEqual(t, score.Percent(), float64(minimum))
	requireUsesItsRange(t, outputs[0])
}

// requireUsesItsRange fails if hidden units saturate often or use a small part of int8, either of which means bad scales.
func requireUsesItsRange(t *testing.T, hidden *tensor.Tensor) {
	t.Helper()
	saturated, largest := 0, int8(0)
	for _, v := range hidden.Int8 {
		require.GreaterOrEqual(t, v, int8(0), "below 0 after ReLU")
		largest = max(largest, v)
		if v == 127 {
			saturated++
		}
	}
	require.Greater(t, largest, int8(100))
	require.Less(t, saturated, len(hidden.Int8)/1000)
}

func TestFloatNetworkReadsTheDigits(t *testing.T) {
	score, err := model.EvaluateFloat(filepath.Join("data", "float.safetensors"), read(t, "images.npy"), read(t, "labels.npy"))
	require.NoError(t, err)
	t.Logf("float32 accuracy: %s", score)
	require.GreaterOrEqual(t, score.Percent(), float64(minimum))
}

func TestTestImagesAreBalanced(t *testing.T) {
	labels, err := npy.Values[uint8](read(t, "labels.npy"))
	require.NoError(t, err)
	counts := make([]int, 10)
	for _, label := range labels {
		counts[label]++
	}
	require.Equal(t, []int{100, 100, 100, 100, 100, 100, 100, 100, 100, 100}, counts)
	require.Equal(t, []int{1000, 784}, read(t, "images.npy").Shape)
}

func TestReadmeNamesEveryFile(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("data", "README.md"))
	require.NoError(t, err)
	entries, err := os.ReadDir("data")
	require.NoError(t, err)
	total := 0
	for _, entry := range entries {
		contents, err := os.ReadFile(filepath.Join("data", entry.Name()))
		require.NoError(t, err)
		total += len(contents)
		if entry.Name() == "README.md" {
			continue
		}
		sum := sha256.Sum256(contents)
		require.Contains(t, string(readme), hex.EncodeToString(sum[:])+"  "+entry.Name())
	}
	require.LessOrEqual(t, total, 2<<20)
}

func read(t *testing.T, name string) *npy.Array {
	t.Helper()
	array, err := npy.ReadFile(filepath.Join("data", name), 1<<20)
	require.NoError(t, err)
	return array
}
