package render

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"unicode"
	"unicode/utf8"

	"github.com/intscan/intscan/plan"
)

// assets are the page's templates, its style and its script.
//
//go:embed assets
var assets embed.FS

var (
	htmlStyle    = asset("assets/style.css")
	htmlScript   = asset("assets/page.js")
	htmlTemplate = template.Must(template.New("page").Funcs(htmlFuncs).ParseFS(assets, "assets/*.tmpl"))
)

// icon is a data URL, so that no browser asks a server for /favicon.ico.
const icon = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M2 4h5v3H2zM9 9h5v3H9zM4 7v4h5' fill='none' stroke='%23556fd6' stroke-width='1.6'/%3E%3C/svg%3E"

// HTML writes the report and the plan as one page that needs nothing else: it opens
// offline, and its content security policy lets nothing run or load but its own
// script and style.
func HTML(w io.Writer, r *plan.Report) error {
	var b bytes.Buffer
	if err := htmlTemplate.ExecuteTemplate(&b, "page", newHTMLPage(r)); err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}
	_, err := w.Write(withoutControls(b.Bytes()))
	return err
}

// policy allows the one script and the one style by what is in them. Images are the
// icon's data URL.
func policy(script, style string) string {
	return fmt.Sprintf("default-src 'none'; script-src '%s'; style-src '%s'; img-src data:; base-uri 'none'; form-action 'none'", digest(script), digest(style))
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func asset(name string) string {
	b, err := assets.ReadFile(name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return string(b)
}

// withoutControls takes out what makes text read in another order than it stands in,
// or not show at all. The templates have none of it, so only text of the repository
// loses any.
func withoutControls(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		r, size := rune(b[0]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(b)
		}
		switch {
		case r == '\n':
			out = append(out, '\n')
		case r == '\t':
			out = append(out, ' ')
		case r == utf8.RuneError && size == 1:
			out = utf8.AppendRune(out, utf8.RuneError)
		case unicode.IsControl(r), r >= utf8.RuneSelf && unicode.Is(unicode.Cf, r):
		default:
			out = append(out, b[:size]...)
		}
		b = b[size:]
	}
	return out
}
