package types

import (
	"strconv"
	"strings"
)

// maxPort is the highest port number.
const maxPort = 65_535

// ValidateEndpoint checks a worker's URL: http or https, a host with an optional port, an optional path; no user
// information, no query, no fragment; printable ASCII, at most 256 bytes.
//
// It is written out here because what a library accepts as a URL changes between versions, which consensus must not.
func ValidateEndpoint(endpoint string) error {
	if endpoint == "" || len(endpoint) > MaxEndpoint {
		return ErrField.Wrapf("endpoint of %d bytes: it must have 1 to %d", len(endpoint), MaxEndpoint)
	}
	if at := strings.IndexFunc(endpoint, unsafeInURL); at >= 0 {
		return ErrField.Wrapf("endpoint has the character %q: give http or https, host, port and path only", endpoint[at:at+1])
	}
	rest, secure := strings.CutPrefix(endpoint, "https://")
	if !secure {
		var plain bool
		if rest, plain = strings.CutPrefix(endpoint, "http://"); !plain {
			return ErrField.Wrap("endpoint must begin with http:// or https://")
		}
	}
	authority, _, _ := strings.Cut(rest, "/")
	return validateAuthority(authority)
}

// unsafeInURL tells characters that a plain URL doesn't have; "@" would bring user information.
func unsafeInURL(letter rune) bool {
	return letter <= 0x20 || letter >= 0x7f || strings.ContainsRune("@?#\\\"<>`{}|^", letter)
}

// validateAuthority checks "host", "host:port", "[v6]" or "[v6]:port".
func validateAuthority(authority string) error {
	host, rest := splitHost(authority)
	if host == "" {
		return ErrField.Wrap("endpoint has no host, or one with a character outside a-z, 0-9, dot and hyphen")
	}
	if rest == "" {
		return nil
	}
	port, err := strconv.ParseUint(strings.TrimPrefix(rest, ":"), 10, 16)
	if err != nil || !strings.HasPrefix(rest, ":") || port < 1 {
		return ErrField.Wrapf("endpoint has %q after the host: give a colon and a port from 1 to %d", rest, maxPort)
	}
	return nil
}

// splitHost cuts the host off; the host is empty when it is none.
func splitHost(authority string) (host, rest string) {
	if strings.HasPrefix(authority, "[") {
		end := strings.IndexByte(authority, ']')
		if end < 0 || end == 1 || strings.Trim(authority[1:end], "0123456789abcdefABCDEF:.") != "" {
			return "", authority
		}
		return authority[:end+1], authority[end+1:]
	}
	name := strings.TrimLeft(authority, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
	return authority[:len(authority)-len(name)], name
}
