package config

import (
	"strings"
	"testing"
)

func TestNothingSet(t *testing.T) {
	s, err := Read([]string{"HOME=/home/x", "PATH=/bin"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Addr != "127.0.0.1:8080" || s.URL != "http://127.0.0.1:8080" || s.DatabaseFile() != "data/leerkring.db" ||
		s.MailFolder() != "data/mail" || s.Redis != "" || s.QueueBytes != 1<<20 || s.Unlimited() {
		t.Errorf("%+v", s)
	}
}

func TestEachWrongSettingIsNamed(t *testing.T) {
	for setting, part := range map[string]string{
		"LEERKRING_ADRR=x":               "did you mean LEERKRING_ADDR",
		"LEERKRING_BANANA=1":             "there is no setting LEERKRING_BANANA",
		"LEERKRING_ADDR=8080":            "LEERKRING_ADDR must be HOST:PORT",
		"LEERKRING_URL=leren.example":    "LEERKRING_URL must be",
		"LEERKRING_URL=https://x.nl/pad": "LEERKRING_URL must be",
		"LEERKRING_DATABASE=mysql://x":   "must begin with postgres://",
		"LEERKRING_REDIS=redis://a,b":    "LEERKRING_REDIS must hold",
		"LEERKRING_SMTP=mail.example":    "must begin with smtp://",
		"LEERKRING_LIMITS=maybe":         "must be on or off",
		"LEERKRING_COMPRESSION=gzip":     "must be on or off",
		"LEERKRING_QUEUE_BYTES=veel":     "whole number of bytes",
		"LEERKRING_QUEUE_BYTES=10":       "at least 4096",
		"LEERKRING_METRICS=here":         "LEERKRING_METRICS must be HOST:PORT",
		"LEERKRING_MAIL_FROM=iemand":     "LEERKRING_MAIL_FROM must be",
	} {
		if _, err := Read([]string{setting}); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v", setting, err)
		}
	}
	_, err := Read([]string{"LEERKRING_ADDR=x", "LEERKRING_LIMITS=x"})
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("two wrong ones: %v", err)
	}
}

func TestHelpNamesEverySetting(t *testing.T) {
	for _, line := range Help() {
		if !strings.HasPrefix(line.Name, "LEERKRING_") || line.Help == "" {
			t.Errorf("%+v", line)
		}
	}
}
