import { line } from '../printable.ts';
import { plural, textTable } from '../text-table.ts';
import type { ImageChanges } from './image-changes.ts';

/** Formats what differs between two images: packages, flaws, and files and rules where these were asked for. */
export function imageChangesTable(changes: ImageChanges): string {
  const { tool, before, after } = changes;
  const sides = [before, after].map(
    ({ reference, system, platform, packages, flaws }) =>
      `${reference}: ${system}, judged as ${platform}; ${plural(packages, 'package')}, ${plural(flaws, 'flaw')}`,
  );
  const gaps = [before, after].flatMap(({ reference, gaps: all }) =>
    all.map((gap) => `not known in full: ${reference}: ${gap}`),
  );
  return [
    ...[tool, ...sides, ...gaps].map(line),
    '\n',
    flawPart(changes),
    packagePart(changes),
    ...(changes.deviations ? [deviationPart(changes.deviations)] : []),
    ...(changes.rules ? [rulePart(changes.rules)] : []),
  ].join('');
}

function flawPart({ flaws, unchanged, hidden }: ImageChanges): string {
  const rows = flaws.map(({ change, vulnerability, severity, source, before = '', after = '' }) => [
    change,
    vulnerability,
    severity,
    source,
    before,
    after,
  ]);
  const table = textTable(['FLAW', 'VULNERABILITY', 'SEVERITY', 'SOURCE', 'BEFORE', 'AFTER'], rows);
  const count = (kind: string) => flaws.filter(({ change }) => change === kind).length;
  const totals = [
    `${plural(count('new'), 'new flaw')}, ${count('gone')} gone, ${count('changed')} changed, ${unchanged} in both`,
    ...(count('unknown') > 0
      ? [
          `${plural(count('unknown'), 'flaw')} of packages that one of the images has and that could not be judged there`,
        ]
      : []),
    ...(hidden > 0 ? [`${hidden} more that the default view hides: --all lists them`] : []),
  ];
  return `${rows.length > 0 ? table : ''}${totals.map(line).join('')}\n`;
}

function packagePart({ packages }: ImageChanges): string {
  if (packages.length === 0) return 'no package differs\n';
  const rows = packages.map(({ change, name, architecture, before, after }) => [
    change,
    architecture === '' ? name : `${name}:${architecture}`,
    before.join(', '),
    after.join(', '),
  ]);
  const kinds = ['added', 'removed', 'upgraded', 'downgraded', 'changed'] as const;
  const counts = kinds.flatMap((kind) => {
    const count = packages.filter(({ change }) => change === kind).length;
    return count > 0 ? [`${count} ${kind}`] : [];
  });
  return `${textTable(['PACKAGE', 'NAME', 'BEFORE', 'AFTER'], rows)}${line(`${plural(packages.length, 'package')} ${packages.length === 1 ? 'differs' : 'differ'}: ${counts.join(', ')}`)}`;
}

function deviationPart(deviations: NonNullable<ImageChanges['deviations']>): string {
  if (deviations.length === 0) return '\nno deviation of a file differs\n';
  const rows = deviations.map(({ change, kind, path, before = '', after = '' }) => [
    change,
    kind,
    path,
    before,
    after,
  ]);
  return `\n${textTable(['FILE', 'DEVIATION', 'PATH', 'BEFORE', 'AFTER'], rows)}${line(`${plural(deviations.length, 'deviation')} of files ${deviations.length === 1 ? 'differs' : 'differ'}`)}`;
}

function rulePart(rules: NonNullable<ImageChanges['rules']>): string {
  if (rules.length === 0) return '\nno result of a rule differs\n';
  const rows = rules.map(({ id, severity, before, after }) => [
    id.replace(/^.*_rule_/, ''),
    severity,
    before,
    after,
  ]);
  return `\n${textTable(['RULE', 'SEVERITY', 'BEFORE', 'AFTER'], rows)}${line(`${plural(rules.length, 'result')} of rules ${rules.length === 1 ? 'differs' : 'differ'}`)}`;
}
