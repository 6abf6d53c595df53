package localnet

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopGrace is how long a process may take to stop before it is killed.
const stopGrace = 10 * time.Second

// spawn starts a process that outlives this one, with its output in its log, and notes its number.
func (l Layout) spawn(name, program string, args ...string) error {
	for _, folder := range []string{filepath.Dir(l.Log(name)), filepath.Dir(l.pidFile(name))} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	log, err := os.OpenFile(l.Log(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("open the log of %s: %w", name, err)
	}
	defer log.Close()
	process := exec.Command(program, args...)
	process.Stdout, process.Stderr = log, log
	// A session of its own: a signal to this terminal's group must not reach the network.
	process.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := process.Start(); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	number := process.Process.Pid
	// Reaped when it ends while this program still runs, so that it is not mistaken for a running one.
	go func() { _ = process.Wait() }()
	return os.WriteFile(l.pidFile(name), []byte(strconv.Itoa(number)), 0o644)
}

// pid returns the number of a process that runs, 0 when none does.
func (l Layout) pid(name string) (int, error) {
	content, err := os.ReadFile(l.pidFile(name))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	number, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil || number <= 1 {
		return 0, fmt.Errorf("%s holds no process number: remove it", l.pidFile(name))
	}
	if !l.owns(number) {
		return 0, nil
	}
	return number, nil
}

// owns tells whether a process is alive and is one of this network's: its command line names the network's home. Numbers
// are used again after a reboot, and a stranger must not be stopped.
func (l Layout) owns(number int) bool {
	if syscall.Kill(number, 0) != nil {
		return false
	}
	line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(number), "cmdline"))
	if err != nil {
		// No /proc on this system: the signal's answer has to do.
		return !errors.Is(err, fs.ErrNotExist) || !exists("/proc/self")
	}
	return strings.Contains(string(line), l.Home)
}

// stop ends a process, first politely.
func (l Layout) stop(name string) error {
	number, err := l.pid(name)
	if err != nil || number == 0 {
		return err
	}
	if err := syscall.Kill(number, syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop %s: %w", name, err)
	}
	for deadline := time.Now().Add(stopGrace); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if !l.owns(number) {
			return os.Remove(l.pidFile(name))
		}
	}
	if err := syscall.Kill(number, syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill %s: %w", name, err)
	}
	return os.Remove(l.pidFile(name))
}

// exists tells whether a path is there.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// tail returns the last lines of a process's log, for an error message.
func (l Layout) tail(name string, lines int) string {
	content, err := os.ReadFile(l.Log(name))
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(content), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
