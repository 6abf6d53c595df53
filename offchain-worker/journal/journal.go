// Package journal is the worker's write-ahead log. Every step of a job is appended and synced to disk before it has any
// effect outside of the process, so that a worker killed at any moment finds out on the next start what it had done, what
// it had meant to do, and what to ask the chain about.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Step names a point in the life of an attempt at a job.
type Step string

// The steps, in the order in which an honest attempt passes them. An intent is journalled with the signed transaction
// before that is sent; the step after it is journalled when the chain's state shows the effect.
const (
	StepAssigned      Step = "assigned"
	StepFetched       Step = "fetched"
	StepExecuted      Step = "executed"
	StepCommitIntent  Step = "commit_intent"
	StepCommitted     Step = "committed"
	StepSampled       Step = "sampled"
	StepProved        Step = "proved"
	StepProveIntent   Step = "prove_intent"
	StepProven        Step = "proven"
	StepDeliverIntent Step = "deliver_intent"
	StepDelivered     Step = "delivered"
	StepReportIntent  Step = "report_intent"
	StepAnswerProved  Step = "answer_proved"
	StepAnswerIntent  Step = "answer_intent"
	StepAnswered      Step = "answered"
	// StepBoxed fixes what an output is sealed with for a draw of relays.
	StepBoxed          Step = "boxed"
	StepHandOverIntent Step = "hand_over_intent"
	StepHandedOver     Step = "handed_over"
	StepOpenIntent     Step = "open_intent"
	StepRevealIntent   Step = "reveal_intent"
	StepRevealed       Step = "revealed"
	StepShowIntent     Step = "show_intent"
	StepShown          Step = "shown"
	// StepTxFailed tells that the transaction of the last intent is final without effect: refused, failed or expired.
	StepTxFailed Step = "tx_failed"
	// StepDone ends the attempt; the next compaction forgets it.
	StepDone Step = "done"
)

// Steps are all steps, for whoever wants to kill a worker at each.
func Steps() []Step {
	return []Step{
		StepAssigned, StepFetched, StepExecuted, StepCommitIntent, StepCommitted, StepSampled, StepProved,
		StepProveIntent, StepProven, StepDeliverIntent, StepDelivered, StepAnswerProved, StepAnswerIntent, StepAnswered,
		StepBoxed, StepHandOverIntent, StepHandedOver, StepOpenIntent,
		StepRevealIntent, StepRevealed, StepShowIntent, StepShown,
		StepReportIntent, StepTxFailed, StepDone,
	}
}

// Entry is one journalled step.
type Entry struct {
	// Seq counts the entries of a file from 1.
	Seq     uint64          `json:"seq"`
	Time    time.Time       `json:"time"`
	Job     uint64          `json:"job"`
	Attempt uint32          `json:"attempt"`
	Step    Step            `json:"step"`
	Data    json.RawMessage `json:"data,omitempty"`
}

var (
	// ErrCorrupt is wrapped when the journal is damaged in the middle, where a crash cannot have done it. The message names
	// the file and the offset.
	ErrCorrupt = errors.New("journal is corrupt")
	// ErrLocked is wrapped when another process has the journal open.
	ErrLocked = errors.New("journal is in use by another worker")
	// ErrClosed is returned after Close, and after a failed write: the state of the disk is unknown then, and only a
	// restart, which reads it back, can go on.
	ErrClosed = errors.New("journal is closed")
)

// Hooks are called around each append; a nil one is skipped. An error of a hook fails the append and closes the journal.
// They exist so that tests can stop a worker at an exact point.
type Hooks struct {
	// Before is called before anything is written.
	Before func(Entry) error
	// After is called when the entry is on the disk.
	After func(Entry) error
}

// Journal is an open log. It is safe for concurrent use.
type Journal struct {
	mu    sync.Mutex
	path  string
	file  *os.File
	lock  io.Closer
	next  uint64
	hooks Hooks
	// Torn is how many bytes of an unfinished last entry were dropped when the journal was opened.
	Torn int64
}

