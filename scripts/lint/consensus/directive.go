package consensus

import (
	"bytes"
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/assaychain/assay/scripts/lint/source"
)

// prefix starts a directive; it has no space after the slashes, as Go's own directives.
const prefix = "//lint:consensus"

// directive excuses the findings of one line.
type directive struct {
	pos    token.Pos
	at     token.Position
	line   int // the line that it excuses
	reason string
	used   bool
}

func (d *directive) covers(line int) bool { return d.line == line && d.reason != "" }

func parseDirectives(pass *analysis.Pass, file *ast.File) ([]*directive, error) {
	var directives []*directive
	for _, group := range file.Comments {
		for _, comment := range group.List {
			reason, ok := strings.CutPrefix(comment.Text, prefix)
			if !ok {
				continue
			}
			at := pass.Fset.Position(comment.Pos())
			alone, err := standsAlone(pass, file, at)
			if err != nil {
				return nil, err
			}
			found := &directive{pos: comment.Pos(), at: at, line: at.Line, reason: strings.TrimSpace(reason)}
			if alone {
				found.line++
			}
			directives = append(directives, found)
		}
	}
	return directives, nil
}

// standsAlone tells whether nothing but space precedes a position on its line.
func standsAlone(pass *analysis.Pass, file *ast.File, at token.Position) (bool, error) {
	text, err := pass.ReadFile(source.Name(pass, file))
	if err != nil {
		return false, err
	}
	before := text[:at.Offset]
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	return len(bytes.TrimSpace(line)) == 0, nil
}

// settle reports directives that say nothing or excuse nothing, and returns the others.
func (c *fileCheck) settle() []Exception {
	var excused []Exception
	for _, directive := range c.directives {
		switch {
		case directive.reason == "":
			c.pass.Reportf(directive.pos, "%s needs a reason after it", prefix)
		case !directive.used:
			c.pass.Reportf(directive.pos, "%s excuses nothing on its line: remove it", prefix)
		default:
			excused = append(excused, Exception{Position: directive.at, Reason: directive.reason})
		}
	}
	return excused
}
