import type { SourceSink } from '../../../model/index.ts';
import { isLayered } from '../rule-streams.ts';
import { ModuleBook } from './module-book.ts';
import type { DocumentSummary } from './summary.ts';

/** Facts from all documents, for any vulnerability: errata, module builds, binaries of a source. */
export class CommonFacts {
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
