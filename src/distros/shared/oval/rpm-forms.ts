import type { ShardClaim } from '../../../model/feed/index.ts';
import type { RpmObject } from '../../../oval/document/components.ts';
import { rpmLimit } from '../../../oval/document/evr.ts';
import { type FormContext, OvalForm } from '../../../oval/forms/form.ts';
import { noteUnparsable } from '../../../oval/forms/inexact.ts';
import { coverageDefinition, inventoryDefinition } from '../../../oval/forms/release.ts';
import { type FlawRow, flawKey, type Selection, unreadKey, type Way } from '../../../oval/forms/rows.ts';
import { type RpmBook, readRpmIndex } from './rpm-book.ts';
import { noteCauses, rpmManifestForms, selectionsOf } from './rpm-manifest-form.ts';
import { anyRpm, type RpmOvalPlan, releaseTest } from './rpm-patterns.ts';
import { haveSameClaims, rpmClaim } from './rpm-rule.ts';
import { type RpmGroup, rpmWays, type SharedItems } from './rpm-ways.ts';
import { WaysOfClaims } from './ways-of-claims.ts';

/**
 * Rpm packages: rpminfo sees only binaries, so a source's rows are applied to the binaries in the vendor's documents. A binary with
 * rows of its own is judged by both together, in the definition with its own name.
 */
export function rpmForms(context: FormContext, plan: RpmOvalPlan): OvalForm[] {
  const { index, inexact } = context;
  const book = readRpmIndex(index);
  const forms = selectionsOf(plan).map((selection) => rpmForm(context, plan, book, selection));
  noteCauses(inexact, plan.causes.rpm, forms);
  return [...forms, ...rpmManifestForms(context, plan, book)];
}

function rpmForm(context: FormContext, plan: RpmOvalPlan, book: RpmBook, selection: Selection): OvalForm {
  const { index, inexact, cpe } = context;
  const { platform } = index;
  const suffix = selection === 'fixed' ? 'oval' : 'unfixed.oval';
  const major = platform.os.version!;
  const anything = { comment: 'at least one rpm is listed', object: anyRpm() };
  return new OvalForm(context, {
    suffix,
    selection,
    head: [
      inventoryDefinition(platform, cpe, releaseTest(plan, major)),
      coverageDefinition(platform, anything),
    ],
    ways: (line) => {
      const items: SharedItems = new Map();
      const objects = new Map<string, RpmObject>();
      const known = new WaysOfClaims<RpmGroup, Way[]>(isSameGroup);
      return (row) => {
        const unparsable = row.claims.some(
          ({ fixed }) => fixed !== undefined && rpmLimit(fixed) === undefined,
        );
        if (unparsable) noteUnparsable(inexact, suffix, row.vulnerability, line.package);
        if (unparsable) return [];
        const ways = known.of(row.claims, groupsOf(line.package, row, book, objects), (groups) =>
          groups.flatMap((group) => rpmWays(group, selection, plan, major, book, items)),
        );
        const guessed = book.binariesOf(line.package) === undefined && row.claims.some(isSourceClaim);
        if (ways.length > 0 && guessed) {
          inexact.item(
            'binaries_unknown',
            binariesUnknown,
            suffix,
            flawKey(selection, row.vulnerability, line.package),
          );
        }
        return ways;
      };
    },
    installed: ({ package: name }) => {
      const binaries = book.binariesOf(name);
      if (binaries === undefined)
        inexact.item('binaries_unknown', binariesUnknown, suffix, unreadKey('flaw', name));
      const names = [...new Set([name, ...(binaries ?? [])])];
      const comment = `${names.length === 1 ? name : `a binary of ${name}`} is installed`;
      return { test: { comment, object: objectOf(names, name, new Map()) } };
    },
  });
}

/**
 * Binaries with the same rows, for one vulnerability of one line: those of a source without rows of their own, and the binary
 * with the line's name, judged by its own rows and those of its sources together.
 */
function groupsOf(name: string, row: FlawRow, book: RpmBook, objects: Map<string, RpmObject>): RpmGroup[] {
  const { vulnerability: id } = row;
  const groups: RpmGroup[] = [];
  const sourceRows = row.claims.filter(isSourceClaim).map((claim) => rpmClaim(claim, name, 'source', 'own'));
  const ownRows = row.claims
    .filter((claim) => !isSourceClaim(claim))
    .map((claim) => rpmClaim(claim, name, 'binary', 'own'));
  if (sourceRows.length > 0) {
    const names = book.binariesOf(name) ?? [name];
    const plain = names.filter((binary) => book.binaryRows.get(binary)?.get(id) === undefined);
    if (plain.length > 0) {
      const what = plain.length === 1 ? plain[0]! : `a binary of ${name}`;
      groups.push({ what, object: objectOf(plain, name, objects), rows: sourceRows });
    }
  }
  if (ownRows.length > 0) {
    groups.push({
      what: name,
      object: objectOf([name], name, objects),
      rows: [...ownRows, ...sourceRows, ...book.sourceRowsOf(name, id)],
    });
  }
  return groups;
}

function objectOf(names: readonly string[], source: string, objects: Map<string, RpmObject>): RpmObject {
  const key = names.join();
  const known = objects.get(key);
  if (known) return known;
  const name =
    names.length === 1 ? names[0]! : { comment: `binaries of ${source}`, values: [...names].sort() };
  const object: RpmObject = { kind: 'rpm', name };
  objects.set(key, object);
  return object;
}

function isSameGroup(a: RpmGroup, b: RpmGroup): boolean {
  return a.what === b.what && a.object === b.object && haveSameClaims(a.rows, b.rows);
}

function isSourceClaim({ subject }: ShardClaim): boolean {
  return subject !== 'binary';
}

const binariesUnknown = 'No document shows binaries of the source: only a binary of its name is looked for.';
