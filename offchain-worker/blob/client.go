package blob

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// NewClient makes an HTTP client that only reaches public addresses, unless private ones are allowed: every address is checked after its
// name is resolved, redirects are bounded and checked, and no proxy is used, since a proxy would connect to what is refused here.
// timeout bounds one request with its contents.
func NewClient(allowPrivate bool, timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout:   timeout,
		Transport: guardedTransport(allowPrivate),
		CheckRedirect: func(request *http.Request, via []*http.Request) error {
			if len(via) >= maxRedirects {
				return fmt.Errorf("%w: more than %d redirects", ErrForbidden, maxRedirects)
			}
			return checkURL(request.URL)
		},
	}
}

// CheckLocator refuses what is not a plain web address.
func CheckLocator(locator string) error {
	parsed, err := url.Parse(locator)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	return checkURL(parsed)
}
