package notify

import "time"

// Hurry gives a mailer over SMTP less patience, and Distrust makes it look at
// certificates as it does for a server on another machine.
func Hurry(m Mailer, step, whole time.Duration) { m.(*smtp).step, m.(*smtp).whole = step, whole }

// Distrust is described at Hurry.
func Distrust(m Mailer) { m.(*smtp).trusted = false }
