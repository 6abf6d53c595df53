package markdown_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaychain/assay/scripts/bench/markdown"
)

const document = "# All\n\nwords\n\n## One\n\nfirst\n\n## Two\n\n### Deeper\n\nsecond\n\n## Two more\n\nthird\n"

func TestFind(t *testing.T) {
	require.Equal(t, "## One\n\nfirst\n\n", markdown.Find(document, "One"))
	require.Equal(t, "## Two\n\n### Deeper\n\nsecond\n\n", markdown.Find(document, "Two"))
	require.Equal(t, "## Two more\n\nthird\n", markdown.Find(document, "Two more"))
	require.Empty(t, markdown.Find(document, "Three"))
	require.Empty(t, markdown.Find("", "One"))
	require.Equal(t, "## One\n", markdown.Find("## One\n", "One"))
}

// What is replaced is found again, nothing else changes, and the same again changes nothing.
func TestReplace(t *testing.T) {
	for _, heading := range []string{"One", "Two", "Two more", "Three"} {
		text := "## " + heading + "\n\nnew\n"
		got := markdown.Replace(document, heading, text)
		require.Equal(t, text, markdown.Find(got, heading)[:len(text)])
		require.Equal(t, got, markdown.Replace(got, heading, text))
		for _, other := range []string{"One", "Two", "Two more"} {
			if other != heading {
				require.Contains(t, got, markdown.Find(document, other)[:len("## One\n\nf")], "%s after %s", other, heading)
			}
		}
	}
	require.Equal(t, "# All\n\nwords\n\n## One\n\nnew\n\n## Two\n", markdown.Replace("# All\n\nwords\n\n## One\n\nold\n\n## Two\n", "One", "## One\n\nnew\n"))
}
