-- An address to which the lab's own people sent an invitation that was accepted is known to be its owner's: tiers rest on it.
UPDATE "users" AS u SET email_verified = EXISTS (
  SELECT FROM "invitations" i JOIN "members" l ON l.user_id = i.inviter_id AND l.organization_id = 'lab'
  WHERE i.status = 'accepted' AND lower(i.email) = lower(u.email)
);
