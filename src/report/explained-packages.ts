import { type FeedOrigin, type Gap, isUnrated, type ViewedVerdict } from '../model/index.ts';
import { feedText } from './feed-text.ts';
import { line } from './printable.ts';
import { stateText } from './scan/words.ts';
import { shellWord } from './shell-word.ts';
import { plural, textTable } from './text-table.ts';
import { unreadText } from './unread-text.ts';

/**
 * The packages of an image that have a verdict for a vulnerability. schemas/explained-packages.schema.json describes the JSON.
 */
export interface ExplainedPackages {
  tool: string;
  feed: FeedOrigin;
  image: { reference: string; digest?: string };
  platform: { id: string; name: string; updated: string };
  vulnerability: string;
  gaps: readonly Gap[];
  verdicts: readonly ViewedVerdict[];
  /** Number of packages that could not be judged and may be affected. */
  uncovered: number;
  /** True if the feed contains the vulnerability. */
  known: boolean;
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

export function explainedPackagesText(explained: ExplainedPackages): string {
  const { tool, feed, image, platform, vulnerability, gaps, verdicts, uncovered, known } = explained;
  const rows = verdicts.map((verdict) => {
    const { package: pkg } = verdict;
    const severity = isUnrated(verdict) ? 'unknown' : verdict.severity;
    const fix = verdict.fixedVersion === undefined ? '' : verdict.fixedVersion;
    return [`${pkg.name}:${pkg.arch}`, pkg.version, severity, stateText(verdict), fix];
  });
  const named = verdicts[0]?.package.name ?? 'PACKAGE';
  return [
    line(`${vulnerability} in ${image.reference}, judged as ${platform.name}: ${tool}`),
    line(feedText(feed)),
    ...gaps.map((gap) => line(unreadText(gap))),
    ...(rows.length > 0
      ? [
          textTable(['PACKAGE', 'INSTALLED', 'SEVERITY', 'STATE', 'FIXED IN'], rows),
          line(
            `why: scapfeed explain ${shellWord(image.reference)} ${shellWord(verdicts[0]!.vulnerability)} ${shellWord(named)}`,
          ),
        ]
      : [
          line(
            known
              ? `the feed has no statement about ${vulnerability} in a package of this image`
              : `nothing in this feed names ${vulnerability}`,
          ),
        ]),
    ...(uncovered > 0 ? [line(`${plural(uncovered, 'package')} could not be judged and may have it`)] : []),
  ].join('');
}
