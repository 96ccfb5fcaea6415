import type { LifePhase, Platform, Roster, Statement } from '../../model/feed/index.ts';
import type { SourceSink } from '../../sources/contract.ts';
import { platformId, type UbuntuRelease } from './definition.ts';
import { sayings } from './vocabulary.ts';

/**
 * Collects platforms and sources with rows, to declare the platforms at the end, and holds rows about sources that a release
 * does not ship until it is known whether it ships the source by another row.
 */
export class PlatformBook {
  readonly #out: SourceSink;
  readonly #releases: readonly UbuntuRelease[];
  readonly #life: ReadonlyMap<string, readonly LifePhase[]>;
  readonly #platforms = new Map<string, { inputs: Set<string>; packages: Set<string> }>();
  readonly #notShipped = new Map<string, Map<string, { cve: string; where: string }[]>>();

  constructor(
    out: SourceSink,
    releases: readonly UbuntuRelease[],
    life: ReadonlyMap<string, readonly LifePhase[]>,
  ) {
    this.#out = out;
    this.#releases = releases;
    this.#life = life;
  }

  statement(statement: Statement): void {
    const platform = this.#open(statement.platform);
    platform.inputs.add(statement.evidence.slice(0, statement.evidence.indexOf('#')));
    platform.packages.add(statement.package);
    this.#out.statement(statement);
  }

  notShipped(platform: string, source: string, cve: string, where: string): void {
    const sources = this.#notShipped.get(platform) ?? new Map<string, { cve: string; where: string }[]>();
    this.#notShipped.set(platform, sources);
    const rows = sources.get(source);
    if (rows) rows.push({ cve, where });
    else sources.set(source, [{ cve, where }]);
  }

  /** The platforms that have statements. */
  get platforms(): string[] {
    return [...this.#platforms.keys()].sort();
  }

  /** Decides about the held rows and gives each platform its inputs, roster, marks and life. */
  finish(
    alsoInputs: readonly string[],
    rosters: ReadonlyMap<string, Roster>,
    marksOf: (platform: string) => string[],
  ): void {
    this.#settleNotShipped();
    for (const [id, { inputs }] of this.#platforms) {
      const roster = rosters.get(id);
      this.#out.platform(this.#platform(id), {
        inputs: [...new Set([...inputs, ...alsoInputs])].sort(),
        ...(roster ? { roster } : {}),
        marks: [...marksOf(id), ...(roster ? [] : ['no_package_list'])],
      });
    }
  }

  /**
   * "Does not exist in this release" is only useful for a source that the release has by another row. The others (mostly
   * kernels of other releases) cannot be installed and would be most of the feed.
   */
  #settleNotShipped(): void {
    const { ledger } = this.#out;
    for (const [platform, sources] of this.#notShipped) {
      const shipped = this.#platforms.get(platform)?.packages;
      for (const [source, rows] of sources) {
        for (const { cve, where } of rows) {
          if (!shipped?.has(source)) {
            ledger.drop('not_shipped', where);
            continue;
          }
          ledger.use();
          const evidence = trackerEvidence(where, cve);
          this.#out.statement({
            vulnerability: cve,
            platform,
            package: source,
            ...sayings.notShipped,
            severity: 'unknown',
            evidence,
          });
        }
      }
    }
  }

  #open(id: string) {
    let known = this.#platforms.get(id);
    if (!known) {
      known = { inputs: new Set(), packages: new Set() };
      this.#platforms.set(id, known);
    }
    return known;
  }

  #platform(id: string): Platform {
    const release = this.#releases.find((candidate) => platformId(candidate) === id)!;
    return toPlatform(release, this.#life.get(id) ?? []);
  }
}

/** `active/CVE-2016-2781:bionic_coreutils` as evidence that is equal for all statements of one folder. */
export function trackerEvidence(where: string, cve: string): string {
  const file = where.split(':')[0]!;
  return `ubuntu-tracker#${file.replace(cve, '{vulnerability}')}`;
}

/** `osv/cve/2016/UBUNTU-CVE-2016-2781.json` likewise. */
export function osvEvidence(where: string, cve: string): string {
  const year = `/${cve.slice(4, 8)}/`;
  return `ubuntu-osv#${where.replace(year, '/{year}/').replace(cve, '{vulnerability}')}`;
}

function toPlatform(release: UbuntuRelease, life: readonly LifePhase[]): Platform {
  const { version, codename, lts } = release;
  return {
    id: platformId(release),
    name: `Ubuntu ${version}${lts ? ' LTS' : ''} (${codename})`,
    aliases: [codename],
    os: { id: 'ubuntu', version, codename },
    packaging: 'deb',
    life,
  };
}
