/**
 * Tokens that send inventories of certain names and do nothing else. They have a role of their own: a server of an older version,
 * which knows nothing of names, lets them do nothing at all.
 */
export const sendingTokens = `
ALTER TABLE fleet.tokens DROP CONSTRAINT tokens_role_check;
ALTER TABLE fleet.tokens ADD COLUMN names text;
ALTER TABLE fleet.tokens ADD CONSTRAINT tokens_role_check CHECK (role IN ('send', 'read', 'write', 'admin'));
ALTER TABLE fleet.tokens ADD CONSTRAINT tokens_names_check CHECK ((names IS NOT NULL) = (role = 'send'));
`;
