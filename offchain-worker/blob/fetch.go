package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/assaychain/assay/x/proofs/tensor"
)

const (
	// maxRedirects bounds the redirects of one request; each target is checked like a locator.
	maxRedirects = 3
	// progressBytes is how often progress is told.
	progressBytes = 1 << 20
)

// FetchConfig bounds what the fetcher does. Zero durations and counts take the defaults.
type FetchConfig struct {
	// AllowPrivate lets locators lead to loopback and private addresses. Only for networks on one machine.
	AllowPrivate bool
	// Timeout bounds one request, contents included; 60 s by default.
	Timeout time.Duration
	// Rounds is how often all locators are tried, 2 by default.
	Rounds int
	// Pause is the time between two rounds, doubled each time; 500 ms by default.
	Pause time.Duration
}

// Fetcher downloads and verifies blobs. It is safe for concurrent use.
type Fetcher struct {
	config FetchConfig
	client *http.Client
}

// Request names a blob and where it may be.
type Request struct {
	Root     Root
	Shape    tensor.Shape
	Locators []string
	// Scheme is what the root commits by; Merkle if nil.
	Scheme Scheme
	// Progress, when given, hears of the bytes read and expected.
	Progress func(done, total uint64)
}

// NewFetcher makes a fetcher; it uses no proxy, since a proxy would connect to the addresses that are refused here.
func NewFetcher(config FetchConfig) *Fetcher {
	if config.Timeout <= 0 {
		config.Timeout = time.Minute
	}
	if config.Rounds <= 0 {
		config.Rounds = 2
	}
	if config.Pause <= 0 {
		config.Pause = 500 * time.Millisecond
	}
	return &Fetcher{config: config, client: NewClient(config.AllowPrivate, config.Timeout)}
}

// Fetch tries the locators in order, several times, and returns the first blob that verifies with its tensor. The error
// joins what each locator did in the last round.
func (f *Fetcher) Fetch(ctx context.Context, request Request) ([]byte, *tensor.Tensor, error) {
	if len(request.Locators) == 0 {
		return nil, nil, fmt.Errorf("%w: no locator is given for %s", ErrNotFound, request.Root)
	}
	var failures []error
	pause := f.config.Pause
	for round := range f.config.Rounds {
		if round > 0 {
			if err := sleep(ctx, pause); err != nil {
				return nil, nil, errors.Join(append(failures, err)...)
			}
			pause *= 2
		}
		failures = nil
		for _, locator := range request.Locators {
			raw, t, err := f.fetchFrom(ctx, request, locator)
			if err == nil {
				return raw, t, nil
			}
			failures = append(failures, fmt.Errorf("%s: %w", locator, err))
		}
	}
	return nil, nil, errors.Join(failures...)
}

func (f *Fetcher) fetchFrom(ctx context.Context, request Request, locator string) ([]byte, *tensor.Tensor, error) {
	if err := CheckLocator(locator); err != nil {
		return nil, nil, err
	}
	get, err := http.NewRequestWithContext(ctx, http.MethodGet, locator, nil)
	if err != nil {
		return nil, nil, err
	}
	response, err := f.client.Do(get)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	raw, err := readBody(response, request)
	if err != nil {
		return nil, nil, err
	}
	t, err := VerifyBy(ctx, request.Scheme, request.Shape, request.Root, raw)
	return raw, t, err
}

// readBody refuses a wrong size before it reads and never reads more than one byte past the right one.
func readBody(response *http.Response, request Request) ([]byte, error) {
	size := request.Shape.BlobSize()
	if response.StatusCode == http.StatusNotFound {
		return nil, ErrNotFound
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("server answers %s", response.Status)
	}
	if response.ContentLength >= 0 && uint64(response.ContentLength) != size {
		return nil, fmt.Errorf("%w: server offers %d bytes, want %d", ErrSize, response.ContentLength, size)
	}
	counted := &counter{total: size, tell: request.Progress}
	raw, err := io.ReadAll(io.TeeReader(io.LimitReader(response.Body, int64(size)+1), counted))
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	if uint64(len(raw)) != size {
		return nil, fmt.Errorf("%w: server sent %d bytes or more, want %d", ErrSize, len(raw), size)
	}
	return raw, nil
}

// counter tells progress about once in progressBytes.
type counter struct {
	done, told, total uint64
	tell              func(done, total uint64)
}

func (c *counter) Write(p []byte) (int, error) {
	c.done += uint64(len(p))
	if c.tell != nil && (c.done-c.told >= progressBytes || c.done == c.total) {
		c.told = c.done
		c.tell(c.done, c.total)
	}
	return len(p), nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
