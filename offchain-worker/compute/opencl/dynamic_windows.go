package opencl

import "golang.org/x/sys/windows"

// open looks for the loader in the system's folder only.
func open() (uintptr, error) {
	handle, err := windows.LoadLibraryEx("OpenCL.dll", 0, windows.LOAD_LIBRARY_SEARCH_SYSTEM32)
	return uintptr(handle), err
}

func symbol(library uintptr, name string) (uintptr, error) {
	return windows.GetProcAddress(windows.Handle(library), name)
}
