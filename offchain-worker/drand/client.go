package drand

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/assaychain/assay/x/beacon/drand"
)

const (
	// maxResponse bounds an endpoint's answer in bytes; the longest real one is about 600.
	maxResponse = 4096
	// defaultTimeout bounds one request to one endpoint.
	defaultTimeout = 5 * time.Second
)

// ErrNotPublished marks a round that an endpoint does not have yet: wait and ask again.
var ErrNotPublished = errors.New("beacon round not published yet")

// ClientConfig says which chain to follow and where.
type ClientConfig struct {
	// Chain is the trusted description that every round is verified against.
	Chain drand.Chain
	// Endpoints are base URLs (http or https) in order of preference, at least one. An endpoint that serves several chains
	// takes the chain's hash as its path: https://api.drand.sh/<hash>.
	Endpoints []string
	// Timeout bounds one request to one endpoint; 0 means 5 seconds.
	Timeout time.Duration
}

// Client fetches rounds from several endpoints and returns only what verifies. It is safe for concurrent use.
type Client struct {
	chain     drand.Chain
	key       *drand.Key
	endpoints []string
	http      *http.Client
	// preferred is the index of the endpoint that answered last, asked first the next time.
	preferred atomic.Int64
}

// NewClient validates the configuration and makes a client; it sends nothing.
func NewClient(config ClientConfig) (*Client, error) {
	if err := config.Chain.Validate(); err != nil {
		return nil, err
	}
	key, err := drand.ParseKey(config.Chain.PublicKey)
	if err != nil {
		return nil, err
	}
	if len(config.Endpoints) == 0 {
		return nil, errors.New("beacon client: no endpoint given: name at least one URL")
	}
	endpoints := make([]string, 0, len(config.Endpoints))
	for _, text := range config.Endpoints {
		endpoint, err := parseEndpoint(text)
		if err != nil {
			return nil, err
		}
		endpoints = append(endpoints, endpoint)
	}
	return &Client{chain: config.Chain, key: key, endpoints: endpoints, http: newHTTPClient(config.Timeout)}, nil
}

// Chain returns the description that the client verifies against.
func (c *Client) Chain() drand.Chain { return c.chain }

// Round fetches and verifies one round. Its error joins what each endpoint did; it wraps ErrNotPublished if any of them
// does not have the round yet.
func (c *Client) Round(ctx context.Context, round uint64) (Beacon, error) {
	if round == 0 {
		return Beacon{}, fmt.Errorf("%w: rounds count from 1", drand.ErrRound)
	}
	return c.fetch(ctx, "/public/"+strconv.FormatUint(round, 10), round)
}

// Latest fetches and verifies the last published round.
func (c *Client) Latest(ctx context.Context) (Beacon, error) {
	return c.fetch(ctx, "/public/latest", 0)
}

// Check reads every endpoint's /info and reports those that serve another chain, which would else look like rounds that
// never come.
func (c *Client) Check(ctx context.Context) error {
	var failures []error
	for _, endpoint := range c.endpoints {
		info, err := fetchInfo(ctx, c.http, endpoint)
		if err == nil && !sameChain(info.Chain, c.chain) {
			err = fmt.Errorf("%w: it serves another chain, with key %x", ErrResponse, info.PublicKey)
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", endpoint, err))
		}
	}
	return errors.Join(failures...)
}

func sameChain(a, b drand.Chain) bool {
	return bytes.Equal(a.PublicKey, b.PublicKey) && a.Period == b.Period && a.Genesis == b.Genesis && a.Scheme == b.Scheme
}

// fetch asks one endpoint after the other, the last good one first; wanted 0 takes any round.
func (c *Client) fetch(ctx context.Context, path string, wanted uint64) (Beacon, error) {
	var failures []error
	first := int(c.preferred.Load())
	for offset := range c.endpoints {
		index := (first + offset) % len(c.endpoints)
		beacon, err := c.fetchFrom(ctx, c.endpoints[index]+path, wanted)
		if err == nil {
			c.preferred.Store(int64(index))
			return beacon, nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", c.endpoints[index], err))
		if ctx.Err() != nil {
			break
		}
	}
	return Beacon{}, errors.Join(failures...)
}

func (c *Client) fetchFrom(ctx context.Context, address string, wanted uint64) (Beacon, error) {
	var wire beaconJSON
	if err := getJSON(ctx, c.http, address, &wire); err != nil {
		return Beacon{}, err
	}
	if wanted != 0 && wire.Round != wanted {
		return Beacon{}, fmt.Errorf("%w: asked for round %d, got round %d", ErrResponse, wanted, wire.Round)
	}
	if err := c.key.Verify(wire.Round, wire.Signature); err != nil {
		return Beacon{}, fmt.Errorf("%w: %w", ErrResponse, err)
	}
	randomness := drand.Randomness(wire.Signature)
	if len(wire.Randomness) != 0 && !bytes.Equal(wire.Randomness, randomness[:]) {
		return Beacon{}, fmt.Errorf("%w: round %d: randomness is not the hash of the signature", ErrResponse, wire.Round)
	}
	return Beacon{Round: wire.Round, Signature: wire.Signature, Randomness: randomness[:]}, nil
}

// FetchInfo reads an endpoint's description of its chain and checks that it is consistent. It comes from the endpoint
// alone: compare its hash with one from a trusted source before following it.
func FetchInfo(ctx context.Context, endpoint string) (drand.Info, error) {
	base, err := parseEndpoint(endpoint)
	if err != nil {
		return drand.Info{}, err
	}
	info, err := fetchInfo(ctx, newHTTPClient(0), base)
	if err != nil {
		return drand.Info{}, fmt.Errorf("%s: %w", base, err)
	}
	return info, nil
}

func fetchInfo(ctx context.Context, client *http.Client, endpoint string) (drand.Info, error) {
	var wire infoJSON
	if err := getJSON(ctx, client, endpoint+"/info", &wire); err != nil {
		return drand.Info{}, err
	}
	return decodeInfo(wire)
}

func parseEndpoint(text string) (string, error) {
	endpoint, err := url.Parse(text)
	if err != nil {
		return "", fmt.Errorf("beacon endpoint: %w", err)
	}
	if (endpoint.Scheme != "http" && endpoint.Scheme != "https") || endpoint.Host == "" {
		return "", fmt.Errorf("beacon endpoint %q: it must be an http or https URL", text)
	}
	if endpoint.RawQuery != "" || endpoint.Fragment != "" {
		return "", fmt.Errorf("beacon endpoint %q: it must have neither query nor fragment", text)
	}
	return strings.TrimRight(endpoint.String(), "/"), nil
}

// newHTTPClient follows no redirect: an endpoint must not send the operator's requests elsewhere.
func newHTTPClient(timeout time.Duration) *http.Client {
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func getJSON(ctx context.Context, client *http.Client, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxResponse+1))
	if err != nil {
		return fmt.Errorf("read the response: %w", err)
	}
	switch {
	case response.StatusCode == http.StatusNotFound || response.StatusCode == http.StatusTooEarly:
		return ErrNotPublished
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("%w: status %d", ErrResponse, response.StatusCode)
	case len(body) > maxResponse:
		return fmt.Errorf("%w: longer than %d bytes", ErrResponse, maxResponse)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%w: %w", ErrResponse, err)
	}
	return nil
}
