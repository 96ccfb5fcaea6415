import type { Deviation, DeviationKind, Ignored, Verification } from '../../model/verdict/index.ts';
import { entryTest, signatureTests } from '../formats/junit.ts';
import { noteText } from '../note-text.ts';
import { ignoredText } from '../scan/exceptions-text.ts';
import {
  type EntryLevel,
  type EntryLocation,
  type EntryRule,
  imageFacts,
  notice,
  noticesOf,
  type ReportEntry,
  type ReportNotice,
  type ReportSubject,
  type ReportTest,
  type TestSuite,
} from '../subject.ts';
import { plural } from '../text-table.ts';
import { deviationText } from './words.ts';

interface KindWords {
  short: string;
  full: string;
  help: string;
  level: EntryLevel;
  securitySeverity: number;
}

const kinds: Readonly<Record<DeviationKind, KindWords>> = {
  unowned: {
    short: 'Executable or library of no package',
    full: 'A file that the system can run or load belongs to no installed package.',
    help: 'Find out what put it there. If it is yours, leave it out with --allow.',
    level: 'warning',
    securitySeverity: 5.5,
  },
  changed: {
    short: 'File is not as its package brought it',
    full: 'Content, type or link target of a packaged file differ from what the package brought.',
    help: 'Install the package again, or find out what changed the file.',
    level: 'error',
    securitySeverity: 8,
  },
  missing: {
    short: 'File of a package is missing',
    full: 'A package installed this file, and it is gone.',
    help: 'Install the package again, or remove it as a whole.',
    level: 'note',
    securitySeverity: 2,
  },
  config: {
    short: 'Configuration file is changed',
    full: 'A configuration file differs from the one that its package brought.',
    help: 'Compare it with the one of the package.',
    level: 'note',
    securitySeverity: 1,
  },
  setuid: {
    short: 'Setuid or setgid file that nothing accounts for',
    full: 'Who runs this file gets the rights of its owner or group, and no package asked for that.',
    help: 'Take the bit away with chmod u-s,g-s, or record it with dpkg-statoverride.',
    level: 'error',
    securitySeverity: 8,
  },
  capability: {
    short: 'File with capabilities that nothing accounts for',
    full: 'Who runs this file gets capabilities, and no package asked for that.',
    help: 'Take them away with setcap -r.',
    level: 'error',
    securitySeverity: 8,
  },
  'world-writable': {
    short: 'Path that everybody can write to',
    full: 'Every user of the system can change this path.',
    help: 'Take the right away with chmod o-w.',
    level: 'warning',
    securitySeverity: 5.5,
  },
  attributes: {
    short: 'Mode or owner is not as packaged',
    full: 'Mode or owner of the path differ from what the package database records.',
    help: 'Set mode and owner as packaged.',
    level: 'note',
    securitySeverity: 2,
  },
};

/** An entry for each path, of the rule that is its kind of deviation. */
export function verificationSubject(
  { result, name }: { result: Verification; name: string },
  toolVersion: string,
): ReportSubject {
  const { image, counts, inventory, signed } = result;
  const { notes } = inventory;
  return {
    toolVersion,
    name,
    category: `scapfeed-verify/${name}`,
    entries: entriesOf(result),
    worstFirst: (a, b) => weightOf(b) - weightOf(a),
    notices: noticesOf({ ...(signed && { signed }), notes }, undefined, noticesOfFiles(result)),
    facts: { ...imageFacts(image), counts },
  };
}

/** A test that fails for each deviation, and an error for each package without a list of files; a suite is never empty. */
export function verificationSuite({ result, name }: { result: Verification; name: string }): TestSuite {
  const { deviations, uncovered, inventory } = result;
  const signatures = signatureTests(result);
  const isFine = deviations.length + uncovered.length + signatures.length === 0;
  return {
    command: 'verify',
    name,
    tests: [
      ...signatures,
      ...uncovered.map((pkg): ReportTest => {
        const message = 'the package has no list of its files';
        return { group: 'uncovered', title: pkg.name, outcome: 'error', message, type: 'uncovered' };
      }),
      ...entriesOf(result).map(entryTest),
      ...(isFine ? [{ group: 'scapfeed', title: 'every file is as packaged' }] : []),
    ],
    remarks: inventory.notes.map(noteText),
  };
}

function entriesOf({ deviations, accepted = [], image }: Verification): ReportEntry[] {
  return [...deviations, ...accepted].map((deviation) => entryOf(deviation, image));
}

/** By the weight of their kinds; within a kind in the result's own order. */
function weightOf({ ruleId }: ReportEntry): number {
  return kinds[ruleId as DeviationKind].securitySeverity;
}

function entryOf(
  deviation: Deviation & { ignored?: Ignored },
  { layers }: Verification['image'],
): ReportEntry {
  const { kind, path, packages, layer, sha256, detail, ignored } = deviation;
  const from = layer === undefined ? undefined : (layers[layer]?.diffId ?? layers[layer]?.digest);
  return {
    ruleId: kind,
    rule: () => ruleOf(kind),
    state: 'found',
    severity: kind,
    level: kinds[kind].level,
    message: deviationText(deviation),
    path,
    places: [
      ...packages.map((one): EntryLocation => ({ name: one, fullName: one, kind: 'package' })),
      ...(from === undefined ? [] : [{ name: `layer ${layer! + 1}`, fullName: from, kind: 'module' }]),
    ],
    identity: [kind, path],
    ...(ignored === undefined ? {} : { accepted: ignoredText(ignored) }),
    properties: { detail, ...(sha256 === undefined ? {} : { sha256 }) },
    test: {
      title: path,
      reason: ignored === undefined ? detail : ignoredText(ignored),
      evidence: () => deviationText(deviation),
    },
  };
}

function ruleOf(kind: DeviationKind): EntryRule {
  const { short, full, help, level, securitySeverity } = kinds[kind];
  return {
    id: kind,
    short,
    full,
    help: { text: help, markdown: help },
    level,
    tags: ['security', 'integrity'],
    securitySeverity,
  };
}

function noticesOfFiles({ uncovered, allowed, accepted = [], unverified }: Verification): ReportNotice[] {
  const left = Object.values(allowed).reduce((sum, count) => sum + count, 0) - accepted.length;
  const names = uncovered.map(({ name }) => name).join(', ');
  const unlisted = `${plural(uncovered.length, 'package')} without a list of files: ${names}`;
  const leftOut = `${plural(left, 'deviation')} left out by --allow`;
  return [
    ...notice('error', 'uncovered_packages', uncovered.length > 0 ? unlisted : undefined),
    ...notice('note', 'allowed', left > 0 ? leftOut : undefined),
    ...unverified.flatMap(({ reason, files }) =>
      notice('note', reason, `${plural(files, 'file')} not compared: ${reason.replaceAll('_', ' ')}`),
    ),
  ];
}
