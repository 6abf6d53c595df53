package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/assaychain/assay/offchain-worker/journal"
)

const (
	// killTimeout is how long a worker may take to reach the step it is killed at.
	killTimeout = 90 * time.Second
	// jobTimeout bounds a whole run.
	jobTimeout = 3 * time.Minute
)

// network is the local network under test, with one worker that this program runs itself.
type network struct {
	bin, dir string
	port     int
	worker   *exec.Cmd
}

// start brings the network up and takes its worker over.
func (n *network) start(ctx context.Context) (err error) {
	if n.bin, err = filepath.Abs(n.bin); err != nil {
		return err
	}
	if n.dir, err = os.MkdirTemp("", "assay-crash-"); err != nil {
		return err
	}
	if _, err := n.assayd(ctx, "localnet", "start", "--dir", n.home(), "--workers", "1", "--base-port", strconv.Itoa(n.port)); err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(n.home(), "run", "worker-1.pid"))
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return err
	}
	return syscall.Kill(number, syscall.SIGKILL)
}

// stop ends everything and removes the folder.
func (n *network) stop() {
	n.kill()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := n.assayd(ctx, "localnet", "stop", "--dir", n.home()); err != nil {
		fmt.Fprintln(os.Stderr, "crash:", err)
	}
	os.RemoveAll(n.dir)
}

func (n *network) home() string { return filepath.Join(n.dir, "net") }

// assayd runs a command and returns its output.
func (n *network) assayd(ctx context.Context, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, filepath.Join(n.bin, "assayd"), args...)
	var failure bytes.Buffer
	command.Stderr = &failure
	out, err := command.Output()
	if err != nil {
		return out, fmt.Errorf("assayd %s: %w\n%s", args[0], err, failure.String())
	}
	return out, nil
}

// launch starts the worker; with a step it kills itself once it has journalled it.
func (n *network) launch(step journal.Step) error {
	log, err := os.OpenFile(filepath.Join(n.dir, "worker.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	n.worker = exec.Command(filepath.Join(n.bin, "assay-worker"), "run", "--home", filepath.Join(n.home(), "worker-1"))
	n.worker.Stdout, n.worker.Stderr = log, log
	if step != "" {
		n.worker.Env = append(os.Environ(), "ASSAY_WORKER_CRASH_AT="+string(step))
	}
	return n.worker.Start()
}

// kill ends the worker without a warning.
func (n *network) kill() {
	if n.worker != nil && n.worker.ProcessState == nil {
		_ = n.worker.Process.Kill()
		_ = n.worker.Wait()
	}
}

// killOnce runs one job through a worker that dies at a step and is started again.
func (n *network) killOnce(ctx context.Context, step journal.Step) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, jobTimeout)
	defer cancel()
	n.kill()
	if err := n.launch(step); err != nil {
		return 0, err
	}
	done := make(chan outcome, 1)
	go func() { done <- n.job(ctx) }()
	if err := n.awaitDeath(); err != nil {
		return 0, err
	}
	if err := n.launch(""); err != nil {
		return 0, err
	}
	result := <-done
	return result.JobID, result.err
}

// outcome is how a job ended.
type outcome struct {
	JobID       uint64 `json:"job_id"`
	CloseReason string `json:"close_reason"`
	Attempts    uint32 `json:"attempts"`
	err         error
}

// job sends one product and waits until it is settled.
func (n *network) job(ctx context.Context) (o outcome) {
	out, err := n.assayd(ctx, "job", "run", "matmul", filepath.Join(n.dir, "A.npy"), filepath.Join(n.dir, "B.npy"),
		"-o", filepath.Join(n.dir, "C.npy"), "--samples", "1", "--from", "customer", "--home", filepath.Join(n.home(), "node"),
		"--yes", "--output", "json")
	if err != nil {
		return outcome{err: err}
	}
	if o.err = json.Unmarshal(out, &o); o.err == nil && (o.CloseReason != "settled" || o.Attempts != 1) {
		o.err = fmt.Errorf("job %d closed as %s after %d attempts", o.JobID, o.CloseReason, o.Attempts)
	}
	return o
}

// awaitDeath waits until the worker has killed itself.
func (n *network) awaitDeath() error {
	timer := time.AfterFunc(killTimeout, func() { _ = n.worker.Process.Signal(syscall.SIGTERM) })
	defer timer.Stop()
	err := n.worker.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return fmt.Errorf("the worker ended by itself: %w", err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		return fmt.Errorf("the worker was not killed at its step: %w", err)
	}
	return nil
}
