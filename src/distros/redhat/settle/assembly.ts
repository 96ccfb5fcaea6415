import type { Claim, SourceSink } from '../../../model/feed/index.ts';
import { platformOf, type RedHatDefinition } from '../definition.ts';
import type { DocumentRecord, VulnerabilityRecord } from '../record.ts';
import { isLayered } from '../rule-streams.ts';
import { ModuleBook } from './module-book.ts';
import { addEntries, type FlawEntries, type Settled, type SettledNote, settle } from './settle.ts';
import { type DocumentSummary, summaryOf } from './summary.ts';

/** Facts from all documents, for any vulnerability: errata, module builds, binaries of a source. */
class CommonFacts {
  readonly modules = new ModuleBook();
  readonly #errata = new Map<string, { date: string; title?: string; severity?: string }>();
  readonly #binaries = new Map<string, Map<string, Set<string>>>();
  readonly #inputs = new Set<string>();

  add(summary: DocumentSummary): void {
    this.#inputs.add(summary.tree);
    for (const [module, build] of summary.builds) this.modules.learn(module, build);
    for (const [id, date] of Object.entries(summary.errata)) this.#addErratum(id, date);
    if (summary.erratum) this.#addErratum(summary.id, '', summary.erratum);
    this.#addBinaries(summary);
  }

  /** Ids of the trees with documents. */
  get inputs(): string[] {
    return [...this.#inputs].sort();
  }

  /** Source -> its binaries, as documents show them with the source's own version. */
  binaries(platform: string): Map<string, readonly string[]> | undefined {
    const known = this.#binaries.get(platform);
    return known && new Map([...known].map(([source, names]) => [source, [...names].sort()]));
  }

  advisories(out: SourceSink): void {
    for (const id of [...this.#errata.keys()].sort()) {
      const { date, title, severity } = this.#errata.get(id)!;
      out.advisory({
        id,
        ...(date === '' ? {} : { date }),
        ...(title === undefined ? {} : { title }),
        ...(severity === undefined ? {} : { severity }),
        url: `https://access.redhat.com/errata/${id}`,
      });
    }
  }

  #addErratum(id: string, date: string, facts: { title?: string; severity?: string } = {}): void {
    const known = this.#errata.get(id) ?? { date: '' };
    const earlier = known.date === '' || (date !== '' && date < known.date) ? date : known.date;
    this.#errata.set(id, { ...known, ...facts, date: earlier });
  }

  #addBinaries({ binaries }: DocumentSummary): void {
    for (const [platform, sources] of Object.entries(binaries)) {
      if (isLayered(platform)) continue;
      const known = this.#binaries.get(platform) ?? new Map<string, Set<string>>();
      this.#binaries.set(platform, known);
      for (const [source, names] of Object.entries(sources)) {
        const all = known.get(source);
        if (!all) known.set(source, new Set(names));
        else for (const name of names) all.add(name);
      }
    }
  }
}

/** Nothing was settled before. */
const nothing: Settled = { vulnerabilities: [], claims: new Map() };

/**
 * Joins the documents of all trees to statements. The content of archives is settled once and kept (see
 * settled-archives.ts); only vulnerabilities in later documents are settled again.
 */
export class Assembly {
  readonly #facts = new CommonFacts();
  readonly #entries: FlawEntries = new Map();
  readonly #touched = new Set<string>();
  readonly #out: SourceSink;
  readonly #definition: RedHatDefinition;

  constructor(out: SourceSink, definition: RedHatDefinition) {
    this.#out = out;
    this.#definition = definition;
  }

  /** Adds a document that is in no archive. `stale`: its newest version cannot be read; this is its last good one. */
  add(record: DocumentRecord, stale = false): void {
    const summary = summaryOf(record);
    this.#take(summary, stale, (at) => record.vulnerabilities[at]!);
    this.#touch(summary.ids);
  }

  /** Adds a document of an archive, whose vulnerabilities are read one by one on demand. */
  addArchived(summary: DocumentSummary, read: (at: number) => VulnerabilityRecord, stale = false): void {
    this.#take(summary, stale, read);
    this.#touch(stale ? summary.ids : summary.lacking);
  }

  /** An archived document superseded by a later one. */
  replaced(summary: DocumentSummary): void {
    this.#touch(summary.ids);
  }

  /** Every statement, with its platforms, vulnerabilities and advisories. `archives`: the settled content of archives. */
  finish(archives: Settled = nothing): void {
    const anew = settle(this.#touched, this.#entries, this.#facts.modules);
    const declared = new Set<string>();
    this.#hand(archives, (id) => !this.#touched.has(id), declared);
    this.#hand(anew, () => true, declared);
    this.#facts.advisories(this.#out);
  }

  #take(summary: DocumentSummary, stale: boolean, read: (at: number) => VulnerabilityRecord): void {
    addEntries(this.#entries, summary, read, stale);
    this.#facts.add(summary);
    this.#out.dated(summary.tree, summary.updated);
    this.#account(summary);
  }

  #touch(ids: readonly string[]): void {
    for (const id of ids) this.#touched.add(id);
  }

  #hand({ vulnerabilities, claims }: Settled, wanted: (id: string) => boolean, declared: Set<string>): void {
    const ids = vulnerabilities.map(({ details: { id } }) => (wanted(id) ? id : undefined));
    for (const [platform, packages] of claims) {
      for (const [name, texts] of packages) {
        for (const [text, indexes] of texts) {
          const [vulnerability, ...also] = indexes.flatMap((at) => ids[at] ?? []);
          if (vulnerability === undefined) continue;
          if (!declared.has(platform)) this.#declare(platform);
          declared.add(platform);
          const claim = JSON.parse(text) as Claim;
          this.#out.statement({ ...claim, vulnerability, platform, package: name }, also);
        }
      }
    }
    vulnerabilities.forEach(({ details, notes, unread = [] }, at) => {
      if (ids[at] === undefined) return;
      this.#out.vulnerability(details);
      for (const note of notes) this.#note(note);
      const record = { reason: 'unread_products', where: details.id };
      for (const [platform, name, count] of unread)
        this.#out.ledger.unread({ platforms: [platform], package: name }, record, count);
    });
  }

  #declare(id: string): void {
    const binaries = this.#facts.binaries(id);
    this.#out.platform(platformOf(id, this.#definition), {
      inputs: this.#facts.inputs,
      ...(binaries ? { binaries } : {}),
    });
  }

  #account({ tree, path, used, notes }: DocumentSummary): void {
    const { ledger } = this.#out;
    ledger.use(used);
    for (const { reason, dropped, count, pointer, detail } of notes) {
      const where = `${tree}#${path}${pointer}`;
      if (dropped) ledger.drop(reason, where, detail, count);
      else ledger.doubt(reason, where, detail, count);
    }
  }

  /** A superseded row was counted as used when its document was read: it now counts as dropped. */
  #note({ reason, lost, where, detail }: SettledNote): void {
    const { ledger } = this.#out;
    ledger.used -= lost;
    ledger.records -= lost;
    if (lost > 0) ledger.drop(reason, where, detail, lost);
    else ledger.doubt(reason, where, detail);
  }
}
