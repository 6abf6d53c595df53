package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// node asks the network's REST interface.
type node struct{ url string }

// get decodes an answer, at a height when it is not 0.
func (n node) get(ctx context.Context, path string, height int64, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, n.url+path, nil)
	if err != nil {
		return err
	}
	if height > 0 {
		request.Header.Set("x-cosmos-block-height", strconv.FormatInt(height, 10))
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask the node: %w", err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, 16<<20))
	if err != nil {
		return fmt.Errorf("read the node's answer to %s: %w", path, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the node answers %s to %s: %s", response.Status, path, content)
	}
	return json.Unmarshal(content, into)
}

// coin is an amount as the REST interface writes it.
type coin struct {
	Denom  string `json:"denom"`
	Amount string `json:"amount"`
}

// ledger is who has what at one height: every account of the network, so that the sum can be held against the supply.
type ledger struct {
	height   int64
	balances map[string]*big.Int
	supply   *big.Int
	// minted is all that x/emission has made so far.
	minted *big.Int
}

// height asks for the last block.
func (n node) height(ctx context.Context) (int64, error) {
	var answer struct {
		Block struct {
			Header struct {
				Height int64 `json:"height,string"`
			} `json:"header"`
		} `json:"block"`
	}
	err := n.get(ctx, "/cosmos/base/tendermint/v1beta1/blocks/latest", 0, &answer)
	return answer.Block.Header.Height, err
}

// ledger reads every account's balance at the last height.
func (n node) ledger(ctx context.Context) (*ledger, error) {
	height, err := n.height(ctx)
	if err != nil {
		return nil, err
	}
	l := &ledger{height: height, balances: map[string]*big.Int{}}
	if l.supply, err = n.supply(ctx, height); err != nil {
		return nil, err
	}
	if l.minted, err = n.minted(ctx, height); err != nil {
		return nil, err
	}
	accounts, err := n.accounts(ctx, height)
	if err != nil {
		return nil, err
	}
	for _, address := range accounts {
		if l.balances[address], err = n.balance(ctx, address, height); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// accounts lists the addresses of all accounts, the modules' among them.
func (n node) accounts(ctx context.Context, height int64) ([]string, error) {
	var answer struct {
		Accounts []struct {
			Address     string `json:"address"`
			BaseAccount struct {
				Address string `json:"address"`
			} `json:"base_account"`
		} `json:"accounts"`
	}
	if err := n.get(ctx, "/cosmos/auth/v1beta1/accounts?pagination.limit=1000", height, &answer); err != nil {
		return nil, err
	}
	addresses := make([]string, 0, len(answer.Accounts))
	for _, a := range answer.Accounts {
		addresses = append(addresses, a.Address+a.BaseAccount.Address)
	}
	return addresses, nil
}

func (n node) balance(ctx context.Context, address string, height int64) (*big.Int, error) {
	var answer struct {
		Balance coin `json:"balance"`
	}
	if err := n.get(ctx, "/cosmos/bank/v1beta1/balances/"+address+"/by_denom?denom=uassay", height, &answer); err != nil {
		return nil, err
	}
	return parse(answer.Balance.Amount)
}

func (n node) supply(ctx context.Context, height int64) (*big.Int, error) {
	var answer struct {
		Amount coin `json:"amount"`
	}
	if err := n.get(ctx, "/cosmos/bank/v1beta1/supply/by_denom?denom=uassay", height, &answer); err != nil {
		return nil, err
	}
	return parse(answer.Amount.Amount)
}

func (n node) minted(ctx context.Context, height int64) (*big.Int, error) {
	var answer struct {
		Progress struct {
			Minted string `json:"minted"`
		} `json:"progress"`
	}
	if err := n.get(ctx, "/assay/emission/v1/state", height, &answer); err != nil {
		return nil, err
	}
	return parse(answer.Progress.Minted)
}

func parse(amount string) (*big.Int, error) {
	value, ok := new(big.Int).SetString(amount, 10)
	if !ok {
		return nil, fmt.Errorf("the node's amount %q is not a number", amount)
	}
	return value, nil
}

// sum adds up all balances.
func (l *ledger) sum() *big.Int {
	total := new(big.Int)
	for _, balance := range l.balances {
		total.Add(total, balance)
	}
	return total
}

// total returns the balances of several accounts together.
func (l *ledger) total(addresses ...string) *big.Int {
	total := new(big.Int)
	for _, address := range addresses {
		if balance := l.balances[address]; balance != nil {
			total.Add(total, balance)
		}
	}
	return total
}

// row is a line of the comparison: who, and which accounts are theirs.
type row struct {
	name      string
	addresses []string
}

// compare prints who had and has what, and fails when the books don't add up to the last unit.
func compare(out io.Writer, before, after *ledger, rows []row, burnt *big.Int) error {
	var named []string
	for _, r := range rows {
		named = append(named, r.addresses...)
	}
	var rest []string
	for address := range after.balances {
		if !slices.Contains(named, address) {
			rest = append(rest, address)
		}
	}
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "\twho\tbefore\tafter\tchange\t\n")
	for _, r := range append(rows, row{"everybody else", rest}) {
		line(table, r.name, before.total(r.addresses...), after.total(r.addresses...))
	}
	line(table, "sum of all accounts", before.sum(), after.sum())
	line(table, "supply", before.supply, after.supply)
	line(table, "minted by the emission", before.minted, after.minted)
	line(table, "burnt by the penalty", new(big.Int), burnt)
	if err := table.Flush(); err != nil {
		return err
	}
	for _, l := range []*ledger{before, after} {
		if l.sum().Cmp(l.supply) != 0 {
			return fmt.Errorf("at height %d the accounts hold %s, the supply is %s", l.height, l.sum(), l.supply)
		}
	}
	made := new(big.Int).Sub(after.minted, before.minted)
	if want := made.Sub(made.Add(made, before.supply), burnt); want.Cmp(after.supply) != 0 {
		return fmt.Errorf("the supply is %s, want %s: what there was and what was minted, less what was burnt", after.supply, want)
	}
	return nil
}

func line(table io.Writer, name string, before, after *big.Int) {
	change := new(big.Int).Sub(after, before)
	sign := ""
	if change.Sign() > 0 {
		sign = "+"
	}
	fmt.Fprintf(table, "\t%s\t%s\t%s\t%s%s\t\n", name, group(before), group(after), sign, group(change))
}

// group writes a number with a thin separator every three digits.
func group(value *big.Int) string {
	digits := new(big.Int).Abs(value).String()
	var parts []string
	for len(digits) > 3 {
		parts = append([]string{digits[len(digits)-3:]}, parts...)
		digits = digits[:len(digits)-3]
	}
	text := strings.Join(append([]string{digits}, parts...), ",")
	if value.Sign() < 0 {
		return "-" + text
	}
	return text
}
