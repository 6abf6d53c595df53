package webgpu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/assaychain/assay/offchain-worker/compute/webgpu/protocol"
)

// The test binary is also a GPU process without a GPU, which computes right until its fault: with fakeFault set it serves instead
// of testing. A fault happens before the answer of that number is sent, 0 being Hello; with fakeOnce set, only in the first process
// that comes to it.
const (
	fakeFault = "ASSAY_TEST_GPU_FAULT"
	fakeAt    = "ASSAY_TEST_GPU_AT"
	fakeOnce  = "ASSAY_TEST_GPU_ONCE"
)

func TestMain(m *testing.M) {
	if fault := os.Getenv(fakeFault); fault != "" {
		if err := serveFake(fault); err != nil && !errors.Is(err, io.EOF) {
			fmt.Fprintln(os.Stderr, "fake:", err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	if err := os.RemoveAll(buildFolder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func serveFake(fault string) error {
	var at int
	if _, err := fmt.Sscan(os.Getenv(fakeAt), &at); err != nil {
		return err
	}
	f := &fake{conn: protocol.NewConn(os.Stdin, os.Stdout)}
	var answer protocol.Message = protocol.Hello{Adapters: []protocol.Adapter{
		{Vendor: 0x10de, Memory: 1 << 30, UUID: [16]byte{0x5f}, Name: "Fake\x1b[31m GPU"}, {Software: true, UUID: [16]byte{1}, Name: "fakepipe"},
	}}
	for n := 0; ; n++ {
		if n == at && first() {
			if err := f.fail(fault); err != nil {
				return err
			}
		}
		if err := f.conn.Send(answer); err != nil {
			return err
		}
		request, err := f.conn.Receive()
		if err != nil {
			return err
		}
		answer = f.answer(request)
	}
}

// first says whether this process is the first that asks, if there is to be only one.
func first() bool {
	once := os.Getenv(fakeOnce)
	return once == "" || os.Mkdir(once, 0o700) == nil
}

type fake struct {
	conn   *protocol.Conn
	panels [2]protocol.Load
	block  []int32
	cols   uint32
}

func (f *fake) answer(request protocol.Message) protocol.Message {
	switch m := request.(type) {
	case protocol.Load:
		m.Values = append([]byte(nil), m.Values...)
		f.panels[m.Side] = m
	case protocol.Multiply:
		f.multiply(m)
	case protocol.Read:
		var raw []byte
		for _, v := range f.block {
			raw = binary.LittleEndian.AppendUint32(raw, uint32(v))
		}
		return protocol.Entries{Raw: raw}
	}
	return protocol.Done{}
}

func (f *fake) multiply(m protocol.Multiply) {
	if m.From == 0 {
		f.block = make([]int32, m.Rows*m.Cols)
	}
	for i := range f.block {
		a := f.panels[0].Values[(m.Row+uint32(i)/m.Cols)*f.panels[0].Stride:]
		b := f.panels[1].Values[(m.Col+uint32(i)%m.Cols)*f.panels[1].Stride:]
		for k := 4 * m.From; k < 4*m.To; k++ {
			f.block[i] += int32(int8(a[k])) * int32(int8(b[k]))
		}
	}
}

// fail does what a process with a broken driver may do.
func (f *fake) fail(fault string) error {
	switch fault {
	case "none":
		return nil
	case "crash":
		panic("the driver crashed")
	case "quiet":
		os.Exit(0)
	case "text":
		fmt.Println("amdgpu: The CS has been rejected, see dmesg for more information.")
	case "zeros":
		_, err := os.Stdout.Write(make([]byte, 100))
		return err
	case "torn":
		_, err := os.Stdout.Write([]byte{200, 0, 0, 0, 1, 'A'})
		os.Exit(0)
		return err
	case "huge":
		_, err := os.Stdout.Write([]byte{0xff, 0xff, 0xff, 0xff, 7, 0})
		return err
	case "short":
		return f.conn.Send(protocol.Entries{Raw: make([]byte, 4)})
	case "failed":
		return f.conn.Send(protocol.Failed{Reason: "device\x07 lost"})
	case "hang":
		time.Sleep(time.Hour)
	case "deaf": // ignores that its input ended, too
		select {}
	}
	return nil
}