// Open opens or creates the journal at path and returns it with the entries it holds. It locks the file against a second
// worker, drops an entry torn by a crash at the very end, and refuses a file that is damaged anywhere else.
func Open(path string, hooks Hooks) (*Journal, []Entry, error) {
	lock, err := acquire(path + ".lock")
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	j, entries, err := open(path, hooks)
	if err != nil {
		return nil, nil, errors.Join(err, lock.Close())
	}
	j.lock = lock
	return j, entries, nil
}

func open(path string, hooks Hooks) (*Journal, []Entry, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open journal: %w", err)
	}
	raw, err := io.ReadAll(file)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("read journal: %w", err), file.Close())
	}
	entries, good, err := scan(raw)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	j := &Journal{path: path, file: file, next: uint64(len(entries)) + 1, hooks: hooks, Torn: int64(len(raw)) - good}
	if err := j.trim(good); err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return j, entries, nil
}

// trim cuts a torn tail off and leaves the file's offset at its end.
func (j *Journal) trim(good int64) error {
	if j.Torn > 0 {
		if err := j.file.Truncate(good); err != nil {
			return fmt.Errorf("cut the torn end of %s: %w", j.path, err)
		}
	}
	if _, err := j.file.Seek(good, io.SeekStart); err != nil {
		return fmt.Errorf("seek in %s: %w", j.path, err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", j.path, err)
	}
	return syncDir(filepath.Dir(j.path))
}

// Append journals a step with its data, any value that JSON can carry. When it returns nil, the entry is on the disk.
func (j *Journal) Append(job uint64, attempt uint32, step Step, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("journal %s of job %d: %w", step, job, err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return ErrClosed
	}
	entry := Entry{Seq: j.next, Time: time.Now().UTC(), Job: job, Attempt: attempt, Step: step, Data: raw}
	if err := j.append(entry); err != nil {
		// What reached the disk is unknown: writing on behind it could bury a torn entry in the middle.
		j.shut()
		return fmt.Errorf("journal %s of job %d: %w", step, job, err)
	}
	return nil
}

func (j *Journal) append(entry Entry) error {
	if j.hooks.Before != nil {
		if err := j.hooks.Before(entry); err != nil {
			return err
		}
	}
	frame, err := encode(entry)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(frame); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	j.next++
	if j.hooks.After != nil {
		return j.hooks.After(entry)
	}
	return nil
}

// Compact rewrites the journal with the entries that keep accepts. The old file stays whole until the new one is on the
// disk under its name.
func (j *Journal) Compact(keep func(Entry) bool) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return ErrClosed
	}
	raw, err := os.ReadFile(j.path)
	if err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	entries, _, err := scan(raw)
	if err != nil {
		return fmt.Errorf("compact %s: %w", j.path, err)
	}
	var kept []byte
	next := uint64(1)
	for _, entry := range entries {
		if !keep(entry) {
			continue
		}
		entry.Seq = next
		frame, err := encode(entry)
		if err != nil {
			return fmt.Errorf("compact: %w", err)
		}
		kept = append(kept, frame...)
		next++
	}
	return j.replace(kept, next)
}

func (j *Journal) replace(contents []byte, next uint64) error {
	file, err := os.OpenFile(j.path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	_, err = file.Write(contents)
	if err = errors.Join(err, file.Sync()); err == nil {
		err = os.Rename(j.path+".new", j.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("compact: %w", err), file.Close())
	}
	old := j.file
	j.file, j.next = file, next
	return errors.Join(old.Close(), syncDir(filepath.Dir(j.path)))
}

// Close releases the file and its lock.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.shut()
	if j.lock == nil {
		return nil
	}
	lock := j.lock
	j.lock = nil
	return lock.Close()
}

// shut closes the file; every entry that Append confirmed is already synced, so that closing cannot lose one.
func (j *Journal) shut() {
	if j.file != nil {
		_ = j.file.Close()
		j.file = nil
	}
}

func syncDir(dir string) error {
	handle, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return errors.Join(handle.Sync(), handle.Close())
}
