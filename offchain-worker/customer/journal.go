package customer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/assaychain/assay/offchain-worker/blob"
)

// recordVersion is that of the journal's files.
const recordVersion = 1

// pendingPrefix begins the names of records whose job has no number yet.
const pendingPrefix = "pending-"

// ErrNoRecord is wrapped when this machine keeps no record of a job.
var ErrNoRecord = errors.New("no record of the job on this machine")

// Record is what the customer must not lose of a job: above all the secret that opens a claimed result.
type Record struct {
	Version int    `json:"version"`
	ChainID string `json:"chain_id"`
	// JobID is 0 until the transaction is in a block.
	JobID    uint64 `json:"job_id"`
	Customer string `json:"customer"`
	// DeliveryKey and DeliverySecret are the halves of an X25519 key pair made for this job alone.
	DeliveryKey    []byte `json:"delivery_key"`
	DeliverySecret []byte `json:"delivery_secret"`
	// LaterKeys are the pairs that followed it, each made for the contest that gave the secret before it away.
	LaterKeys []KeyPair `json:"later_keys,omitempty"`
	// TxHash is the transaction that submitted the job, TxHeight the last block that may take it.
	TxHash   string `json:"tx_hash"`
	TxHeight uint64 `json:"tx_timeout_height"`
	// Inputs are the roots of the blobs that the journal keeps to serve.
	Inputs []string `json:"inputs"`
	// Listen is the address at which they were served.
	Listen string `json:"listen"`
	// Result and Certificate are the files to write.
	Result      string    `json:"result"`
	Certificate string    `json:"certificate"`
	CreatedAt   time.Time `json:"created_at"`
	// Canary is what is kept of a job whose answer is known; nil of any other.
	Canary *Canary `json:"canary,omitempty"`
}

// NewRecord makes a record with a fresh delivery key.
func NewRecord(chainID, customer string) (*Record, error) {
	pair, err := newKeyPair()
	if err != nil {
		return nil, err
	}
	return &Record{
		Version: recordVersion, ChainID: chainID, Customer: customer,
		DeliveryKey: pair.Key, DeliverySecret: pair.Secret, CreatedAt: time.Now().UTC().Truncate(time.Second),
	}, nil
}

// Journal keeps the records of one chain's jobs in a folder that only its owner can read.
type Journal struct {
	dir   string
	blobs *blob.Store
}

// OpenJournal opens or makes the journal of a chain below the home folder.
func OpenJournal(home, chainID string) (*Journal, error) {
	if chainID == "" || strings.HasPrefix(chainID, ".") || strings.ContainsAny(chainID, `/\`) {
		return nil, fmt.Errorf("chain id %q can't name a folder", chainID)
	}
	dir := filepath.Join(home, "jobs", chainID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the journal of jobs: %w", err)
	}
	blobs, err := blob.NewStore(filepath.Join(dir, "blobs"), 0)
	if err != nil {
		return nil, fmt.Errorf("open the journal of jobs: %w", err)
	}
	return &Journal{dir: dir, blobs: blobs}, nil
}

// Blobs is the store of the inputs.
func (j *Journal) Blobs() *blob.Store { return j.blobs }

// Save writes a record durably, whole or not at all, readable by its owner alone. A record that has got its number leaves
// its pending name.
func (j *Journal) Save(r *Record) error {
	content, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("save job record: %w", err)
	}
	if err := writePrivate(j.path(r), append(content, '\n')); err != nil {
		return fmt.Errorf("save job record: %w", err)
	}
	if r.JobID == 0 {
		return nil
	}
	if err := os.Remove(j.pending(r)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("save job record: %w", err)
	}
	return nil
}

func (j *Journal) path(r *Record) string {
	if r.JobID == 0 {
		return j.pending(r)
	}
	return j.numbered(r.JobID)
}

func (j *Journal) pending(r *Record) string {
	return filepath.Join(j.dir, fmt.Sprintf("%s%x.json", pendingPrefix, r.DeliveryKey))
}

func (j *Journal) numbered(id uint64) string {
	return filepath.Join(j.dir, strconv.FormatUint(id, 10)+".json")
}

// Load reads the record of a job. deliveryKey is the job's on the chain: by it a record is found that was saved before the
// job had a number.
func (j *Journal) Load(id uint64, deliveryKey []byte) (*Record, error) {
	r, err := readRecord(j.numbered(id))
	if errors.Is(err, fs.ErrNotExist) {
		r, err = readRecord(j.pending(&Record{DeliveryKey: deliveryKey}))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: job %d; it was submitted from another machine or home", ErrNoRecord, id)
	}
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(r.DeliveryKey, deliveryKey) {
		return nil, fmt.Errorf("%w: the record of job %d in %s is of another chain with the same id", ErrNoRecord, id, j.dir)
	}
	if r.JobID != id {
		r.JobID = id
		return r, j.Save(r)
	}
	return r, nil
}

// Forget removes what is kept of a job's inputs, unless another record needs them. The record stays.
func (j *Journal) Forget(r *Record) error {
	inputs := r.Inputs
	r.Inputs = nil
	if err := j.Save(r); err != nil {
		return err
	}
	return j.discard(inputs)
}

// Drop removes the record of a job that the chain refused.
func (j *Journal) Drop(r *Record) error {
	if err := os.Remove(j.pending(r)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("drop job record: %w", err)
	}
	return j.discard(r.Inputs)
}

// discard removes the blobs that no record needs.
func (j *Journal) discard(inputs []string) error {
	used, err := j.usedInputs()
	if err != nil {
		return err
	}
	for _, text := range inputs {
		root, err := blob.ParseRootHex(text)
		if err != nil || used[text] {
			continue
		}
		if err := j.blobs.Delete(root); err != nil {
			return err
		}
	}
	return nil
}

func (j *Journal) usedInputs() (map[string]bool, error) {
	used := map[string]bool{}
	records, err := j.records()
	for _, r := range records {
		for _, root := range r.Inputs {
			used[root] = true
		}
	}
	return used, err
}

// records are all that the journal keeps. It looks again when one gets its number, and so another name, meanwhile.
func (j *Journal) records() (records []*Record, err error) {
	for range 5 {
		if records, err = j.list(); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return records, err
}

func (j *Journal) list() (records []*Record, err error) {
	paths, err := filepath.Glob(filepath.Join(j.dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("list job records: %w", err)
	}
	for _, path := range paths {
		r, err := readRecord(path)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}

func readRecord(path string) (*Record, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read job record: %w", err)
	}
	r := new(Record)
	if err := json.Unmarshal(content, r); err != nil {
		return nil, fmt.Errorf("read job record %s: %w", path, err)
	}
	if r.Version != recordVersion {
		return nil, fmt.Errorf("read job record %s: version %d, this program knows %d", path, r.Version, recordVersion)
	}
	return r, nil
}

// writePrivate replaces a file whole; temporary files are private to their owner from the start.
func writePrivate(path string, content []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".incomplete-*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
