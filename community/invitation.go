package community

import (
	"context"
	"strings"
	"time"

	"leerkring/internal/cursor"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/jobs"
	"leerkring/internal/limits"
)

// Invitation lets somebody into a space: one mail address, or as many as the
// link may be used by.
type Invitation struct {
	ID      int64
	SpaceID int64
	// Code is the secret in the address. It is kept as it is, since whoever may
	// invite may see it again.
	Code      string
	Mail      *string
	Uses      int
	Used      int
	ExpiresAt time.Time
	CreatedBy int64
	CreatedAt time.Time
}

// NewInvitation is for one mail address, or for Uses people by a link.
type NewInvitation struct {
	Mail      string     `json:"mail" validate:"omitempty,email,max=254"`
	Uses      *int       `json:"uses" validate:"omitnil,min=1,max=1000"`
	ExpiresAt *time.Time `json:"expires_at"`
}

// JobInvitationMail is the queue's word for mailing an invitation. Its payload
// is an [InvitationMail].
const JobInvitationMail = "mail.invitation"

// InvitationMail says which invitation to mail.
type InvitationMail struct{ Invitation int64 }

// Invite makes an invitation. It ends after 30 days when nothing is said.
func (c *Community) Invite(ctx context.Context, actor Actor, spaceID int64, in NewInvitation) (Invitation, error) {
	in.Mail = strings.TrimSpace(in.Mail)
	var made Invitation
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		space, err := Enter(tx, actor, ManageMembers, spaceID)
		if err != nil {
			return err
		}
		now := c.clock.Now()
		made, err = invitationFrom(in, now)
		if err != nil {
			return err
		}
		if space.Kind == KindDirect {
			return fault.New(fault.Conflict, "space.direct_stays")
		}
		made.SpaceID, made.Code, made.CreatedBy, made.CreatedAt = spaceID, newSecret(), actor.Person, now
		if err := tx.Get(&made.ID, `INSERT INTO invitations (space_id, code, mail, uses, expires_at, created_by, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			spaceID, made.Code, made.Mail, made.Uses, made.ExpiresAt, actor.Person, now); err != nil {
			return err
		}
		if made.Mail == nil {
			return nil
		}
		return jobs.Enqueue(tx, now, jobs.Job{Kind: JobInvitationMail, Payload: InvitationMail{Invitation: made.ID}})
	})
	if err == nil {
		c.tell.WorkWaits()
	}
	return made, err
}

func invitationFrom(in NewInvitation, now time.Time) (Invitation, error) {
	if err := fault.Check(in); err != nil {
		return Invitation{}, err
	}
	invitation := Invitation{Uses: 1, ExpiresAt: now.Add(limits.InvitationDefaultLife)}
	if in.Uses != nil {
		invitation.Uses = *in.Uses
	}
	if in.Mail != "" {
		if invitation.Uses != 1 {
			return Invitation{}, fault.InvalidField("uses", "too_high", "Max", 1)
		}
		invitation.Mail = &in.Mail
	}
	if in.ExpiresAt != nil {
		invitation.ExpiresAt = in.ExpiresAt.UTC().Truncate(time.Millisecond)
		if !invitation.ExpiresAt.After(now) {
			return Invitation{}, fault.InvalidField("expires_at", "in_the_past")
		}
		if invitation.ExpiresAt.After(now.Add(limits.InvitationLife)) {
			return Invitation{}, fault.InvalidField("expires_at", "too_far")
		}
	}
	return invitation, nil
}

const invitationColumns = `i.id, i.space_id, i.code, i.mail, i.uses, i.used, i.expires_at, i.created_by, i.created_at`

// Invitations lists those of a space that still work, the newest first.
func (c *Community) Invitations(ctx context.Context, actor Actor, spaceID int64, page Page) (list []Invitation, next string, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		if err := maySeeInvitations(tx, actor, spaceID); err != nil {
			return err
		}
		before := int64(1) << 53
		if page.Cursor != "" {
			key, err := cursor.Decode(page.Cursor, 1)
			if err != nil {
				return err
			}
			before = key[0]
		}
		if err := tx.Select(&list, `SELECT `+invitationColumns+` FROM invitations i
			WHERE i.space_id = ? AND i.id < ? AND i.revoked_at IS NULL AND i.expires_at > ? AND i.used < i.uses
			ORDER BY i.id DESC LIMIT ?`, spaceID, before, c.clock.Now(), page.Limit+1); err != nil {
			return err
		}
		if len(list) > page.Limit {
			list = list[:page.Limit]
			next = cursor.Encode(list[len(list)-1].ID)
		}
		return nil
	})
	return list, next, err
}

// maySeeInvitations: whoever may invite. Reading the codes takes no scope "write".
func maySeeInvitations(tx *database.Tx, actor Actor, spaceID int64) error {
	space, err := Enter(tx, actor, Read, spaceID)
	if err == nil && !allows(space.Role, ManageMembers) {
		return fault.Refused()
	}
	return err
}

// RevokeInvitation ends an invitation.
func (c *Community) RevokeInvitation(ctx context.Context, actor Actor, spaceID, id int64) error {
	return c.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := Enter(tx, actor, ManageMembers, spaceID); err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE invitations SET revoked_at = ? WHERE id = ? AND space_id = ? AND revoked_at IS NULL`,
			c.clock.Now(), id, spaceID)
		if err == nil && n == 0 {
			return fault.Missing()
		}
		return err
	})
}

