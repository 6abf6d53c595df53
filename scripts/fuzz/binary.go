package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// instrumented makes the compiler tell the fuzzer which code an input reaches.
var instrumented = []string{"-fuzz", "^Fuzz"}

// binaries are the packages' test binaries: each is built when the first of its targets starts, and removed after the last, for some
// have hundreds of megabytes.
type binaries struct {
	// folder holds them.
	folder string
	// flags of the build.
	flags []string
	// one builds at a time: a build uses all cores by itself.
	building sync.Mutex
	mutex    sync.Mutex
	packages map[string]*binary
}

// binary is a package's.
type binary struct {
	path string
	once sync.Once
	err  error
	// left is how many targets still need it.
	left int
}

// newBinaries prepares the binaries of some targets.
func newBinaries(folder string, flags []string, targets []target) *binaries {
	b := &binaries{folder: folder, flags: flags, packages: map[string]*binary{}}
	for _, t := range targets {
		if b.packages[t.folder] == nil {
			b.packages[t.folder] = &binary{path: filepath.Join(folder, fmt.Sprintf("%d.test", len(b.packages)))}
		}
		b.packages[t.folder].left++
	}
	return b
}

// get returns the path of a target's binary.
func (b *binaries) get(ctx context.Context, t target) (string, error) {
	one := b.packages[t.folder]
	one.once.Do(func() { one.err = b.build(ctx, t.folder, one.path) })
	return one.path, one.err
}

func (b *binaries) build(ctx context.Context, folder, path string) error {
	b.building.Lock()
	defer b.building.Unlock()
	args := append([]string{"test", "-vet=off", "-c", "-ldflags=-s -w", "-o", path}, b.flags...)
	command := exec.CommandContext(ctx, "go", append(args, ".")...)
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build the tests: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// done says that a target needs its binary no more.
func (b *binaries) done(t target) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	one := b.packages[t.folder]
	if one.left--; one.left > 0 || one.err != nil {
		return nil
	}
	return os.Remove(one.path)
}
