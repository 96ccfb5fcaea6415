import type { ShardClaim } from '../../../model/index.ts';
import type { RpmObject } from '../../../oval/document/components.ts';
import { rpmLimit } from '../../../oval/document/evr.ts';
import { type FormContext, OvalForm } from '../../../oval/forms/form.ts';
import { type InexactList, noteUnparsable } from '../../../oval/forms/inexact.ts';
import { coverageDefinition, inventoryDefinition } from '../../../oval/forms/release.ts';
import { type FlawRow, flawKey, type Selection, type Way } from '../../../oval/forms/rows.ts';
import { type RedHatBook, readRedHatIndex } from './book.ts';
import { redHatManifestForms } from './manifest-form.ts';
import { anyRpm, rhelTest } from './patterns.ts';
import { rpmClaim } from './rule.ts';
import { type RpmGroup, rpmWays, type SharedItems } from './ways.ts';

/**
 * RHEL: rpminfo sees only binaries, so a source's rows are applied to the binaries in the vendor's documents. A binary with
 * rows of its own is judged by both together, in the definition with its own name.
 */
export function redHatForms(context: FormContext): OvalForm[] {
  const { index, inexact } = context;
  const book = readRedHatIndex(index);
  const forms = [rpmForm(context, book, 'fixed'), rpmForm(context, book, 'unfixed')];
  noteGeneralCauses(
    inexact,
    forms.map(({ suffix }) => suffix),
  );
  return [...forms, ...redHatManifestForms(context, book)];
}

function rpmForm(context: FormContext, book: RedHatBook, selection: Selection): OvalForm {
  const { index, inexact, cpe } = context;
  const { platform } = index;
  const suffix = selection === 'fixed' ? 'oval' : 'unfixed.oval';
  const major = platform.os.version!;
  const anything = { comment: 'at least one rpm is listed', object: anyRpm() };
  return new OvalForm(context, {
    suffix,
    selection,
    head: [inventoryDefinition(platform, cpe, rhelTest(major)), coverageDefinition(platform, anything)],
    ways: (line) => {
      const items: SharedItems = new Map();
      const objects = new Map<string, RpmObject>();
      return (row) => {
        const unparsable = row.claims.some(
          ({ fixed }) => fixed !== undefined && rpmLimit(fixed) === undefined,
        );
        if (unparsable) noteUnparsable(inexact, suffix, row.vulnerability, line.package);
        if (unparsable) return [];
        const ways: Way[] = [];
        for (const group of groupsOf(line.package, row, book, objects)) {
          ways.push(...rpmWays(group, selection, major, book, items));
        }
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
  });
}

/**
 * Binaries with the same rows, for one vulnerability of one line: those of a source without rows of their own, and the binary
 * with the line's name, judged by its own rows and those of its sources together.
 */
function groupsOf(name: string, row: FlawRow, book: RedHatBook, objects: Map<string, RpmObject>): RpmGroup[] {
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

function isSourceClaim({ subject }: ShardClaim): boolean {
  return subject !== 'binary';
}

const binariesUnknown = 'No document shows binaries of the source: only a binary of its name is looked for.';

function noteGeneralCauses(inexact: InexactList, files: readonly string[]): void {
  const causes: [string, string][] = [
    [
      'extended_channel',
      'The definitions speak of the main channel: a system on EUS, AUS, TUS, E4S or ELS is judged by it all the same.',
    ],
    ['layered_product', 'Rows of layered products stand in no OVAL file.'],
    ['unknown_binary', 'A binary of a source that no document shows is not looked for.'],
    [
      'binary_epoch',
      'A binary with another epoch or version than its source and without rows of its own is compared by its own.',
    ],
    [
      'several_sources',
      'A binary that was built from several sources is judged by the rows of each by itself.',
    ],
    [
      'module_unlabelled',
      "Module and minor of a modular build are told by its release: the label is not seen, and a number that no document names counts only with dnf's record of the module.",
    ],
    ['two_modules', "Two enabled modules with one package name cannot be told apart by dnf's records."],
    [
      'image_minor',
      'The minor of the system is that of its release package; without one no build without a minor of its own is judged.',
    ],
    [
      'foreign_vendor',
      'Unsigned packages are judged whatever their vendor; packages with a key that is not known are not.',
    ],
    ['bad_signature', 'A package whose signature librpm rejects is not seen.'],
    ['rebuild', 'Rebuilds of RHEL have another release package: every definition is false there.'],
    ['no_database', 'Without a package database all but the coverage definition are false.'],
  ];
  for (const [cause, what] of causes) inexact.general(cause, what, files);
}
