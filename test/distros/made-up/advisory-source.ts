import { ScapfeedError } from '../../../src/model/error.ts';
import type { Platform, RosterSource, Severity, TableRow } from '../../../src/model/feed/index.ts';
import type { Source, SourceSink, TableSchema } from '../../../src/sources/contract.ts';
import { download } from '../../../src/sources/download.ts';
import { parseJsonText, readRecord } from '../../../src/sources/foreign-record.ts';

/** `definition.json` of a made-up distribution. */
export interface Definition {
  id: string;
  name: string;
  packaging: 'deb' | 'rpm';
  advisories: string;
  releases: readonly { version: string; life: readonly { phase: string; until: string }[] }[];
}

/** The vendor's document. */
interface Advisories {
  updated: string;
  shipped?: Readonly<Record<string, Readonly<Record<string, RosterSource>>>>;
  rows: readonly Row[];
  tables?: Readonly<Record<string, readonly TableRow[]>>;
}

interface Row {
  cve: string;
  release: string;
  package: string;
  severity: Severity;
  fixed?: string;
  advisory?: string;
  channel?: string;
}

/** A vendor of one document, whose rows speak of sources (deb) or of binaries (rpm). */
export function createSource(definition: Definition, tables?: readonly TableSchema[]): Source {
  const { id, name, advisories: url } = definition;
  return {
    id,
    name: `${name} advisories`,
    licence: 'CC0-1.0',
    attribution: `${name} security team`,
    ...(tables ? { tables } : {}),
    async fetch(context) {
      const wanted = { id: `${id}-advisories`, source: id, url, kind: 'json', maxBytes: 2 ** 20 } as const;
      return [await download(context, wanted)];
    },
    async read([input], store, out) {
      const bytes = await store.read(input!);
      const read = readRecord(`${id}-advisories#`, () => parseJsonText(bytes.toString()) as Advisories);
      if (read instanceof ScapfeedError) throw read;
      normalize(read, definition, out);
    },
    evidence: async (input, pointer, _, store) => ({
      place: input.url,
      bytes: await store.read(input),
      pointer,
    }),
  };
}

function normalize(
  { updated, shipped, rows, tables = {} }: Advisories,
  definition: Definition,
  out: SourceSink,
): void {
  const input = `${definition.id}-advisories`;
  out.dated(input, updated);
  for (const [name, entries] of Object.entries(tables)) out.table?.(name, entries);
  for (const release of definition.releases) {
    const roster = shipped?.[release.version];
    out.platform(platformOf(definition, release), {
      inputs: [input],
      ...(roster ? { roster: new Map(Object.entries(roster)) } : {}),
    });
  }
  for (const [at, row] of rows.entries()) {
    if (!definition.releases.some(({ version }) => version === row.release)) {
      out.ledger.drop('release_not_configured', `${input}#/rows/${at}`);
      continue;
    }
    out.ledger.use();
    out.vulnerability({ id: row.cve, description: `A flaw of ${row.package}.` });
    if (row.advisory) out.advisory({ id: row.advisory, date: updated.slice(0, 10) });
    out.statement({
      vulnerability: row.cve,
      platform: `${definition.id}-${row.release}`,
      package: row.package,
      severity: row.severity,
      ...(row.fixed === undefined
        ? { status: 'affected', fixState: 'none_yet' }
        : { status: 'fixed', fixed: row.fixed }),
      ...(definition.packaging === 'rpm' ? { subject: 'binary' } : {}),
      ...(row.advisory ? { advisories: [row.advisory] } : {}),
      ...(row.channel ? { channel: row.channel } : {}),
      evidence: `${input}#/rows/${at}`,
    });
  }
}

function platformOf(
  { id, name, packaging }: Definition,
  { version, life }: Definition['releases'][number],
): Platform {
  return {
    id: `${id}-${version}`,
    name: `${name} ${version}`,
    aliases: [`${id}${version}`],
    os: { id, version },
    packaging,
    life,
  };
}
