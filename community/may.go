package community

import (
	"context"

	"leerkring/internal/database"
	"leerkring/internal/fault"
)

// What a door asks when it cannot read what somebody sent: who may not know of
// a thing, or may not touch it, is to hear that, and nothing about how their
// message was judged.

// May says whether actor may do this in a space, with the fault that doing it
// would give.
func (c *Community) May(ctx context.Context, actor Actor, action Action, spaceID int64) error {
	return c.db.Read(ctx, func(tx *database.Tx) error {
		_, err := Enter(tx, actor, action, spaceID)
		return err
	})
}

// MayPutMember says whether actor may do something to this person's membership
// of a space, with the fault that [Community.PutMember] would give.
func (c *Community) MayPutMember(ctx context.Context, actor Actor, spaceID, person int64) error {
	return c.db.Read(ctx, func(tx *database.Tx) error {
		space, err := Enter(tx, actor, Read, spaceID)
		if err != nil {
			return err
		}
		current, err := roleOf(tx, spaceID, person)
		if err != nil {
			return err
		}
		return mayPutMember(tx, actor, space, person, current, "")
	})
}

// MayWrite says whether what actor came with lets them change anything at all.
func MayWrite(actor Actor) error {
	if !actor.Scopes.Has(ScopeWrite) {
		return lacksScope(ScopeWrite)
	}
	return nil
}

// MayRead says whether what actor came with lets them read anything at all.
func MayRead(actor Actor) error {
	if !actor.Scopes.Has(ScopeRead) {
		return lacksScope(ScopeRead)
	}
	return nil
}

func lacksScope(scope Scopes) error {
	return fault.New(fault.Forbidden, "fault.no_scope", "Scope", scope.String())
}

// MaySeeInvitations says whether actor may see who is invited to a space.
func (c *Community) MaySeeInvitations(ctx context.Context, actor Actor, spaceID int64) error {
	return c.db.Read(ctx, func(tx *database.Tx) error { return maySeeInvitations(tx, actor, spaceID) })
}
