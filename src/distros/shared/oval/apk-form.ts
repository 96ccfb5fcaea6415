import type { ShardClaim } from '../../../model/index.ts';
import type { Test, TextObject } from '../../../oval/document/components.ts';
import { escapePattern } from '../../../oval/forms/dpkg-patterns.ts';
import { type FormContext, OvalForm, once } from '../../../oval/forms/form.ts';
import { noteUnparsable } from '../../../oval/forms/inexact.ts';
import { coverageDefinition, inventoryDefinition, osReleaseTest } from '../../../oval/forms/release.ts';
import type { FlawRow, Way } from '../../../oval/forms/rows.ts';
import { plainThreshold } from '../threshold.ts';
import { olderThan } from './apk-older-than.ts';

const suffix = 'oval';

/** With a merged /usr, /lib is a link, and the path is the same. */
const file = { filepath: '/lib/apk/db/installed' } as const;

/** Flaws with a fix, by the origins of apk's packages. `versionId`: PCRE of VERSION_ID. */
export function apkFixedForm(context: FormContext, versionId: string): OvalForm {
  const { index, inexact, cpe } = context;
  inexact.general('no_database', 'Without a package database all but the coverage definition are false.', [
    suffix,
  ]);
  inexact.general(
    'unparsable_installed_version',
    'An installed version that apk would not take for one meets no limit; the index sets it apart.',
    [suffix],
  );
  inexact.general(
    'not_covered',
    'A package that the release never shipped is compared by its origin like any other; the index sets it apart.',
    [suffix],
  );
  return new OvalForm(context, {
    suffix,
    selection: 'fixed',
    head: [
      inventoryDefinition(index.platform, cpe, osReleaseTest(index.platform, versionId)),
      coverageDefinition(index.platform, { comment: 'an installed package is listed', object: anything }),
    ],
    ways: ({ package: source }) => {
      const object = ofOrigin(source);
      const tests = new Map<string, Test>();
      return (row) => {
        const below = limitOf(row);
        if (!below) return [];
        const pattern = olderThan(below.fixed);
        if (pattern === undefined) {
          noteUnparsable(inexact, suffix, row.vulnerability, context.subjectOf(source));
          return [];
        }
        const test = once(
          tests,
          below.fixed,
          (): Test => ({
            comment: `${source} is earlier than ${below.fixed}`,
            object,
            state: { kind: 'text', capture: { pattern } },
          }),
        );
        return [{ claim: below.claim, item: { test } } satisfies Way];
      };
    },
    installed: ({ package: source }) => ({
      test: { comment: `${source} is installed`, object: ofOrigin(source) },
    }),
  });
}

/** The version that fixed a flaw, by the rule that the runtime has. */
function limitOf({ claims }: FlawRow): { fixed: string; claim: ShardClaim } | undefined {
  const threshold = plainThreshold(claims.map((claim) => ({ kind: claim, claim })));
  if (threshold?.below.otherwise.fixState !== 'available') return undefined;
  const { fixed, row } = threshold.below;
  return fixed === undefined ? undefined : { fixed, claim: row.claim };
}

const anything: TextObject = { kind: 'text', file, pattern: String.raw`^P:\S+$`, instance: 'first' };

/** Lines of a record but `o:`, which comes before the files. */
const between = String.raw`(?:(?!o:)[A-Za-z]:[^\n]*\n)*?`;

/**
 * Every installed package of an origin, with its version in group 1. A record without `o:` is its own origin. The match begins
 * at `P:`, so results name the package.
 */
function ofOrigin(source: string): TextObject {
  const name = escapePattern(source);
  const named = String.raw`P:\S+\nV:(\S+)\n${between}o:${name}`;
  const own = String.raw`P:${name}\nV:(\S+)(?=\n)(?!\n${between}o:)`;
  return { kind: 'text', file, pattern: `^(?|${named}|${own})$`, instance: 'every' };
}
