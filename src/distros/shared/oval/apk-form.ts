import type { ShardClaim } from '../../../model/feed/index.ts';
import type { Test, TextObject } from '../../../oval/document/components.ts';
import { escapePattern } from '../../../oval/forms/dpkg-patterns.ts';
import { type FormContext, OvalForm, once } from '../../../oval/forms/form.ts';
import { noteUnparsable } from '../../../oval/forms/inexact.ts';
import { coverageDefinition, inventoryDefinition, osReleaseTest } from '../../../oval/forms/release.ts';
import type { FlawRow, Selection, Way } from '../../../oval/forms/rows.ts';
import { plainThreshold } from '../threshold.ts';
import { olderThan } from './apk-older-than.ts';

/** With a merged /usr, /lib is a link, and the path is the same. */
const file = { filepath: '/lib/apk/db/installed' } as const;

/** Flaws with a fix, by the names of apk's packages. `versionId`: PCRE of VERSION_ID. */
export function apkFixedForm(context: FormContext, versionId: string): OvalForm {
  return apkForm(context, versionId, 'fixed');
}

/** Flaws without a fix, which any build has. */
export function apkUnfixedForm(context: FormContext, versionId: string): OvalForm {
  return apkForm(context, versionId, 'unfixed');
}

function apkForm(context: FormContext, versionId: string, selection: Selection): OvalForm {
  const { index, inexact, cpe } = context;
  const suffix = selection === 'fixed' ? 'oval' : 'unfixed.oval';
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
    selection,
    head: [
      inventoryDefinition(index.platform, cpe, osReleaseTest(index.platform, versionId)),
      coverageDefinition(index.platform, { comment: 'an installed package is listed', object: anything }),
    ],
    ways: ({ package: name }) => {
      const tests = new Map<string, Test>();
      const objects = new Map<string, TextObject>();
      return (row) =>
        [...scopesOf(row)].flatMap(([scope, claims]): Way[] => {
          const object = once(objects, scope, () => objectOf(name, claims[0]!));
          const test = testOf({ ...row, claims }, { selection, name, object, scope, tests });
          if (test === 'unparsable')
            noteUnparsable(inexact, suffix, row.vulnerability, context.subjectOf(name));
          return test === undefined || test === 'unparsable' ? [] : [test];
        });
    },
    installed: ({ package: name, claims }) => ({
      test: {
        comment: `${name} is installed`,
        object: claims.some(isByName) ? ofPackage(name) : ofOrigin(name),
      },
    }),
  });
}

/** Claims by the packages that they are about. */
function scopesOf({ claims }: FlawRow): Map<string, ShardClaim[]> {
  const scopes = new Map<string, ShardClaim[]>();
  for (const claim of claims) {
    const scope = `${claim.subject ?? ''} ${claim.arch?.join() ?? ''}`;
    const known = scopes.get(scope);
    if (known) known.push(claim);
    else scopes.set(scope, [claim]);
  }
  return scopes;
}

interface TestPlace {
  selection: Selection;
  name: string;
  object: TextObject;
  scope: string;
  tests: Map<string, Test>;
}

function testOf(row: FlawRow, place: TestPlace): Way | 'unparsable' | undefined {
  const { selection, name, object, scope, tests } = place;
  if (selection === 'unfixed') {
    const claim = row.claims.find(({ status }) => status === 'affected' || status === 'under_investigation');
    if (!claim || limitOf(row)) return undefined;
    const installed = (): Test => ({ comment: `${name} is installed`, object });
    return { claim, item: { test: once(tests, scope, installed) } };
  }
  const below = limitOf(row);
  if (!below) return undefined;
  const pattern = olderThan(below.fixed);
  if (pattern === undefined) return 'unparsable';
  const test = once(
    tests,
    `${scope} ${below.fixed}`,
    (): Test => ({
      comment: `${name} is earlier than ${below.fixed}`,
      object,
      state: { kind: 'text', capture: { pattern } },
    }),
  );
  return { claim: below.claim, item: { test } };
}

function isByName({ subject }: ShardClaim): boolean {
  return subject === 'binary';
}

function objectOf(name: string, claim: ShardClaim): TextObject {
  return isByName(claim) ? ofPackage(name, claim.arch) : ofOrigin(name, claim.arch);
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

/** The line of an architecture, which follows that of the version. */
function archLine(arch: readonly string[] | undefined): string {
  return arch === undefined
    ? ''
    : String.raw`\nA:(?:${[...arch, 'noarch'].map(escapePattern).join('|')})(?=\n)`;
}

/**
 * Every installed package of an origin, with its version in group 1. A record without `o:` is its own origin. The match begins
 * at `P:`, so results name the package.
 */
function ofOrigin(source: string, arch?: readonly string[]): TextObject {
  return textOf(originPatterns(source, arch));
}

/** The same, and the package of that name, whatever its origin. */
function ofPackage(name: string, arch?: readonly string[]): TextObject {
  return textOf([
    String.raw`P:${escapePattern(name)}\nV:(\S+)${archLine(arch)}`,
    ...originPatterns(name, arch),
  ]);
}

function originPatterns(source: string, arch: readonly string[] | undefined): string[] {
  const name = escapePattern(source);
  const built = archLine(arch);
  const named = String.raw`P:\S+\nV:(\S+)${built}\n${between}o:${name}`;
  const own = String.raw`P:${name}\nV:(\S+)${built}(?=\n)(?!\n${between}o:)`;
  return [named, own];
}

function textOf(patterns: readonly string[]): TextObject {
  return { kind: 'text', file, pattern: `^(?|${patterns.join('|')})$`, instance: 'every' };
}
