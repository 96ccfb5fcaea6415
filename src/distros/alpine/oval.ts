import type { Platform, ShardClaim } from '../../model/index.ts';
import type { Test, TextObject } from '../../oval/document/components.ts';
import type { DistroOval } from '../../oval/forms/distro-oval.ts';
import { escapePattern } from '../../oval/forms/dpkg-patterns.ts';
import { type FormContext, OvalForm, once } from '../../oval/forms/form.ts';
import { noteUnparsable } from '../../oval/forms/inexact.ts';
import { coverageDefinition, inventoryDefinition, osReleaseTest } from '../../oval/forms/release.ts';
import type { FlawRow, Way } from '../../oval/forms/rows.ts';
import { plainThreshold } from '../shared/threshold.ts';
import { olderThan } from './oval-older-than.ts';
import { alpinePages } from './rule.ts';

export const alpineOval: DistroOval = {
  id: 'alpine',
  forms: (context) => [fixedForm(context)],
  cpe: ({ os: { version } }) =>
    version === 'edge'
      ? 'cpe:/o:alpinelinux:alpine_linux:edge'
      : `cpe:/o:alpinelinux:alpine_linux:${version}`,
  pages: alpinePages,
};

const suffix = 'oval';

/** With a merged /usr, /lib is a link, and the path is the same. */
const file = { filepath: '/lib/apk/db/installed' } as const;

/** Alpine says nothing of flaws without a fix, so there is one file. */
function fixedForm(context: FormContext): OvalForm {
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
      inventoryDefinition(index.platform, cpe, releaseTest(index.platform)),
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

function releaseTest(platform: Platform): Test {
  const { version } = platform.os;
  const pattern =
    version === 'edge' ? '[0-9.]+_alpha[0-9]*' : String.raw`${escapePattern(version!)}(?:\.[0-9.]+)?`;
  return osReleaseTest(platform, pattern);
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
