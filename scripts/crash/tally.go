package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// submissions counts the transactions of one job that landed in a block, failed ones too.
type submissions struct{ commits, proofs int }

// tally is that by job.
type tally map[string]submissions

// double counts what was sent more than once.
func (t tally) double() (n int) {
	for _, s := range t {
		n += max(0, s.commits-1) + max(0, s.proofs-1)
	}
	return n
}

// whole counts the jobs that were committed and proven.
func (t tally) whole() (n int) {
	for _, s := range t {
		if s.commits > 0 && s.proofs > 0 {
			n++
		}
	}
	return n
}

// page is one answer to a search for transactions.
type page struct {
	Total string `json:"total"`
	Txs   []struct {
		Body struct {
			Messages []message `json:"messages"`
		} `json:"body"`
	} `json:"txs"`
}

// message is one of a transaction, or one wrapped in it.
type message struct {
	Type  string    `json:"@type"`
	JobID string    `json:"job_id"`
	Inner []message `json:"msgs"`
}

// pageSize is how many transactions are asked for at a time.
const pageSize = 100

// landed reads every transaction of the chain.
func (n *network) landed(ctx context.Context) (tally, error) {
	found := tally{}
	for number := 1; ; number++ {
		p, err := n.page(ctx, number)
		if err != nil {
			return nil, err
		}
		for _, tx := range p.Txs {
			for _, m := range tx.Body.Messages {
				found.count(m)
			}
		}
		if len(p.Txs) < pageSize {
			return found, nil
		}
	}
}

func (n *network) page(ctx context.Context, number int) (p page, err error) {
	query := url.Values{"query": {"tx.height>0"}, "page": {fmt.Sprint(number)}, "limit": {fmt.Sprint(pageSize)}}
	address := fmt.Sprintf("http://127.0.0.1:%d/cosmos/tx/v1beta1/txs?%s", n.port+3, query.Encode())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return p, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return p, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return p, fmt.Errorf("search for transactions: %s", response.Status)
	}
	return p, json.NewDecoder(response.Body).Decode(&p)
}

// count adds a message, or what it wraps.
func (t tally) count(m message) {
	for _, inner := range m.Inner {
		t.count(inner)
	}
	s := t[m.JobID]
	switch m.Type {
	case "/assay.market.v1.MsgCommitResult":
		s.commits++
	case "/assay.market.v1.MsgProveResult":
		s.proofs++
	default:
		return
	}
	t[m.JobID] = s
}
