/**
 * Owners of images: by rules of a policy, which look at names, labels and the namespaces that ask for an image. A waiver of an owner
 * acts in its images only, and a token of the role `team` sees these alone. The role is new: a server of an older version lets such a
 * token do nothing.
 */
export const owners = `
ALTER TABLE fleet.names ADD COLUMN namespaces text[] NOT NULL DEFAULT '{}';
ALTER TABLE fleet.waivers ADD COLUMN owner text;
ALTER TABLE fleet.tokens DROP CONSTRAINT tokens_role_check;
ALTER TABLE fleet.tokens ADD COLUMN owner text;
ALTER TABLE fleet.tokens ADD CONSTRAINT tokens_role_check CHECK (role IN ('send', 'team', 'read', 'write', 'admin'));
ALTER TABLE fleet.tokens ADD CONSTRAINT tokens_owner_check CHECK ((owner IS NOT NULL) = (role = 'team'));
`;
