package api

import (
	"leerkring/community"
)

func (a *API) mySettings(c *call) (any, error) {
	return settingsAnswer(a.community.MySettings(c.ctx(), c.actor))
}

// SettingsChangeJSON is what of the settings is to be different.
type SettingsChangeJSON struct {
	Digest       *community.DigestFrequency `json:"digest" required:"false" enum:"off,daily,weekly"`
	Hour         *int                       `json:"hour" required:"false" minimum:"0" maximum:"23"`
	Weekday      *int                       `json:"weekday" required:"false" minimum:"1" maximum:"7"`
	TimeZone     *string                    `json:"time_zone" required:"false" example:"Europe/Amsterdam"`
	Language     *string                    `json:"language" required:"false" enum:"nl,en"`
	MailMentions *bool                      `json:"mail_mentions" required:"false"`
	Push         *bool                      `json:"push" required:"false"`
}

func (a *API) changeMySettings(c *call) (any, error) {
	var in SettingsChangeJSON
	if err := c.read(&in); err != nil {
		return nil, err
	}
	return settingsAnswer(a.community.ChangeSettings(c.ctx(), c.actor, community.SettingsChange{
		Digest: in.Digest, Hour: in.Hour, Weekday: in.Weekday, TimeZone: in.TimeZone, Language: in.Language,
		MailMentions: in.MailMentions, Push: in.Push,
	}))
}

func settingsAnswer(s community.Settings, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return SettingsJSON{
		Digest: string(s.Digest), Hour: s.Hour, Weekday: s.Weekday, TimeZone: s.TimeZone, Language: s.Language,
		MailMentions: s.MailMentions, Push: s.Push,
	}, nil
}
