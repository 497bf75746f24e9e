package style

import (
	"io"
	"net/http"
	"regexp"
	"testing"
)

// The content security policy allows no style or event attribute and no script
// in the page but data.
func TestPagesKeepToThePolicy(t *testing.T) {
	forbidden := regexp.MustCompile(`<[^>]+\s(style|on[a-z]+)=|<style|javascript:`)
	scripts := regexp.MustCompile(`<script[^>]*>`)
	allowed := regexp.MustCompile(`^<script (type="module" src="/static/|id="woorden" type="application/json")`)
	eachPage(t, func(path, html string) {
		if found := forbidden.FindString(html); found != "" {
			t.Errorf("%s: %s", path, found)
		}
		for _, s := range scripts.FindAllString(html, -1) {
			if !allowed.MatchString(s) {
				t.Errorf("%s: %s", path, s)
			}
		}
	})
}

// A key without a text is shown as it is, which nobody should see.
func TestPagesHaveAllTheirWords(t *testing.T) {
	key := regexp.MustCompile(`\b(ui|frame|date)\.[a-z_]+`)
	eachPage(t, func(path, html string) {
		if found := key.FindString(html); found != "" {
			t.Errorf("%s shows the key %s", path, found)
		}
	})
}

func TestIdsAreUnique(t *testing.T) {
	ids := regexp.MustCompile(`\sid="([^"]+)"`)
	eachPage(t, func(path, html string) {
		seen := map[string]bool{}
		for _, m := range ids.FindAllStringSubmatch(html, -1) {
			if seen[m[1]] {
				t.Errorf("%s: the id %s stands twice", path, m[1])
			}
			seen[m[1]] = true
		}
	})
}

func eachPage(t *testing.T, see func(path, html string)) {
	t.Helper()
	site := serve(t)
	for _, path := range Paths() {
		for _, query := range []string{"", "?taal=en&thema=dark"} {
			answer, err := http.Get(site + path + query)
			if err != nil {
				t.Fatal(err)
			}
			html, err := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if err != nil || answer.StatusCode != http.StatusOK {
				t.Fatal(path, answer.Status, err)
			}
			see(path+query, string(html))
		}
	}
}
