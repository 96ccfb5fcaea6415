import type { SourceSink, Vulnerability } from '../../model/index.ts';
import { platformOf } from './feed.ts';
import { type MergeNotes, mergeRows, type SourcedRow } from './merge.ts';
import { lacksModule, ModuleBook } from './module-book.ts';
import { type DocumentRecord, trees } from './record.ts';
import { rowStatement } from './statement.ts';

interface Told {
  record: DocumentRecord;
  /** Index into the record's vulnerabilities. */
  at: number;
  stale: boolean;
}

/**
 * Joins the documents of all trees by vulnerability and hands the statements on. Memory follows rows, not documents:
 * a record holds what a document of megabytes says in a few kilobytes.
 */
export class Assembly {
  readonly #told = new Map<string, Told[]>();
  readonly #errata = new Map<string, { date: string; title?: string; severity?: string }>();
  readonly #binaries = new Map<string, Map<string, Set<string>>>();
  readonly #modules = new ModuleBook();
  readonly #inputs = new Set<string>();
  readonly #out: SourceSink;

  constructor(out: SourceSink) {
    this.#out = out;
  }

  /** `stale`: the document's newest version cannot be read, and this is its last good one. */
  add(record: DocumentRecord, stale = false): void {
    this.#inputs.add(record.tree);
    record.vulnerabilities.forEach(({ id, rows }, at) => {
      for (const row of rows) this.#modules.learn(row);
      const told = this.#told.get(id);
      if (told) told.push({ record, at, stale });
      else this.#told.set(id, [{ record, at, stale }]);
    });
    for (const [id, date] of Object.entries(record.errata)) this.#addErratum(id, date);
    if (record.erratum) this.#addErratum(record.id, '', record.erratum);
    this.#addBinaries(record);
    this.#account(record);
  }

  /** Every statement, with its platforms, vulnerabilities and advisories. */
  finish(): void {
    const declared = new Set<string>();
    const notes = this.#notes();
    for (const id of [...this.#told.keys()].sort()) {
      const told = this.#told.get(id)!;
      for (const row of mergeRows(this.#withModules(sourcedRows(told), notes), notes)) {
        const { platform } = row.stream;
        if (!declared.has(platform)) {
          declared.add(platform);
          this.#declare(platform);
        }
        this.#out.statement(rowStatement(id, row), row.also);
      }
      this.#out.vulnerability(details(told));
    }
    for (const id of [...this.#errata.keys()].sort()) {
      const { date, title, severity } = this.#errata.get(id)!;
      this.#out.advisory({
        id,
        ...(date === '' ? {} : { date }),
        ...(title === undefined ? {} : { title }),
        ...(severity === undefined ? {} : { severity }),
        url: `https://access.redhat.com/errata/${id}`,
      });
    }
  }

  /** A modular fix whose module nobody tells would be compared with packages of no module or of another one. */
  #withModules(rows: SourcedRow[], notes: MergeNotes): SourcedRow[] {
    if (!rows.some(lacksModule)) return rows;
    const guessed = this.#modules.guess(rows);
    return rows.flatMap((row) => {
      if (!lacksModule(row)) return [row];
      const module = guessed.get(row);
      if (module === undefined) notes.lose(row, 'module_missing');
      else notes.doubt(row, 'module_inferred');
      return module === undefined ? [] : [{ ...row, module }];
    });
  }

