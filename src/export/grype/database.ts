import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Feed } from '../../feed/read/feed.ts';
import { type FeedPlatform, type Severity, vendorWord, worseSeverity } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { languagePlatforms } from '../languages.ts';
import type { GrypeSystem, ReleaseExport } from '../rows/distro-export.ts';
import type { ExportInexactList } from '../rows/inexact.ts';
import { withoutLines } from '../rows/lines.ts';
import type { ExportRow } from '../rows/rows.ts';
import { languageRows } from './language-rows.ts';
import { openSqlite } from './open-sqlite.ts';
import { indexes, schemaVersion, tables } from './tables.ts';

/** A vulnerability by one distribution's word. */
interface Handle {
  at: number;
  severity: Severity;
  /** Ids of records about it, of packages of languages. */
  records?: Set<string>;
}

/** Grype's database in work: rows of packages as they come, what they refer to at the end. */
export class GrypeDatabase {
  readonly #database: DatabaseSync;
  readonly #feed: Feed;
  /** Source of the feed -> id -> handle. */
  readonly #handles = new Map<string, Map<string, Handle>>();
  readonly #packages = new Map<string, number>();
  readonly #blobs = new Map<string, number>();
  readonly #affected: AffectedRows;
  readonly #blob: StatementSync;
  #lastHandle = 0;
  #lastBlob = 0;
  #lastSystem = 0;

  constructor(path: string, feed: Feed) {
    this.#feed = feed;
    this.#database = openSqlite(path);
    this.#database.exec('begin');
    for (const [name, columns] of Object.entries(tables))
      this.#database.exec(`create table ${name} (${columns})`);
    this.#blob = this.#database.prepare('insert into blobs (id, value) values (?, ?)');
    this.#affected = new AffectedRows(this.#database);
  }

  /** Adds the rows of a release for each of its systems. */
  addRelease(
    platform: FeedPlatform,
    release: ReleaseExport,
    systems: readonly GrypeSystem[],
    inexact: ExportInexactList,
  ): void {
    this.#affected.flush();
    const first = this.#lastSystem + 1;
    for (const system of systems) this.#addSystem(system);
    const all = systems.map((_, at) => at);
    for (const { package: name, rows } of release.lines()) {
      for (const row of withoutLines(rows, name, platform.id, inexact)) {
        if (row.status === 'not_affected' || row.status === 'fixed') continue;
        noteInexact(platform.id, name, row, inexact);
        inexact.wrote(platform.id, row.ids.length);
        const places = (row.systems ?? all).map((at) => first + at);
        const blobs = packageBlobs(row, platform.packaging, this.#feed).map((blob) => this.#blobOf(blob));
        const pkg = this.#packageOf(platform.packaging, name);
        for (const id of row.ids) {
          const handle = this.#handleOf(platform.source, id, vendorWord(row));
          for (const place of places) for (const blob of blobs) this.#affected.add(handle, place, pkg, blob);
        }
      }
    }
  }

  /** Adds the rows of packages of languages, which hold for every system. */
  addLanguages(inexact: ExportInexactList): void {
    this.#affected.flush();
    for (const language of languagePlatforms(this.#feed)) {
      const { source } = language.platform;
      for (const row of languageRows(language, this.#feed, inexact)) {
        const { type, names, vulnerability, severity, records, blob } = row;
        const handle = this.#handleOf(source, vulnerability, severity);
        const known = this.#handles.get(source)!.get(vulnerability)!;
        known.records = new Set([...(known.records ?? []), ...records]);
        const at = this.#blobOf(blob);
        for (const name of names) this.#affected.add(handle, null, this.#packageOf(type, name), at);
      }
      // Jenkins' plugins are Maven packages of a type of their own.
      if (language.ecosystem.id === 'maven')
        this.#run('insert into package_specifier_overrides values (?, ?)', 'jenkins-plugin', 'java-archive');
    }
  }

  /** Writes what rows refer to, and the indexes. `built`: the date of the feed's data; `aliases`: other systems that a system's rows hold for. */
  finish(built: string, aliases: readonly (readonly [alias: string, releaseId: string])[]): void {
    this.#affected.flush();
    const { manifest } = this.#feed;
    const { model, revision, addition } = schemaVersion;
    this.#run('insert into db_metadata values (?, ?, ?, ?)', dateTime(built), model, revision, addition);
    for (const { id } of manifest.sources) {
      const inputs = manifest.inputs.filter(({ source }) => source === id);
      // Nothing could be fetched of it.
      if (inputs.length === 0 && !this.#handles.has(id)) continue;
      const newest =
        inputs
          .flatMap(({ date }) => date ?? [])
          .sort()
          .at(-1) ?? built;
      this.#run(
        'insert into providers values (?, ?, ?, ?, ?)',
        id,
        manifest.tool.version,
        'scapfeed',
        dateTime(newest),
        `sha256:${inputs[0]?.sha256 ?? ''}`,
      );
    }
    this.#writePackages();
    for (const source of [...this.#handles.keys()].sort(compareCodeUnits)) this.#writeVulnerabilities(source);
    this.#writeAssessments();
    for (const [alias, replacement] of aliases)
      this.#run(
        "insert into operating_system_specifier_overrides values (?, '', '', '', '', ?, '', '', '', '', 0, '')",
        alias,
        replacement,
      );
    for (const [name, columns] of Object.entries(indexes))
      this.#database.exec(`create index ${name} on ${columns}`);
    this.#database.exec('commit');
  }

  close(): void {
    this.#database.close();
  }

  #addSystem({ name, releaseId, major, minor = '', codename = '', channel = '' }: GrypeSystem): void {
    this.#lastSystem += 1;
    this.#run(
      "insert into operating_systems (id, name, release_id, major_version, minor_version, label_version, codename, channel) values (?, ?, ?, ?, ?, '', ?, ?)",
      this.#lastSystem,
      name,
      releaseId,
      major,
      minor,
      codename,
      channel,
    );
  }

  #handleOf(source: string, id: string, severity: Severity): number {
    let own = this.#handles.get(source);
    if (!own) {
      own = new Map();
      this.#handles.set(source, own);
    }
    const known = own.get(id);
    if (!known) {
      this.#lastHandle += 1;
      own.set(id, { at: this.#lastHandle, severity });
      return this.#lastHandle;
    }
    known.severity = worseSeverity(known.severity, severity);
    return known.at;
  }

  #packageOf(ecosystem: string, name: string): number {
    // Grype compares names without regard to case.
    const key = `${ecosystem} ${name.toLowerCase()}`;
    const known = this.#packages.get(key);
    if (known !== undefined) return known;
    const made = this.#packages.size + 1;
    this.#packages.set(key, made);
    return made;
  }

  #blobOf(value: string): number {
    const known = this.#blobs.get(value);
    if (known !== undefined) return known;
    const made = this.#addBlob(value);
    this.#blobs.set(value, made);
    return made;
  }

  #addBlob(value: string): number {
    this.#affected.flush();
    this.#lastBlob += 1;
    this.#blob.run(this.#lastBlob, value);
    return this.#lastBlob;
  }

