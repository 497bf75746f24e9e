package guard

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// group finds a run of digits.
var group = regexp.MustCompile(`\d+`)

// bsnShapes is how nine digits are grouped when people write them down. Eight,
// a zero being left out, count only where the text says what they are.
var bsnShapes = [][]int{{9}, {3, 3, 3}, {4, 2, 3}, {2, 2, 2, 3}, {8}}

// bsns looks for nine digits that pass the eleven test.
func (s *scan) bsns() {
	groups := group.FindAllStringIndex(s.text, -1)
	for i := range groups {
		for _, shape := range bsnShapes {
			if i+len(shape) > len(groups) || !s.hasShape(groups[i:i+len(shape)], shape) {
				continue
			}
			start, end := groups[i][0], groups[i+len(shape)-1][1]
			digits := onlyDigits(s.text[start:end])
			if len(digits) == 8 && says(s.before(start, 40), "bsn", "burgerservicenummer", "sofinummer") {
				digits = "0" + digits
			}
			if isBSN(digits) && s.standsAlone(start, end) {
				s.take(BSN, start, end)
			}
		}
	}
}

// hasShape reports whether groups of digits have these lengths, with one
// separator between two.
func (s *scan) hasShape(groups [][]int, shape []int) bool {
	for i, g := range groups {
		if g[1]-g[0] != shape[i] {
			return false
		}
		if i > 0 && (g[0]-groups[i-1][1] != 1 || !strings.ContainsRune(" .-", rune(s.text[g[0]-1]))) {
			return false
		}
	}
	return true
}

// isBSN reports whether nine digits pass the eleven test.
func isBSN(digits string) bool {
	if len(digits) != 9 || digits == "000000000" {
		return false
	}
	sum := 0
	for i := range 8 {
		sum += (9 - i) * int(digits[i]-'0')
	}
	sum -= int(digits[8] - '0')
	return sum%11 == 0
}

var ibanBegin = regexp.MustCompile(`(?i)[a-z]{2}\d{2}[ .\-]?[a-z0-9]`)

// ibans looks for bank accounts: as long as the country says, and with the
// right check digits.
func (s *scan) ibans() {
	for from := 0; from < len(s.text); {
		at := ibanBegin.FindStringIndex(s.text[from:])
		if at == nil {
			return
		}
		start := from + at[0]
		from = start + 1
		if wordBefore(s.text, start) {
			continue
		}
		country := strings.ToUpper(s.text[start : start+2])
		end, compact := compactFrom(s.text, start, ibanLength[country])
		if compact == "" || wordAfter(s.text, end) || !checks97(compact) {
			continue
		}
		s.take(IBAN, start, end)
		from = end
	}
}

// compactFrom reads n letters and digits from start, with at most one separator
// between two of them.
func compactFrom(text string, start, n int) (end int, compact string) {
	if n == 0 {
		return start, ""
	}
	var b strings.Builder
	gap := false
	for i := start; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
			b.WriteByte(c)
			gap = false
			if b.Len() == n {
				return i + 1, strings.ToUpper(b.String())
			}
		case (c == ' ' || c == '.' || c == '-') && !gap:
			gap = true
		default:
			return start, ""
		}
	}
	return start, ""
}

// checks97 is the check of ISO 7064 that an IBAN carries: the first four moved
// to the end, letters as numbers, the rest of a division by 97 is 1.
func checks97(iban string) bool {
	rest := 0
	for _, c := range iban[4:] + iban[:4] {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest == 1
}

// ibanLength is how long an account of each country is (the registry of SWIFT).
var ibanLength = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
	"CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
	"FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
	"IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
	"LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18,
	"NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24,
	"SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24,
	"XK": 20,
}

// phoneForm finds what may be a telephone number: Dutch with a zero, or any
// with its country. The digits are counted afterwards.
var phoneForm = regexp.MustCompile(`(?:\+|\b00)\d{1,3}[ .\-]?(?:\(0\)[ .\-]?)?\d(?:[ .\-]{0,2}\d){5,12}|\(?\b0\d{1,3}\)?(?:[ .\-/]{0,3}\d){6,8}`)

// Numbers that belong to an organisation by their kind.
var officePhone = regexp.MustCompile(`^0(?:800|900|906|909|88|67|14)`)

func (s *scan) phones() {
	for _, at := range phoneForm.FindAllStringIndex(s.text, -1) {
		found := s.text[at[0]:at[1]]
		digits := onlyDigits(strings.ReplaceAll(found, "(0)", ""))
		if wordBefore(s.text, at[0]) || wordAfter(s.text, at[1]) {
			continue
		}
		national, abroad := "", false
		switch {
		case strings.HasPrefix(found, "+"), strings.HasPrefix(found, "00"):
			digits = strings.TrimPrefix(digits, "00")
			if rest, dutch := strings.CutPrefix(digits, "31"); dutch {
				national = "0" + strings.TrimPrefix(rest, "0")
			} else {
				abroad = len(digits) >= 9 && len(digits) <= 15
			}
		default:
			national = digits
		}
		if abroad || len(national) == 10 && national[1] != '0' && !officePhone.MatchString(national) {
			s.take(Phone, at[0], at[1])
		}
	}
}

