import { plural } from '../text-table.ts';
import type { ImageChanges } from './image-changes.ts';

/** A part of the comparison of two images, in texts, for every format that people read. */
export interface DiffPart {
  title: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
  /** Totals of the rows, or that there are none. */
  totals: readonly string[];
}

/** The two images, a line each, and why one of them is not known in full. */
export function diffSides({ before, after }: ImageChanges): { sides: string[]; gaps: string[] } {
  const all = [before, after];
  return {
    sides: all.map(
      ({ reference, system, platform, packages, flaws }) =>
        `${reference}: ${system}, judged as ${platform}; ${plural(packages, 'package')}, ${plural(flaws, 'flaw')}`,
    ),
    gaps: all.flatMap(({ reference, gaps }) => gaps.map((gap) => `not known in full: ${reference}: ${gap}`)),
  };
}

/** The differences: flaws, packages, and files and rules if they were requested. */
export function diffParts(changes: ImageChanges): DiffPart[] {
  const { deviations, rules } = changes;
  return [
    flawPart(changes),
    packagePart(changes),
    ...(deviations ? [deviationPart(deviations)] : []),
    ...(rules ? [rulePart(rules)] : []),
  ];
}

function flawPart({ flaws, unchanged, hidden }: ImageChanges): DiffPart {
  const count = (kind: string) => flaws.filter(({ change }) => change === kind).length;
  const unknown = count('unknown');
  return {
    title: 'Flaws',
    head: ['FLAW', 'VULNERABILITY', 'SEVERITY', 'SOURCE', 'BEFORE', 'AFTER'],
    rows: flaws.map(({ change, vulnerability, severity, source, before = '', after = '' }) => [
      ...[change, vulnerability, severity, source, before, after],
    ]),
    totals: [
      `${plural(count('new'), 'new flaw')}, ${count('gone')} gone, ${count('changed')} changed, ${unchanged} in both`,
      ...(unknown > 0
        ? [
            `${plural(unknown, 'flaw')} of packages that one of the images has and that could not be judged there`,
          ]
        : []),
      ...(hidden > 0 ? [`${hidden} more that the default view hides: --all lists them`] : []),
    ],
  };
}

function packagePart({ packages }: ImageChanges): DiffPart {
  const kinds = ['added', 'removed', 'upgraded', 'downgraded', 'changed'] as const;
  const counts = kinds.flatMap((kind) => {
    const count = packages.filter(({ change }) => change === kind).length;
    return count > 0 ? [`${count} ${kind}`] : [];
  });
  return {
    title: 'Packages',
    head: ['PACKAGE', 'NAME', 'BEFORE', 'AFTER'],
    rows: packages.map(({ change, name, architecture, before, after }) => [
      change,
      architecture === '' ? name : `${name}:${architecture}`,
      before.join(', '),
      after.join(', '),
    ]),
    totals: [
      packages.length === 0
        ? 'no package differs'
        : `${plural(packages.length, 'package')} ${differ(packages)}: ${counts.join(', ')}`,
    ],
  };
}

function deviationPart(deviations: NonNullable<ImageChanges['deviations']>): DiffPart {
  return {
    title: 'Files',
    head: ['FILE', 'DEVIATION', 'PATH', 'BEFORE', 'AFTER'],
    rows: deviations.map(({ change, kind, path, before = '', after = '' }) => [
      ...[change, kind, path, before, after],
    ]),
    totals: [
      deviations.length === 0
        ? 'no deviation of a file differs'
        : `${plural(deviations.length, 'deviation')} of files ${differ(deviations)}`,
    ],
  };
}

function rulePart(rules: NonNullable<ImageChanges['rules']>): DiffPart {
  return {
    title: 'Rules',
    head: ['RULE', 'SEVERITY', 'BEFORE', 'AFTER'],
    rows: rules.map(({ id, severity, before, after }) => [
      ...[id.replace(/^.*_rule_/, ''), severity, before, after],
    ]),
    totals: [
      rules.length === 0
        ? 'no result of a rule differs'
        : `${plural(rules.length, 'result')} of rules ${differ(rules)}`,
    ],
  };
}

function differ({ length }: readonly unknown[]): string {
  return length === 1 ? 'differs' : 'differ';
}
