import type { Deviation, DeviationKind, Ignored, Verification } from '../../model/index.ts';
import { noteLine } from '../note-text.ts';
import {
  type SarifLevel,
  type SarifNotification,
  type SarifPlace,
  type SarifResult,
  type SarifRule,
  type SarifRun,
  sarifLog,
  sarifUri,
} from '../sarif/log.ts';
import { signatureNotification } from '../sarif/signature-notification.ts';
import { ignoredText } from '../scan/exceptions-text.ts';
import { stableImageName } from '../scan/words.ts';
import { plural } from '../text-table.ts';
import { deviationText } from './words.ts';

interface KindWords {
  short: string;
  full: string;
  help: string;
  level: SarifLevel;
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

/** Formats a verification as SARIF 2.1.0: a rule for each kind of deviation, a result for each path. */
export function verificationSarif(
  result: Verification,
  toolVersion: string,
  name: string = stableImageName(result.image.reference),
): Iterable<string> {
  return sarifLog(verificationRun(result, toolVersion, name));
}

/** The run of one image; several images have one each. */
export function verificationRun(result: Verification, toolVersion: string, name: string): SarifRun {
  const { reference, digest } = result.image;
  return {
    toolVersion,
    category: `scapfeed-verify/${name}`,
    results: resultsOf(result, name),
    notifications: notificationsOf(result),
    properties: {
      image: reference,
      ...(digest === undefined ? {} : { imageDigest: digest }),
      counts: result.counts,
    },
  };
}

function* resultsOf({ deviations, accepted = [], image }: Verification, name: string): Iterable<SarifResult> {
  const rules = new Map<DeviationKind, SarifRule>();
  const all: readonly (Deviation & { ignored?: Ignored })[] = [...deviations, ...accepted];
  for (const deviation of worstFirst(all)) {
    const { kind, path, packages, layer, sha256, detail, ignored } = deviation;
    let rule = rules.get(kind);
    if (!rule) {
      rule = ruleOf(kind);
      rules.set(kind, rule);
    }
    const from =
      layer === undefined ? undefined : (image.layers[layer]?.diffId ?? image.layers[layer]?.digest);
    const places: SarifPlace[] = [
      ...packages.map((one) => ({ name: one, fullName: one, kind: 'package' })),
      ...(from === undefined ? [] : [{ name: `layer ${layer! + 1}`, fullName: from, kind: 'module' }]),
    ];
    yield {
      rule,
      level: rule.level,
      message: deviationText(deviation),
      uri: sarifUri(name, path),
      logical: places,
      identity: [kind, path, name],
      ...(ignored === undefined ? {} : { suppressed: ignoredText(ignored) }),
      properties: { detail, ...(sha256 === undefined ? {} : { sha256 }) },
    };
  }
}

/** By the weight of their kinds; within a kind in the result's own order. */
function worstFirst<Each extends Deviation>(deviations: readonly Each[]): Each[] {
  return [...deviations].sort((a, b) => kinds[b.kind].securitySeverity - kinds[a.kind].securitySeverity);
}

function ruleOf(kind: DeviationKind): SarifRule {
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

function notificationsOf({
  uncovered,
  allowed,
  accepted = [],
  unverified,
  inventory,
  ...result
}: Verification): SarifNotification[] {
  const left = Object.values(allowed).reduce((sum, count) => sum + count, 0) - accepted.length;
  return [
    ...signatureNotification(result),
    ...(uncovered.length > 0
      ? [
          {
            level: 'error',
            id: 'uncovered_packages',
            text: `${plural(uncovered.length, 'package')} without a list of files: ${uncovered.map(({ name }) => name).join(', ')}`,
          } as const,
        ]
      : []),
    ...(left > 0
      ? [{ level: 'note', id: 'allowed', text: `${plural(left, 'deviation')} left out by --allow` } as const]
      : []),
    ...unverified.map(
      ({ reason, files }): SarifNotification => ({
        level: 'note',
        id: reason,
        text: `${plural(files, 'file')} not compared: ${reason.replaceAll('_', ' ')}`,
      }),
    ),
    ...inventory.notes.map(
      (note): SarifNotification => ({ level: 'note', id: note.code, text: noteLine(note) }),
    ),
  ];
}