  #writePackages(): void {
    const insert = this.#database.prepare('insert into packages (id, ecosystem, name) values (?, ?, ?)');
    for (const [key, id] of this.#packages) {
      const space = key.indexOf(' ');
      insert.run(id, key.slice(0, space), key.slice(space + 1));
    }
  }

  #writeVulnerabilities(source: string): void {
    const insert = this.#database.prepare(
      "insert into vulnerability_handles (id, name, status, published_date, provider_id, blob_id) values (?, ?, 'active', ?, ?, ?)",
    );
    const alias = this.#database.prepare('insert into vulnerability_aliases values (?, ?)');
    for (const [id, { at, severity, records = [] }] of [...this.#handles.get(source)!].sort(([a], [b]) =>
      compareCodeUnits(a, b),
    )) {
      const details = this.#feed.vulnerability(id);
      const aliases = [...records].filter((record) => record !== id).sort(compareCodeUnits);
      const blob = this.#addBlob(JSON.stringify(this.#vulnerabilityBlob(id, severity, source, aliases)));
      for (const each of aliases) alias.run(id, each);
      insert.run(at, id, details?.published === undefined ? null : dateTime(details.published), source, blob);
    }
  }

  #vulnerabilityBlob(id: string, word: Severity, source: string, aliases: readonly string[]): object {
    const { description, references = [] } = this.#feed.vulnerability(id) ?? {};
    const assessment = this.#feed.assessment(id);
    const scores = assessment?.rejected ? [] : (assessment?.ratings ?? []);
    const own = word === 'unknown' ? [] : [{ scheme: 'CHMLN', value: word, source, rank: 1 }];
    const others = scores.map(({ version, vector, source: by }) => ({
      scheme: 'CVSS',
      value: { vector, version },
      source: by === 'nvd' ? 'nvd@nist.gov' : by,
      rank: 2,
    }));
    return {
      id,
      ...(description === undefined ? {} : { description }),
      ...(aliases.length > 0 ? { aliases } : {}),
      ...(references.length > 0 ? { refs: references.map((url) => ({ url })) } : {}),
      ...(own.length + others.length > 0 ? { severities: [...own, ...others] } : {}),
    };
  }

  /** Known exploitation and EPSS of the vulnerabilities that have a handle. */
  #writeAssessments(): void {
    const ids = new Set([...this.#handles.values()].flatMap((own) => [...own.keys()]));
    const kev = this.#database.prepare(
      'insert into known_exploited_vulnerability_handles (cve, blob_id) values (?, ?)',
    );
    const epss = this.#database.prepare('insert into epss_handles (cve, epss, percentile) values (?, ?, ?)');
    let scored = false;
    for (const id of [...ids].sort(compareCodeUnits)) {
      const assessment = this.#feed.assessment(id);
      // grype's table is of CISA's catalog.
      if (assessment?.exploited && assessment.exploited.only === undefined) {
        const { added, due, ransomware } = assessment.exploited;
        const blob = {
          cve: id,
          date_added: `${added}T00:00:00Z`,
          ...(due === undefined ? {} : { due_date: `${due}T00:00:00Z` }),
          known_ransomware_campaign_use: ransomware ? 'Known' : 'Unknown',
        };
        kev.run(id, this.#addBlob(JSON.stringify(blob)));
      }
      if (assessment?.epss) {
        epss.run(id, assessment.epss.probability, assessment.epss.percentile);
        scored = true;
      }
    }
    const date = this.#feed.manifest.inputs.find(({ source }) => source === 'epss')?.date;
    if (scored && date !== undefined) this.#run('insert into epss_metadata values (?)', dateTime(date));
  }

  #run(sql: string, ...values: (string | number | null)[]): void {
    this.#database.prepare(sql).run(...values);
  }
}

