import { ScapfeedError } from '../../model/error.ts';
import type { LifePhase } from '../../model/feed/index.ts';
import { platformId, type UbuntuRelease } from './definition.ts';

const phases = [
  ['standard', 'eol'],
  ['pro', 'eol-esm'],
  ['legacy', 'eol-legacy'],
] as const;

/** Support phases of the compiled releases, by platform, from feeds/ubuntu.json. */
export function knownLife(releases: readonly UbuntuRelease[]): Map<string, LifePhase[]> {
  return new Map(releases.map((release) => [platformId(release), lifePhases(release.life)]));
}

/**
 * The same from distro-info-data's `ubuntu.csv`, which is updated when dates change; for a release or date that it lacks
 * ours is used. Columns are found by their names.
 */
export function lifeFromCsv(csv: string, releases: readonly UbuntuRelease[]): Map<string, LifePhase[]> {
  const life = knownLife(releases);
  const [head = '', ...lines] = csv.split(/\r?\n/);
  const columns = head.split(',');
  for (const line of lines) {
    const values = line.split(',');
    const value = (column: string) => values[columns.indexOf(column)] ?? '';
    const release = releases.find(({ codename }) => codename === value('series'));
    if (!release) continue;
    const dates = phases.map(([phase, column]) => [phase, dateOr(value(column), release.life[phase])]);
    life.set(platformId(release), lifePhases(Object.fromEntries(dates)));
  }
  return life;
}

/** A web page from a proxy in place of the list does not have these columns. */
export function requireReleases(csv: string): void {
  const head = csv.slice(0, csv.indexOf('\n'));
  if (head.split(',').includes('series')) return;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected a table of releases with a column series, found ${JSON.stringify(head.slice(0, 40))}`,
    where: 'ubuntu-releases#line:1',
    remedy: 'fetch again; feeds/ubuntu.json has the dates for a build without it',
  });
}

function dateOr(text: string, known: string | undefined): string | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? text : known;
}

function lifePhases(life: { [phase in keyof UbuntuRelease['life']]?: string | undefined }): LifePhase[] {
  return phases.flatMap(([phase]) => (life[phase] === undefined ? [] : [{ phase, until: life[phase] }]));
}