// Welcome is what an invitation shows to whoever holds its code.
type Welcome struct {
	Space     string
	SpaceID   int64
	About     string
	InvitedBy string
	// Mail is the address it is for, or "".
	Mail string
}

// Invitation returns what stands on an invitation that still works.
func (c *Community) Invitation(ctx context.Context, code string) (w Welcome, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		invitation, err := openInvitation(tx, c.clock.Now(), code)
		if err != nil {
			return err
		}
		if invitation.Mail != nil {
			w.Mail = *invitation.Mail
		}
		w.SpaceID = invitation.SpaceID
		var row struct{ Space, About, InvitedBy string }
		err = tx.Get(&row, `SELECT s.name AS space, s.description AS about, p.name AS invited_by
			FROM spaces s JOIN people p ON p.id = ? WHERE s.id = ?`, invitation.CreatedBy, invitation.SpaceID)
		w.Space, w.About, w.InvitedBy = row.Space, row.About, row.InvitedBy
		return err
	})
	return w, err
}

// InvitationToMail returns what a mail about an invitation needs.
func (c *Community) InvitationToMail(ctx context.Context, id int64) (code string, w Welcome, err error) {
	if err := c.db.Read(ctx, func(tx *database.Tx) error {
		err := tx.Get(&code, `SELECT code FROM invitations WHERE id = ?`, id)
		if err == database.ErrNoRows {
			return fault.Missing()
		}
		return err
	}); err != nil {
		return "", Welcome{}, err
	}
	w, err = c.Invitation(ctx, code)
	return code, w, err
}

// AcceptInvitation makes actor a member of the space they were invited to, and
// returns it. Who already is one uses nothing up.
func (c *Community) AcceptInvitation(ctx context.Context, actor Actor, code string) (Space, error) {
	var joined Space
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		there, err := tx.Exists(`SELECT 1 FROM invitations WHERE code = ?`, code)
		if err != nil {
			return err
		}
		if !there {
			return fault.Missing()
		}
		if err := MayWrite(actor); err != nil {
			return err
		}
		var mail string
		if err := tx.Get(&mail, `SELECT mail FROM people WHERE id = ?`, actor.Person); err != nil {
			return err
		}
		space, err := c.acceptInvitation(tx, c.clock.Now(), code, actor.Person, mail)
		if err != nil {
			return err
		}
		joined, err = spaceWithMembers(tx, actor, space)
		return err
	})
	if err == nil {
		c.tell.AccessChanged(actor.Person)
	}
	return joined, err
}

