// Package settings has what somebody chooses for themselves: what is mailed to
// them and when, language and looks, what others see of them, tokens for
// programs, and signing out.
package settings

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"leerkring/community"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
)

// The addresses of the parts.
const (
	profilePath = layout.SettingsPath + "/profiel"
	tokensPath  = layout.SettingsPath + "/tokens"
)

// frame returns the frame of a part of the settings.
func frame(v *page.Visit, part string) (layout.Frame, error) {
	title := v.Words.T("frame.settings")
	if part != title {
		title = part + " · " + title
	}
	return v.Frame(page.Around{Title: title, Section: layout.Settings})
}

// parts are the tabs of the settings.
func parts(v *page.Visit, current string) component.Tabs {
	tabs := component.Tabs{Label: v.Words.T("frame.parts_of", "Name", v.Words.T("frame.settings"))}
	for _, part := range []struct{ text, path string }{
		{"settings.general", layout.SettingsPath}, {"settings.profile", profilePath}, {"settings.tokens", tokensPath},
	} {
		tabs.Items = append(tabs.Items, component.Tab{Label: v.Words.T(part.text), Href: part.path, Current: part.path == current})
	}
	return tabs
}

// general is the form for mail, language and looks.
type general struct {
	layout.Frame
	Settings community.Settings
	Mail     string
	Problem  *page.Problem
}

// Show shows the settings.
func Show(v *page.Visit) error {
	settings, err := v.Community.MySettings(v.Context(), v.Actor)
	if err != nil {
		return err
	}
	return showGeneral(v, http.StatusOK, settings, nil)
}

func showGeneral(v *page.Visit, status int, settings community.Settings, problem *page.Problem) error {
	f, err := frame(v, v.Words.T("frame.settings"))
	if err != nil {
		return err
	}
	g := general{Frame: f, Settings: settings, Problem: problem}
	g.Failed = problem != nil
	if g.Mail, err = v.Community.MyMail(v.Context(), v.Actor); err != nil {
		return err
	}
	return v.ShowAs(status, generalPage(v, g))
}

// Save saves the settings.
func Save(v *page.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	typed := community.Settings{
		Digest: community.DigestFrequency(v.Value("digest")), Hour: number(v, "hour"), Weekday: number(v, "weekday"),
		TimeZone: v.Value("time_zone"), Language: v.Value("language"), MailMentions: v.Value("mail_mentions") != "", Theme: v.Value("theme"),
	}
	_, err := v.Community.ChangeSettings(v.Context(), v.Actor, community.SettingsChange{
		Digest: &typed.Digest, Hour: &typed.Hour, Weekday: &typed.Weekday, TimeZone: &typed.TimeZone,
		Language: &typed.Language, MailMentions: &typed.MailMentions, Theme: &typed.Theme,
	})
	if problem := v.Problem(err); problem != nil {
		return showGeneral(v, problem.Status, typed, problem)
	}
	if err != nil {
		return err
	}
	return v.Go(page.Done(layout.SettingsPath, "settings_saved"))
}

// number reads a number; what is none becomes one that does not fit.
func number(v *page.Visit, name string) int {
	n, err := strconv.Atoi(v.Value(name))
	if err != nil {
		return -1
	}
	return n
}

func (g general) digests(v *page.Visit) []component.Choice {
	return choices(v, "settings.digest_", string(g.Settings.Digest), "weekly", "daily", "off")
}

func (g general) themes(v *page.Visit) []component.Choice {
	return choices(v, "settings.theme_", g.Settings.Theme, "auto", "light", "dark")
}

// languages are named in their own words.
func (g general) languages() []component.Choice {
	return []component.Choice{
		{Value: "nl", Label: "Nederlands", Chosen: g.Settings.Language == "nl"},
		{Value: "en", Label: "English", Chosen: g.Settings.Language == "en"},
	}
}

func (g general) hours() (list []component.Choice) {
	for hour := range 24 {
		label := time.Date(2000, 1, 1, hour, 0, 0, 0, time.UTC).Format("15:04")
		list = append(list, component.Choice{Value: strconv.Itoa(hour), Label: label, Chosen: hour == g.Settings.Hour})
	}
	return list
}

func (g general) weekdays(v *page.Visit) (list []component.Choice) {
	for day := 1; day <= 7; day++ {
		list = append(list, component.Choice{
			Value: strconv.Itoa(day), Label: v.Words.Weekday(time.Weekday(day % 7)), Chosen: day == g.Settings.Weekday,
		})
	}
	return list
}

// zones are where the readers live; another that somebody has set stays.
var zones = []string{"Europe/Amsterdam", "America/Aruba", "America/Curacao", "America/Kralendijk", "America/Lower_Princes",
	"America/Paramaribo", "Europe/London", "Europe/Istanbul", "UTC"}

func (g general) zones() (list []component.Choice) {
	all := zones
	if !slices.Contains(all, g.Settings.TimeZone) {
		all = append([]string{g.Settings.TimeZone}, all...)
	}
	for _, zone := range all {
		list = append(list, component.Choice{Value: zone, Label: place(zone), Chosen: zone == g.Settings.TimeZone})
	}
	return list
}

// place is the part of a zone's name that people know: "Lower Princes".
func place(zone string) string {
	return strings.ReplaceAll(zone[strings.LastIndexByte(zone, '/')+1:], "_", " ")
}

// choices are values with the texts under key+value.
func choices(v *page.Visit, key, current string, values ...string) (list []component.Choice) {
	for _, value := range values {
		list = append(list, component.Choice{Value: value, Label: v.Words.T(key + value), Chosen: value == current})
	}
	return list
}