  #declare(id: string): void {
    const binaries = this.#binaries.get(id);
    const sorted = binaries && [...binaries].map(([source, names]) => [source, [...names].sort()] as const);
    this.#out.platform(platformOf(id), {
      inputs: [...this.#inputs].sort(),
      ...(sorted ? { binaries: new Map(sorted) } : {}),
    });
  }

  #addErratum(id: string, date: string, facts: { title?: string; severity?: string } = {}): void {
    const known = this.#errata.get(id) ?? { date: '' };
    const earlier = known.date === '' || (date !== '' && date < known.date) ? date : known.date;
    this.#errata.set(id, { ...known, ...facts, date: earlier });
  }

  #addBinaries({ binaries }: DocumentRecord): void {
    for (const [platform, sources] of Object.entries(binaries)) {
      if (platform.startsWith('rhel-layered-')) continue;
      const known = this.#binaries.get(platform) ?? new Map<string, Set<string>>();
      this.#binaries.set(platform, known);
      for (const [source, names] of Object.entries(sources)) {
        const all = known.get(source);
        if (!all) known.set(source, new Set(names));
        else for (const name of names) all.add(name);
      }
    }
  }

  #account({ tree, path, used, notes }: DocumentRecord): void {
    const { ledger } = this.#out;
    ledger.use(used);
    for (const { reason, dropped, count, pointer, detail } of notes) {
      const where = `${tree}#${path}${pointer}`;
      if (dropped) ledger.drop(reason, where, detail, count);
      else ledger.doubt(reason, where, detail, count);
    }
  }

  /** A row that loses was counted as used when its document was read: it changes sides. */
  #notes(): MergeNotes {
    const { ledger } = this.#out;
    return {
      lose: (row, reason, other) => {
        ledger.used -= row.count;
        ledger.records -= row.count;
        if (row.count > 0) ledger.drop(reason, placeOf(row), bothSides(row, other), row.count);
      },
      doubt: (row, reason, other) => ledger.doubt(reason, placeOf(row), bothSides(row, other)),
    };
  }
}

function sourcedRows(told: readonly Told[]): SourcedRow[] {
  const rows = told.flatMap(({ record, at, stale }) => {
    const { tree, path, updated } = record;
    const document = { tree, path, updated };
    return record.vulnerabilities[at]!.rows.map((row): SourcedRow => ({ ...row, document, stale }));
  });
  return rows.some(({ also }) => also) ? unfolded(rows) : rows;
}

/** Folded containers of which another row of the same place speaks, too, are taken out and stand alone. */
function unfolded(rows: readonly SourcedRow[]): SourcedRow[] {
  const shared = namesSaidTwice(rows);
  return rows.flatMap((row) => {
    const { also, ...first } = row;
    const names = also && [first.name, ...also];
    const alone = names?.filter((name) => shared.has(containerPlace(row, name))) ?? [];
    if (!names || alone.length === 0) return [row];
    const single = alone.map((name): SourcedRow => ({ ...first, name, source: name, count: 1 }));
    const [next, ...others] = names.filter((name) => !alone.includes(name));
    // Product ids of all architectures are counted in the first name's row.
    if (single[0]!.name === first.name) single[0]!.count = first.count - also!.length;
    if (next === undefined) return single;
    const count = next === first.name ? first.count - alone.length : others.length + 1;
    const rest: SourcedRow = { ...first, name: next, source: next, count };
    return [others.length > 0 ? { ...rest, also: others } : rest, ...single];
  });
}

function namesSaidTwice(rows: readonly SourcedRow[]): Set<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const row of rows) {
    if (!row.name.startsWith('oci:')) continue;
    for (const name of row.also ? [row.name, ...row.also] : [row.name]) {
      const place = containerPlace(row, name);
      if (seen.has(place)) twice.add(place);
      else seen.add(place);
    }
  }
  return twice;
}

function containerPlace({ stream }: SourcedRow, name: string): string {
  return `${stream.platform} ${stream.channel} ${name}`;
}

/** Fields of the tree that knows most come first: titles of the legacy tree name the component. */
function details(told: readonly Told[]): Vulnerability {
  const byTrust = [...told].sort((a, b) => trees.indexOf(a.record.tree) - trees.indexOf(b.record.tree));
  let merged: Vulnerability | undefined;
  for (const { record, at } of byTrust) merged = { ...record.vulnerabilities[at]!.details, ...merged! };
  return merged!;
}

function placeOf({ document: { tree, path } }: SourcedRow): string {
  return `${tree}#${path}`;
}

function bothSides(row: SourcedRow, other: SourcedRow | undefined): string {
  const side = ({ stream, name, module, status, fixed, fixState, document }: SourcedRow) => {
    const place = [stream.platform, stream.minor, stream.channel]
      .filter((part) => part !== undefined)
      .join('.');
    const saying = fixed ?? fixState ?? status;
    return `${place}:${module === undefined ? '' : `${module}/`}${name} ${saying} (${document.tree})`;
  };
  return other ? `${side(row)} against ${side(other)}` : side(row);
}
