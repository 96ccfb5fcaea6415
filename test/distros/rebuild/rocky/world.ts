import { newMirror, osvRecordsOf } from '../../shared/errata-world.ts';

/** An advisory in short: packages as `name-[epoch:]version-release.arch`, with a module and a product after blanks. */
export interface RockyAdvisory {
  name: string;
  cves?: readonly string[];
  /** `nevra [module:stream|-] [product]`; the product is by default that of the release tag and the architecture. */
  packages: readonly string[];
  severity?: string;
  kind?: string;
  synopsis?: string;
  description?: string;
  published?: string;
  updated?: string;
  /** Members that replace those of the record. */
  raw?: Readonly<Record<string, unknown>>;
}

const day = '2026-09-21T14:13:20.123456+00:00';

/** An advisory in the API's own form. */
export function advisory(told: RockyAdvisory): Record<string, unknown> {
  const { name, cves = [], packages, severity = 'Important', kind = 'Security', raw = {} } = told;
  return {
    id: Number(/\d+$/.exec(name)?.[0] ?? 0),
    created_at: day,
    updated_at: told.updated ?? day,
    published_at: told.published ?? day,
    name,
    synopsis: told.synopsis ?? `${severity}: update`,
    description: told.description ?? '',
    kind,
    severity,
    topic: 'An update is available.',
    red_hat_advisory_id: 1,
    affected_products: [],
    cves: cves.map((cve, id) => ({
      id,
      cve,
      cvss3_scoring_vector: 'UNKNOWN',
      cvss3_base_score: '7.5',
      cwe: 'CWE-770',
    })),
    fixes: [],
    packages: packages.map(packageRow),
    ...raw,
  };
}

export function packageRow(text: string): Record<string, unknown> {
  const [nevra = '', module = '-', ...product] = text.split(' ');
  const [, name, epoch = '0', rest] = /^(.+)-(?:(\d+):)?([^-:]+-[^-]+)$/.exec(nevra) ?? [];
  const arch = nevra.slice(nevra.lastIndexOf('.') + 1);
  const major = /el(\d+)/.exec(rest ?? '')?.[1] ?? '9';
  const [moduleName, stream] = module === '-' ? [null, null] : module.split(':');
  return {
    id: 1,
    nevra: `${name}-${epoch}:${rest}.rpm`,
    checksum: '0'.repeat(64),
    checksum_type: 'sha256',
    module_context: moduleName && 'faa19cc5',
    module_name: moduleName,
    module_stream: stream,
    module_version: moduleName && '8050020211109140251',
    repo_name: 'AppStream',
    product_name:
      product.join(' ') || `Rocky Linux ${major} ${arch === 'noarch' || arch === 'src' ? 'x86_64' : arch}`,
  };
}

export interface RockyWorld {
  /** Advisories in their short form, or any value that stands in the list. */
  advisories: readonly (RockyAdvisory | { value: unknown })[];
  /** OSV records by name. */
  osv?: Readonly<Record<string, object | string>>;
}

/** Advisories on one page in tests. */
export const pageSize = 100;

/** The text of a page; `changes` replace its members. */
export function pageText(
  all: readonly (RockyAdvisory | { value: unknown })[],
  page = 1,
  size = pageSize,
  changes: object = {},
): string {
  const advisories = all
    .slice((page - 1) * size, page * size)
    .map((each) => ('value' in each ? each.value : advisory(each)));
  return JSON.stringify({
    advisories,
    total: all.length,
    page,
    size,
    links: { first: '', last: '', self: '', next: null, prev: null },
    last_updated_at: '2026-09-22T00:00:00Z',
    ...changes,
  });
}

/** A mirror in the layout that `--mirror` takes: a file is named by the address with its query. */
export function writeRockyMirror({ advisories, osv }: RockyWorld): string {
  const { folder, write, writeOsv } = newMirror('rocky');
  for (let page = 1; page <= Math.max(1, Math.ceil(advisories.length / pageSize)); page++)
    write(
      `apollo.build.resf.org/api/v3/advisories/?size=${pageSize}&page=${page}`,
      pageText(advisories, page),
    );
  if (osv) writeOsv('Rocky Linux', osv);
  return folder;
}

/** An OSV record of an advisory. */
export const osvRecord = osvRecordsOf('Rocky Linux');
