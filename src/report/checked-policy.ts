import type { VexRule } from '../model/verdict/index.ts';
import { line } from './printable.ts';
import { plural, textTable } from './text-table.ts';

/** The entries that a policy file accepts, with their end dates, and the options that it sets. */
export interface CheckedPolicy {
  file: string;
  /** SHA-256 of the file's bytes, in hexadecimal. */
  sha256: string;
  /** By command and name, the texts of each option that the file sets: `{ scan: { 'fail-on': ['high'] } }`. */
  options: Readonly<Record<'scan' | 'verify' | 'comply', Readonly<Record<string, readonly string[]>>>>;
  entries: readonly CheckedPolicyEntry[];
  /** Flaws that issuers of VEX may lift. Absent: every document that is named lifts what it says. */
  vex?: readonly VexRule[];
}

/** An entry of a policy: what it accepts, and why. Which lists it has depends on its section. */
export interface CheckedPolicyEntry {
  /** JSON pointer: `/ignore/0`, `/verify/allow/1`, `/comply/waivers/2`. */
  where: string;
  /** Line of its first word, from 1. */
  line: number;
  reason: string;
  /** The last day on which it applies: `2026-12-31`. */
  until?: string;
  /** True after its last day. */
  expired: boolean;
  vulnerability?: readonly string[];
  package?: readonly string[];
  path?: readonly string[];
  layer?: readonly string[];
  state?: readonly string[];
  rule?: readonly string[];
}

export function checkedPolicyText({ file, options, entries, vex = [] }: CheckedPolicy): string {
  const rows = entries.map((entry) => [
    String(entry.line),
    entry.where.slice(1).replaceAll('/', ' '),
    criteria(entry),
    entry.until === undefined ? '-' : `${entry.until}${entry.expired ? ' (expired)' : ''}`,
    entry.reason,
  ]);
  const set = Object.entries(options).flatMap(([command, values]) =>
    Object.entries(values).map(([name, texts]) => line(`${command} --${name} ${texts.join(',')}`.trimEnd())),
  );
  const expired = entries.filter((entry) => entry.expired).length;
  return [
    ...(rows.length > 0 ? [textTable(['LINE', 'ENTRY', 'WHAT', 'UNTIL', 'REASON'], rows)] : []),
    ...set,
    ...vex.map((rule) => line(rightText(rule))),
    line(
      `${file}: ${plural(rows.length, 'exception')}${expired > 0 ? `, ${expired} expired` : ''}, ${plural(set.length, 'option')}`,
    ),
  ].join('');
}

/** `VEX by repository rancher may lift pkg:golang/* in docker.io/rancher: not_affected`. */
function rightText({ by, images, purls, statuses }: VexRule): string {
  const parties = by.map((party) =>
    Object.entries(party)
      .map(([kind, name]) => (name === true ? kind : `${kind} ${name}`))
      .join(', '),
  );
  const where = images.length > 0 ? ` in ${images.join(', ')}` : '';
  return `VEX by ${parties.join(' or ')} may lift ${purls.join(', ')}${where}: ${statuses.join(', ')}`;
}

const shownCriteria = ['vulnerability', 'package', 'path', 'layer', 'state', 'rule'];

/** In the order of the file. */
function criteria(entry: CheckedPolicyEntry): string {
  return Object.entries(entry)
    .flatMap(([name, value]) =>
      shownCriteria.includes(name) && Array.isArray(value) && value.length > 0
        ? [`${name} ${value.join(', ')}`]
        : [],
    )
    .join('; ');
}
