package component

import "testing"

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"Marieke de Vries":            "MV",
		"Jan van der Meulen-Hofstra":  "JM",
		"Yusuf":                       "Y",
		"  ":                          "",
		"🌻🌻":                          "",
		"'s-Gravesande":               "S",
		"émile Zola":                  "ÉZ",
		"محمد الأمين":                 "ما",
		"Anna Maria Elisabeth Jansen": "AJ",
		"van der berg":                "V",
	} {
		if got := initials(name); got != want {
			t.Errorf("initials(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestHuesStayWithinTheirNumber(t *testing.T) {
	if got := hueClass("Marieke de Vries"); got != hueClass("Marieke de Vries") {
		t.Error("the same name has two hues", got)
	}
	for hue, want := range map[int]string{0: "lk-mark-0", 7: "lk-mark-7", 8: "lk-mark-0", -1: "lk-mark-7"} {
		if got := MarkClass(hue); got != want {
			t.Errorf("MarkClass(%d) = %s, want %s", hue, got, want)
		}
	}
}
