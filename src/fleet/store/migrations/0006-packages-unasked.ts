/**
 * A verdict that begins does not look for its package: whoever judges a package holds it, and `prune` takes what is said of it along.
 * These looks were a third of what a first run cost the database; for `prune`, they read all verdicts anew for each package.
 */
export const packagesUnasked = `
ALTER TABLE fleet.verdicts DROP CONSTRAINT verdicts_package_fkey;
ALTER TABLE fleet.uncovered DROP CONSTRAINT uncovered_package_fkey;
`;
