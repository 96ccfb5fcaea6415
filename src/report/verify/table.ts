import { compareCodeUnits } from '../../model/order.ts';
import {
  type Deviation,
  type DeviationKind,
  deviationKinds,
  type PrivilegedFile,
  type UnverifiedReason,
  type Verification,
} from '../../model/verdict/index.ts';
import { layerText } from '../inventory-table.ts';
import { noteText } from '../note-text.ts';
import { policyLines } from '../policy-text.ts';
import { line } from '../printable.ts';
import { signatureFault } from '../signed-verdict.ts';
import { systemName } from '../system-name.ts';
import { plural, textTable, thousands } from '../text-table.ts';
import { deviationWords } from './words.ts';

export interface VerifyTableOptions {
  color: boolean;
  /** List every deviation, and permissions that are allowed. */
  all: boolean;
}

/** Rows shown per kind without --all. */
const shownRows = 20;
/** Notes and packages shown without --all. */
const shownNames = 5;

/** Formats a verification: what was compared, each kind of deviation with its layer, what is not known. */
export function verificationTable(result: Verification, options: VerifyTableOptions): string {
  const groups = deviationKinds.flatMap((kind) => {
    const rows = result.deviations.filter((deviation) => deviation.kind === kind);
    return rows.length > 0 ? [group(kind, rows, result, options)] : [];
  });
  return [
    header(result),
    '\n',
    ...(groups.length > 0 ? groups : [clean(result), '\n']),
    footer(result, options),
  ].join('');
}

function clean({ allowed, counts }: Verification): string {
  if (Object.keys(allowed).length > 0) return 'nothing but what --allow leaves out\n';
  return counts.compared === 0
    ? 'no deviation is known: no file could be compared with what its package brought\n'
    : 'every executable is of a package, and every file that was compared is as packaged\n';
}

function header({ tool, image, inventory, counts }: Verification): string {
  const databases = inventory.databases.map(({ path }) => path).join(', ');
  const system = systemName(inventory.os) ?? 'system unknown';
  return [
    tool,
    `${image.reference}: ${system}, ${plural(inventory.packages, 'package')} in ${databases}, ${layersText(image)}`,
    `${plural(counts.files, 'file')}, ${thousands(counts.owned)} owned by packages, ${thousands(counts.compared)} compared with the digests of their packages`,
  ]
    .map(line)
    .join('');
}

function layersText({ layers }: Verification['image']): string {
  if (layers.length === 0) return 'a directory, which has no layers';
  const hasHistory = layers.some(({ createdBy }) => createdBy !== undefined);
  return `${plural(layers.length, 'layer')}${hasHistory ? '' : ' without a history'}`;
}

function group(
  kind: DeviationKind,
  rows: readonly Deviation[],
  result: Verification,
  { color, all }: VerifyTableOptions,
): string {
  const [one, many] = deviationWords[kind];
  const heading = plural(rows.length, one, many);
  const shown = all ? rows : rows.slice(0, shownRows);
  const { layers } = result.image;
  const layered = layers.length > 0 && rows.some(({ layer }) => layer !== undefined);
  const head = ['PATH', 'WHAT', 'PACKAGE', ...(layered ? ['LAYER'] : [])];
  const cells = shown.map((row) => [
    row.path,
    whatText(row),
    row.packages.length > 0 ? row.packages.join(', ') : '-',
    ...(row.layer !== undefined ? [layerText(row.layer, layers[row.layer])] : []),
  ]);
  return [
    color ? `\x1b[1m${heading}\x1b[0m\n` : `${heading}\n`,
    textTable(head, cells).replace(/^(?=.)/gm, '  '),
    shown.length < rows.length ? restLine(rows.slice(shown.length)) : '',
    '\n',
  ].join('');
}

const originWords: Partial<Record<PrivilegedFile['origin'], string>> = {
  not_as_packaged: 'packaged without',
  not_recorded: 'dpkg records no modes, and the package is not known for it',
};

function whatText({ kind, detail, executable, origin, mode }: Deviation): string {
  const word = origin && originWords[origin];
  if (word !== undefined) return `${detail} (${word})`;
  return kind === 'unowned' && executable !== 'library' ? `${detail}, mode ${mode}` : detail;
}