/** Rows of a statement: with one for each row, most of the time goes to calls, and to the counter of the table's ids. */
const rowsAtOnce = 64;

/** The table of affected packages, which has millions of rows. */
class AffectedRows {
  readonly #database: DatabaseSync;
  /** By their number of rows. */
  readonly #statements: StatementSync[] = [];
  #pending: (number | null)[] = [];

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** `system`: null for packages of languages. */
  add(vulnerability: number, system: number | null, pkg: number, blob: number): void {
    this.#pending.push(vulnerability, system, pkg, blob);
    if (this.#pending.length === rowsAtOnce * 4) this.flush();
  }

  /** To be called before other tables get rows: where pages lie depends on the order. */
  flush(): void {
    const rows = this.#pending.length / 4;
    if (rows === 0) return;
    this.#statements[rows] ??= this.#prepare(rows);
    this.#statements[rows].run(...this.#pending);
    this.#pending = [];
  }

  #prepare(rows: number): StatementSync {
    const values = Array.from({ length: rows }, () => '(?, ?, ?, ?)').join(', ');
    return this.#database.prepare(
      `insert into affected_package_handles (vulnerability_id, operating_system_id, package_id, blob_id) values ${values}`,
    );
  }
}

/** The blob of a row; one for each architecture that it is limited to. */
function packageBlobs(row: ExportRow, packaging: FeedPlatform['packaging'], feed: Feed): string[] {
  const { fixed, fixState, advisories, module, arch } = row;
  const range = {
    version: {
      type: packaging === 'deb' ? 'dpkg' : packaging,
      constraint: fixed === undefined ? '' : `< ${fixed}`,
    },
    fix: {
      ...(fixed === undefined ? {} : { version: fixed }),
      state:
        fixed !== undefined
          ? 'fixed'
          : fixState === 'will_not_fix' || fixState === 'end_of_life'
            ? 'wont-fix'
            : 'not-fixed',
      ...(advisories.length > 0
        ? {
            detail: {
              references: advisories.map((id) => ({
                url: feed.advisory(id)?.url ?? '',
                id,
                tags: ['advisory'],
              })),
            },
          }
        : {}),
    },
  };
  const qualifiers = packaging === 'rpm' ? { rpm_modularity: module ?? '' } : {};
  return (arch ?? [undefined]).map((architecture) => {
    const all = { ...qualifiers, ...(architecture === undefined ? {} : { architecture }) };
    return JSON.stringify({ ...(Object.keys(all).length > 0 ? { qualifiers: all } : {}), ranges: [range] });
  });
}

function noteInexact(platform: string, name: string, row: ExportRow, inexact: ExportInexactList): void {
  const { ids, status, fixState, severalFixes } = row;
  if (status === 'under_investigation') inexact.item(platform, 'under_investigation', notDecided, name, ids);
  if (fixState === 'other_channel') inexact.item(platform, 'other_channel', otherChannel, name, ids);
  if (fixState === 'fix_deferred') inexact.item(platform, 'fix_deferred', deferred, name, ids);
  if (severalFixes) inexact.item(platform, 'several_channels', severalChannels, name, ids);
}

const notDecided = 'The vendor has not decided yet; Grype has no word for it and says not fixed.';
const otherChannel = 'The fix is in a channel that the system may not have; Grype shows it as any other fix.';
const deferred = 'Grype has no word for a fix that is deferred: it says not fixed.';
const severalChannels = 'Of fixes in several channels the lowest is written.';

/** As gorm writes dates. */
function dateTime(date: string): string {
  return new Date(date)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, '+00:00');
}