// acceptInvitation counts a use and writes the membership.
func (c *Community) acceptInvitation(tx *database.Tx, now time.Time, code string, person int64, mail string) (spaceID int64, err error) {
	invitation, err := openInvitation(tx, now, code)
	if err != nil {
		return 0, err
	}
	if err := invitation.isFor(mail); err != nil {
		return 0, err
	}
	role, err := roleOf(tx, invitation.SpaceID, person)
	if err != nil || role != Outsider {
		return invitation.SpaceID, err
	}
	if err := maySetAsideRemoval(tx, invitation, person); err != nil {
		return 0, err
	}
	// The condition counts at the moment of the update: of many who use the last
	// place at once, one has it.
	n, err := tx.Exec(`UPDATE invitations SET used = used + 1 WHERE id = ? AND used < uses AND revoked_at IS NULL`, invitation.ID)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, invitationIsOver()
	}
	if err := insertMember(tx, now, invitation.SpaceID, person, Member); err != nil {
		return 0, err
	}
	return invitation.SpaceID, c.noteAccess(tx, person)
}

// InvitationStands returns the condition under which the invitation in i still
// works at now, and the condition's argument. It is openInvitation for lists.
func InvitationStands(i string, now time.Time) (condition string, arg any) {
	var mayInvite []string
	for _, role := range Roles {
		if allows(role, ManageMembers) {
			mayInvite = append(mayInvite, "'"+string(role)+"'")
		}
	}
	return i + `.revoked_at IS NULL AND ` + i + `.used < ` + i + `.uses AND EXISTS (SELECT 1 FROM memberships im
		WHERE im.space_id = ` + i + `.space_id AND im.person_id = ` + i + `.created_by AND im.role IN (` + strings.Join(mayInvite, ", ") + `))
		AND ` + i + `.expires_at > ?`, now
}

// openInvitation returns an invitation that still works. Its right is looked
// at now: it ends when the one who made it may no longer invite.
func openInvitation(tx *database.Tx, now time.Time, code string) (Invitation, error) {
	var row struct {
		Invitation
		RevokedAt *time.Time
		Inviter   Role
	}
	err := tx.Get(&row, `SELECT `+invitationColumns+`, i.revoked_at, coalesce(m.role, '') AS inviter FROM invitations i
		LEFT JOIN memberships m ON m.space_id = i.space_id AND m.person_id = i.created_by WHERE i.code = ?`, code)
	if err == database.ErrNoRows {
		return Invitation{}, fault.Missing()
	}
	if err != nil {
		return Invitation{}, err
	}
	if row.RevokedAt != nil || !row.ExpiresAt.After(now) || row.Used >= row.Uses || !allows(row.Inviter, ManageMembers) {
		return Invitation{}, invitationIsOver()
	}
	return row.Invitation, nil
}

func invitationIsOver() error { return fault.New(fault.Conflict, "invitation.is_over") }

// isFor refuses an invitation for another mail address.
func (i Invitation) isFor(mail string) error {
	if i.Mail != nil && FoldMail(*i.Mail) != FoldMail(mail) {
		return fault.New(fault.Forbidden, "invitation.for_another")
	}
	return nil
}

// maySetAsideRemoval: who was removed comes back by an invitation to them,
// made since; not by a link that went around.
func maySetAsideRemoval(tx *database.Tx, invitation Invitation, person int64) error {
	var removedAt time.Time
	err := tx.Get(&removedAt, `SELECT removed_at FROM removals WHERE space_id = ? AND person_id = ?`, invitation.SpaceID, person)
	if err == database.ErrNoRows {
		return nil
	}
	if err != nil {
		return err
	}
	if invitation.Mail == nil || invitation.CreatedAt.Before(removedAt) {
		return fault.New(fault.Forbidden, "space.was_removed")
	}
	return nil
}