var mailForm = regexp.MustCompile(`(?i)[\p{L}\d._%+'\-]+@[\p{L}\d\-]+(?:\.[\p{L}\d\-]+)+`)

// Post boxes of no one in particular.
var officeMail = map[string]bool{"info": true, "post": true, "gemeente": true, "contact": true, "secretariaat": true, "noreply": true,
	"no-reply": true, "helpdesk": true, "servicedesk": true, "redactie": true, "balie": true, "loket": true, "griffie": true, "klachten": true,
	"support": true, "office": true, "hello": true, "hallo": true, "team": true, "academie": true}

func (s *scan) mails() {
	for _, at := range mailForm.FindAllStringIndex(s.text, -1) {
		start, end := at[0], at[1]
		for start < end && strings.ContainsRune(`.'-_`, rune(s.text[start])) {
			start++
		}
		end = start + len(strings.TrimRight(s.text[start:end], "-"))
		local, _, _ := strings.Cut(strings.ToLower(s.text[start:end]), "@")
		if local == "" {
			continue
		}
		kind := Mail
		if officeMail[local] {
			kind = ""
		}
		s.take(kind, start, end)
	}
}

// Number plates by the side codes 1 to 14. From 1991 on they have no vowels
// (side codes 4 and above).
var (
	plateForm = regexp.MustCompile(`\b(?:[A-Z]{2}-\d{2}-\d{2}|\d{2}-\d{2}-[A-Z]{2}|\d{2}-[A-Z]{2}-\d{2}|` + newPlate("-") + `)\b`)
	// Without hyphens, or in small letters, only after the word.
	plateWord = regexp.MustCompile(`(?i)\b(?:kenteken|nummerbord|nummerplaat|number plate|licence plate)\b`)
	barePlate = regexp.MustCompile(`(?i)\b(?:[A-Z]{2}[ -]?\d{2}[ -]?\d{2}|\d{2}[ -]?\d{2}[ -]?[A-Z]{2}|\d{2}[ -]?[A-Z]{2}[ -]?\d{2}|` + newPlate("[ -]?") + `)\b`)
)

func newPlate(gap string) string {
	forms := "LL~99~LL|LL~LL~99|99~LL~LL|99~LLL~9|9~LLL~99|LL~999~L|L~999~LL|LLL~99~L|L~99~LLL|9~LL~999|999~LL~9"
	return strings.NewReplacer("L", "[BDFGHJKLMNPRSTVWXYZ]", "9", `\d`, "~", gap).Replace(forms)
}

func (s *scan) plates() {
	for _, at := range plateForm.FindAllStringIndex(s.text, -1) {
		if !hyphened(s.text, at) {
			s.take(Plate, at[0], at[1])
		}
	}
	for _, word := range plateWord.FindAllStringIndex(s.text, -1) {
		after := s.text[word[1]:min(len(s.text), word[1]+30)]
		if at := barePlate.FindStringIndex(after); at != nil {
			s.take(Plate, word[1]+at[0], word[1]+at[1])
		}
	}
}

// hyphened reports whether a piece is only a part of something longer with
// hyphens.
func hyphened(text string, at []int) bool {
	return at[0] > 0 && text[at[0]-1] == '-' || at[1]+1 < len(text) && text[at[1]] == '-' && wordAfter(text, at[1]+1)
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// standsAlone reports whether digits are no part of a longer number, a word or
// an amount.
func (s *scan) standsAlone(start, end int) bool {
	if wordBefore(s.text, start) || wordAfter(s.text, end) || strings.HasSuffix(strings.TrimRight(s.text[:start], " "), "€") {
		return false
	}
	joins := func(c byte) bool { return c == ',' || c == '/' || c == ':' || c == '_' || c == '#' || c == '=' }
	if start > 1 && joins(s.text[start-1]) {
		return s.text[start-1] == ':' && s.text[start-2] != '/' && !isDigit(s.text[start-2])
	}
	return end+1 >= len(s.text) || !joins(s.text[end]) || !isDigit(s.text[end+1])
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// before returns the text that leads up to a place, in small letters.
func (s *scan) before(at, bytes int) string { return strings.ToLower(s.text[max(0, at-bytes):at]) }

func says(text string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// wordBefore and wordAfter report whether a letter or digit touches a place.
func wordBefore(text string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func wordAfter(text string, at int) bool {
	r, _ := utf8.DecodeRuneInString(text[at:])
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
