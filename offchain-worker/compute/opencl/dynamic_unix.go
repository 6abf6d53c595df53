//go:build !windows

package opencl

import (
	"errors"
	"runtime"

	"github.com/ebitengine/purego"
)

// names are where the loader is: the ICD loader's name has been fixed since OpenCL 1.0; macOS has a framework.
func names() []string {
	if runtime.GOOS == "darwin" {
		return []string{"/System/Library/Frameworks/OpenCL.framework/OpenCL"}
	}
	return []string{"libOpenCL.so.1", "libOpenCL.so"}
}

func open() (uintptr, error) {
	var failed []error
	for _, name := range names() {
		handle, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_GLOBAL)
		if err == nil {
			return handle, nil
		}
		failed = append(failed, err)
	}
	return 0, errors.Join(failed...)
}

func symbol(library uintptr, name string) (uintptr, error) { return purego.Dlsym(library, name) }
