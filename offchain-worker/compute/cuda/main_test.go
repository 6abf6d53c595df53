package cuda

import (
	"os"
	"testing"
)

// scratch is a folder for the tests of the package.
var scratch string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "cuda")
	if err != nil {
		panic(err)
	}
	scratch = dir
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}
