package ceremony

import (
	"fmt"
	"hash"
	"path/filepath"
	"slices"
)

// Contains checks that everything in a receipt is in the transcript: a contribution that nobody built on could be left out otherwise.
func (t *Transcript) Contains(receipt Receipt) error {
	for _, file := range receipt.Files {
		if !slices.Contains(t.Files, file) {
			return fmt.Errorf("%w: %s's contribution %s (%s) is not in it", ErrTranscript, receipt.Name, file.Path, file.SHA256)
		}
	}
	return nil
}

// transcript collects what a verification passes by.
type transcript struct {
	ceremony *Ceremony
	hash     hash.Hash
	result   Transcript
}

// add hashes a file's name and contents: "<sha256>  <path>\n", as sha256sum prints them, so that the transcript's hash can be had with
// common tools too.
func (t *transcript) add(path string, raw []byte) {
	if t.hash == nil {
		return
	}
	file := ReceiptFile{Path: filepath.ToSlash(path), SHA256: fingerprint(raw)}
	fmt.Fprintf(t.hash, "%s  %s\n", file.SHA256, file.Path)
	t.result.Files = append(t.result.Files, file)
}

// addFile hashes a file of the folder that was verified before.
func (t *transcript) addFile(path string) error {
	raw, err := readFile(t.ceremony.path(path), maxPlanSize)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTranscript, err)
	}
	t.add(path, raw)
	return nil
}

// contributor is the name in a contribution's file name.
func contributor(name string) string { return contributionName.FindStringSubmatch(name)[2] }
