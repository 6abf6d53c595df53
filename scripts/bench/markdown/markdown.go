// Package markdown finds and replaces a section of a Markdown document: a heading of the second level with what is below it, to the next such
// heading.
package markdown

import "strings"

// Simulated heads the section of BENCHMARKS.md that scripts/simulate writes and scripts/bench keeps.
const Simulated = "Simulated: matching"

const mark = "\n## "

// Find returns the section under a heading, from its "## " to before the next one, or to the end; "" if there is none.
func Find(document, heading string) string {
	start, end := bounds(document, heading)
	return document[start:end]
}

// Replace puts a section in the place of the one under the heading, or at the end if there is none. The section begins with "## " and the
// heading.
func Replace(document, heading, section string) string {
	start, end := bounds(document, heading)
	if start == end {
		return strings.TrimRight(document, "\n") + "\n\n" + strings.TrimRight(section, "\n") + "\n"
	}
	after := document[end:]
	if after != "" {
		after = "\n" + strings.TrimLeft(after, "\n")
	}
	return document[:start] + strings.TrimRight(section, "\n") + "\n" + after
}

// bounds of a section; equal if there is none.
func bounds(document, heading string) (start, end int) {
	at := strings.Index("\n"+document, mark+heading+"\n")
	if at < 0 {
		return len(document), len(document)
	}
	// What was put in front makes up for the line's end that is not the heading's.
	next := strings.Index(document[at:], mark)
	if next < 0 {
		return at, len(document)
	}
	return at, at + next + 1
}
