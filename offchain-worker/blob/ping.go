package blob

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"
)

const (
	// pings is how often a round trip is measured; the shortest counts, since queues only add.
	pings = 3
	// pingTimeout bounds each try.
	pingTimeout = 5 * time.Second
)

// Ping measures a round trip to the host of a web address: how long a TCP connection takes to open, which is one way there and back, the
// shortest of three. Addresses that locators must not reach are refused, unless allowPrivate. Nothing is sent.
func Ping(ctx context.Context, endpoint string, allowPrivate bool) (time.Duration, error) {
	target, err := resolve(ctx, endpoint, allowPrivate)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", endpoint, err)
	}
	shortest := time.Duration(0)
	dialer := net.Dialer{Timeout: pingTimeout}
	for range pings {
		start := time.Now()
		conn, err := dialer.DialContext(ctx, "tcp", target.String())
		took := time.Since(start)
		if err != nil {
			return 0, err
		}
		if err := conn.Close(); err != nil {
			return 0, err
		}
		if shortest == 0 || took < shortest {
			shortest = took
		}
	}
	return shortest, nil
}

// resolve finds the first address of a web address that may be reached.
func resolve(ctx context.Context, endpoint string, allowPrivate bool) (netip.AddrPort, error) {
	parsed, err := url.Parse(endpoint)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if err := checkURL(parsed); err != nil {
		return netip.AddrPort{}, err
	}
	service := parsed.Port()
	if service == "" {
		service = parsed.Scheme
	}
	port, err := net.DefaultResolver.LookupPort(ctx, "tcp", service)
	if err != nil {
		return netip.AddrPort{}, err
	}
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", parsed.Hostname())
	if err != nil {
		return netip.AddrPort{}, err
	}
	failed := errors.New("no address")
	for _, address := range addresses {
		if failed = checkAddress(address); failed == nil || allowPrivate {
			return netip.AddrPortFrom(address.Unmap(), uint16(port)), nil
		}
	}
	return netip.AddrPort{}, failed
}
