import type { UnreadRecord } from '../model/feed/index.ts';
import { type FeedOrigin, type Gap, isUnrated, type ViewedVerdict } from '../model/verdict/index.ts';
import { recordText } from './explanation.ts';
import { feedText } from './feed-text.ts';
import { gapText } from './gap-text.ts';
import { line } from './printable.ts';
import { stateText } from './scan/words.ts';
import { shellWord } from './shell-word.ts';
import { plural, textTable } from './text-table.ts';

/**
 * The packages of an image that have a verdict for a vulnerability. schemas/explained-packages.schema.json describes the JSON.
 */
export interface ExplainedPackages {
  tool: string;
  feed: FeedOrigin;
  image: { reference: string; digest?: string };
  platform: { id: string; name: string; updated?: string };
  vulnerability: string;
  gaps: readonly Gap[];
  verdicts: readonly ViewedVerdict[];
  /** Statements about packages of the image that name the vulnerability and could not be read when the feed was built. */
  unread: readonly UnreadStatement[];
  /** Number of packages that could not be judged and may be affected. */
  uncovered: number;
  /** True if the feed contains the vulnerability. */
  known: boolean;
}

/** A statement that could not be read, and the source package that it is about. */
export interface UnreadStatement extends UnreadRecord {
  source: string;
}

export function explainedPackagesJson({ verdicts, ...rest }: ExplainedPackages): string {
  const packages = verdicts.map((verdict) => {
    const { package: pkg, status, fixState, fixedVersion, severity, advisories, vulnerability } = verdict;
    return {
      vulnerability,
      name: pkg.name,
      architecture: pkg.arch,
      version: pkg.version,
      source: pkg.source,
      status,
      fixState,
      fixedVersion,
      severity,
      advisories,
    };
  });
  return `${JSON.stringify({ format: 'scapfeed/explained-packages/1', ...rest, packages }, undefined, 2)}\n`;
}

/** `options`: words that a command line for this feed and image needs. */
/** `again`: where a command finds the image, unless by its reference, and the options of that command. */
export function explainedPackagesText(
  explained: ExplainedPackages,
  again: { place?: string | undefined; options: readonly string[] },
): string {
  const { tool, feed, image, platform, vulnerability, gaps, verdicts, uncovered, unread } = explained;
  const rows = verdicts.map((verdict) => {
    const { package: pkg } = verdict;
    const severity = isUnrated(verdict) ? 'unknown' : verdict.severity;
    const fix = verdict.fixedVersion === undefined ? '' : verdict.fixedVersion;
    return [
      pkg.arch === '' ? pkg.name : `${pkg.name}:${pkg.arch}`,
      pkg.version,
      severity,
      stateText(verdict),
      fix,
    ];
  });
  const [first] = verdicts;
  return [
    line(`${vulnerability} in ${image.reference}, judged as ${platform.name}: ${tool}`),
    line(feedText(feed)),
    ...gaps.map((gap) => line(gapText(gap, platform.name))),
    ...(first
      ? [
          textTable(['PACKAGE', 'INSTALLED', 'SEVERITY', 'STATE', 'FIXED IN'], rows),
          whyText(explained, first, again),
        ]
      : [line(withoutStatement(explained))]),
    ...unread.map(({ source, ...record }) =>
      line(`not read: the vendor's statement about ${vulnerability} in ${source}: ${recordText(record)}`),
    ),
    ...(uncovered > 0 ? [line(`${plural(uncovered, 'package')} could not be judged and may have it`)] : []),
  ].join('');
}

function whyText(
  { image }: ExplainedPackages,
  { vulnerability, package: pkg }: ViewedVerdict,
  { place = image.reference, options }: Parameters<typeof explainedPackagesText>[1],
): string {
  const words = ['scapfeed', 'explain', place, vulnerability, pkg.name, ...options];
  return line(`why: ${words.map(shellWord).join(' ')}`);
}

function withoutStatement({ vulnerability, known, unread }: ExplainedPackages): string {
  if (unread.length > 0)
    return `the vendor's statement about ${vulnerability} could not be read when the feed was built`;
  return known
    ? `the feed has no statement about ${vulnerability} in a package of this image`
    : `nothing in this feed names ${vulnerability}`;
}
