package webgpu

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/assaychain/assay/offchain-worker/compute/webgpu/protocol"
)

// timing bounds the waits for the GPU process.
type timing struct {
	// start is for the process to list its adapters and to compile its kernel, request for everything else; a dispatch is planned to
	// take a tenth of a second, a panel to be copied less.
	start, request time.Duration
	// grace is how long an answer is waited for after the caller's context ended; the process is killed then.
	grace time.Duration
	// stop is how long a process may take to end, and to be reaped once it was killed.
	stop time.Duration
}

var usual = timing{start: 2 * time.Minute, request: 30 * time.Second, grace: 2 * time.Second, stop: 5 * time.Second}

// child is a running assay-gpu.
type child struct {
	timing
	command *exec.Cmd
	conn    *protocol.Conn
	stdin   io.Closer
	stderr  *tail
	hello   protocol.Hello
	// ended is closed once the process can't be talked to any more.
	ended sync.Once
}

// begin starts the program and waits for its Hello. The process is killed when life ends, and before that by end.
func begin(ctx, life context.Context, program string, t timing) (*child, error) {
	c := &child{timing: t, command: exec.CommandContext(life, program, "serve"), stderr: &tail{}}
	c.command.Stderr, c.command.WaitDelay = c.stderr, t.stop
	stdin, err := c.command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("assay-gpu: %w", err)
	}
	stdout, err := c.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("assay-gpu: %w", err)
	}
	if err := c.command.Start(); err != nil {
		return nil, fmt.Errorf("assay-gpu: %w", err)
	}
	c.stdin, c.conn = stdin, protocol.NewConn(bufio.NewReader(stdout), stdin)
	message, err := c.exchange(ctx, nil, t.start)
	if err != nil {
		return nil, err
	}
	hello, ok := message.(protocol.Hello)
	if !ok {
		return nil, c.end(fmt.Errorf("assay-gpu began with %T", message))
	}
	c.hello = hello
	return c, nil
}

// exchange sends a request, if any, and returns the answer. After an error the process is no more.
func (c *child) exchange(ctx context.Context, request protocol.Message, limit time.Duration) (protocol.Message, error) {
	type result struct {
		message protocol.Message
		err     error
	}
	results := make(chan result, 1)
	go func() {
		if request != nil {
			if err := c.conn.Send(request); err != nil {
				results <- result{err: err}
				return
			}
		}
		message, err := c.conn.Receive()
		results <- result{message: message, err: err}
	}()
	over := time.NewTimer(limit)
	defer over.Stop()
	ended := ctx.Done()
	for {
		select {
		case r := <-results:
			if r.err != nil {
				return nil, c.end(fmt.Errorf("assay-gpu: %w", r.err))
			}
			return r.message, nil
		case <-ended:
			ended = nil
			over.Reset(min(limit, c.grace))
		case <-over.C:
			err := c.kill(fmt.Errorf("assay-gpu did not answer %T within %s", request, limit))
			select {
			case <-results:
			case <-time.After(c.stop):
				c.ended.Do(func() {}) // nobody waits for it any more
				return nil, fmt.Errorf("%w; it could not be killed", err)
			}
			return nil, c.end(err)
		}
	}
}

// ask expects Done or Entries.
func (c *child) ask(ctx context.Context, request protocol.Message, limit time.Duration) (protocol.Message, error) {
	answer, err := c.exchange(ctx, request, limit)
	if err != nil {
		return nil, err
	}
	_, reading := request.(protocol.Read)
	switch m := answer.(type) {
	case protocol.Failed:
		return nil, fmt.Errorf("assay-gpu: %s", printable(m.Reason))
	case protocol.Entries:
		if reading {
			return m, nil
		}
	case protocol.Done:
		if !reading {
			return m, nil
		}
	}
	return nil, c.end(fmt.Errorf("assay-gpu answered %T with %T", request, answer))
}

func (c *child) kill(cause error) error {
	if err := c.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("%w; kill: %w", cause, err)
	}
	return cause
}

// end kills the process, reaps it, and adds to the cause what it said last. Nobody may be exchanging messages with it.
func (c *child) end(cause error) error {
	c.ended.Do(func() {
		cause = c.kill(cause)
		state := "ended"
		if err := c.command.Wait(); err != nil {
			state = err.Error()
		}
		if said := c.stderr.text(); said != "" {
			state += ": " + said
		}
		if cause != nil {
			cause = fmt.Errorf("%w (%s)", cause, state)
		}
	})
	return cause
}

// stopped lets the process end by itself by closing its input, and kills it if it doesn't.
func (c *child) stopped() error {
	var failed error
	c.ended.Do(func() {
		failed = c.stdin.Close()
		timer := time.AfterFunc(c.stop, func() { _ = c.command.Process.Kill() })
		defer timer.Stop()
		var exit *exec.ExitError
		// How it ends says nothing about what it computed.
		if err := c.command.Wait(); err != nil && !errors.As(err, &exit) && !errors.Is(err, context.Canceled) {
			failed = errors.Join(failed, err)
		}
	})
	return failed
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	last []byte
}

const tailBytes = 1 << 10

// Write takes everything.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, b[max(0, len(b)-tailBytes):]...)
	t.last = t.last[max(0, len(t.last)-tailBytes):]
	return len(b), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return printable(strings.TrimSpace(string(t.last)))
}

// printable keeps a process from writing control sequences into logs.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
