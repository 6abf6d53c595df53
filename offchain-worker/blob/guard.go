package blob

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// forbidden are the networks that a locator must not reach, beyond those that netip.Addr knows by name. A worker that
// opened them could be used to read its operator's own network or a cloud's metadata service.
var forbidden = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network, RFC 791
	netip.MustParsePrefix("100.64.0.0/10"),   // carrier-grade NAT, RFC 6598; some clouds' metadata
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments, RFC 6890
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation, RFC 5737
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks, RFC 2544
	netip.MustParsePrefix("198.51.100.0/24"), // documentation, RFC 5737
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation, RFC 5737
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, and the broadcast address
	netip.MustParsePrefix("64:ff9b::/96"),    // NAT64, leads to any IPv4 address
	netip.MustParsePrefix("64:ff9b:1::/48"),  // local NAT64
	netip.MustParsePrefix("100::/64"),        // discard, RFC 6666
	netip.MustParsePrefix("2001::/32"),       // Teredo, leads to any IPv4 address
	netip.MustParsePrefix("2001:db8::/32"),   // documentation
	netip.MustParsePrefix("2002::/16"),       // 6to4, leads to any IPv4 address
	netip.MustParsePrefix("fec0::/10"),       // site-local, deprecated
}

// checkAddress refuses an address that is not on the public internet: loopback, private, link-local (which holds the
// metadata services 169.254.169.254 and fd00:ec2::254), multicast, unspecified and the special networks above.
func checkAddress(address netip.Addr) error {
	address = address.Unmap().WithZone("")
	if !address.IsValid() || !address.IsGlobalUnicast() || address.IsPrivate() {
		return fmt.Errorf("%w: %s is not a public address", ErrForbidden, address)
	}
	for _, network := range forbidden {
		if network.Contains(address) {
			return fmt.Errorf("%w: %s is in %s", ErrForbidden, address, network)
		}
	}
	// An IPv4 address in the low 32 bits of ::/96 is routed as that address by some stacks.
	if address.Is6() && netip.MustParsePrefix("::/96").Contains(address) {
		return fmt.Errorf("%w: %s embeds an IPv4 address", ErrForbidden, address)
	}
	return nil
}

// checkURL refuses what is not a plain web address.
func checkURL(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%w: scheme %q, only http and https are fetched", ErrForbidden, u.Scheme)
	}
	if u.Host == "" || u.User != nil {
		return fmt.Errorf("%w: %q needs a host and no user", ErrForbidden, u.Redacted())
	}
	return nil
}

// guardedTransport checks each address after name resolution, right before the connection, so that neither a redirect nor
// a name that resolves differently the second time gets past it.
func guardedTransport(allowPrivate bool) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	if !allowPrivate {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			target, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("%w: %w", ErrForbidden, err)
			}
			return checkAddress(target.Addr())
		}
	}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  20 * time.Second,
		IdleConnTimeout:        30 * time.Second,
		MaxIdleConnsPerHost:    2,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true,
	}
}