/** The folders with most of the rows that are not shown. */
function restLine(rows: readonly Deviation[]): string {
  const folders = new Map<string, number>();
  for (const { path } of rows) {
    const folder = path.split('/', 3).join('/');
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  const ranked = [...folders].sort(([a, m], [b, n]) => n - m || compareCodeUnits(a, b)).slice(0, shownNames);
  const named = ranked.map(([folder, count]) => `${folder} ${thousands(count)}`).join(', ');
  return line(`  and ${thousands(rows.length)} more (${named}): --all lists them`);
}

const reasonWords: Readonly<Record<UnverifiedReason, string>> = {
  no_digest: 'their packages bring no digest of them',
  left_out_by_packager: 'their packagers took them out of verification',
  not_hashed: 'their digests are not known (stored with holes, of another algorithm, or gone by on a stream)',
};

function footer(
  {
    deviations,
    allowed,
    accepted = [],
    policy,
    privileged,
    counts,
    unverified,
    uncovered,
    inventory,
    ...result
  }: Verification,
  { all }: VerifyTableOptions,
): string {
  const limit = all ? Number.POSITIVE_INFINITY : shownNames;
  const fault = signatureFault(result);
  const lines = [...privilegedLines(privileged, all), ...absentLines(counts.absent)];
  if (fault) lines.push(`signatures: ${fault.text}`);
  for (const { reason, files, packages } of unverified) {
    lines.push(
      `${plural(files, 'file')} cannot be verified: ${reasonWords[reason]} (${packages.join(', ')})`,
    );
  }
  const taken = Object.entries(allowed).map(([kind, count]) => `${thousands(count)} ${kind}`);
  if (taken.length > 0)
    lines.push(
      `left out by --allow${policy || accepted.length > 0 ? ' or the policy' : ''}: ${taken.join(', ')}`,
    );
  lines.push(...policyLines(policy));
  if (uncovered.length > 0) {
    const names = uncovered.slice(0, limit).map(({ name }) => name);
    const more = uncovered.length > names.length ? `, ${uncovered.length - names.length} more` : '';
    lines.push(
      `NOT COVERED: ${plural(uncovered.length, 'package')} without a list of files: ${names.join(', ')}${more}`,
    );
  }
  lines.push(...inventory.notes.slice(0, limit).map(noteText));
  if (inventory.notes.length > limit)
    lines.push(`and ${inventory.notes.length - limit} more notes: -o json has them`);
  if (deviations.length > 0) {
    lines.push(
      "next: -o json has every sha256; --allow 'PATTERN' leaves out what you put there; --fail-on KIND makes it a gate",
    );
  }
  return lines.map(line).join('');
}

function privilegedLines(privileged: readonly PrivilegedFile[], all: boolean): string[] {
  if (privileged.length === 0) return [];
  const words = {
    setuid: 'setuid or setgid',
    capability: 'with capabilities',
    'world-writable': 'world-writable',
  };
  const counted = Object.entries(words).flatMap(([kind, text]) => {
    const count = privileged.filter((file) => file.kind === kind).length;
    return count > 0 ? [`${count} ${text}`] : [];
  });
  const rows = privileged.map(({ path, mode, origin, packages, capabilities = '' }) =>
    `  ${mode} ${path} ${capabilities} ${packages.join(', ')}, ${origin.replaceAll('_', ' ')}`.replaceAll(
      '  ',
      ' ',
    ),
  );
  return [
    `rights that are accounted for: ${counted.join(', ')}${all ? '' : ' (--all lists them)'}`,
    ...(all ? rows : []),
  ];
}

function absentLines({
  documentation,
  config,
  optional,
  undescribed,
}: Verification['counts']['absent']): string[] {
  const parts = [
    [documentation, 'of documentation and translations'],
    [config, 'of configuration'],
    [optional, 'that may be'],
    [undescribed, 'directories or links'],
  ] as const;
  const counted = parts.flatMap(([count, words]) => (count > 0 ? [`${thousands(count)} ${words}`] : []));
  return counted.length > 0 ? [`packaged and not there: ${counted.join(', ')}`] : [];
}
