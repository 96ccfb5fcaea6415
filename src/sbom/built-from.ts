import { ScapfeedError } from '../model/error.ts';
import { parsePackageUrl, qualifier } from '../model/inventory/index.ts';

/** The source package of each package, by the relations of a document. */
export class BuiltFrom {
  readonly #urls = new Map<string, string>();
  readonly #relations: { binary: string; source: string }[] = [];
  readonly #where: string;

  /** `where`: the document, for errors. */
  constructor(where: string) {
    this.#where = where;
  }

  /**
   * An element and its package URL. An id that is one itself needs none.
   * @throws {ScapfeedError} SBOM_MALFORMED for an id of two package URLs: readers would differ in the source of a package
   */
  name(id: string | undefined, url: string | undefined): void {
    if (id === undefined || url === undefined) return;
    if ((this.#urls.get(id) ?? url) !== url)
      throw new ScapfeedError({
        code: 'SBOM_MALFORMED',
        message: `expected one package of the id ${id.slice(0, 200)}, found two`,
        where: this.#where,
        remedy: 'write the document again, with an id of its own for each component',
      });
    this.#urls.set(id, url);
  }

  relate(binary: string, source: string): void {
    this.#relations.push({ binary, source });
  }

  /** Package URLs of sources by the ids of packages. One with two stated sources has none. */
  resolved(): Map<string, string> {
    const found = new Map<string, string>();
    const contradicted = new Set<string>();
    for (const { binary, source } of this.#relations) {
      const url = this.#urls.get(source) ?? source;
      if (!isSource(url)) continue;
      const known = found.get(binary);
      if (known === undefined) found.set(binary, url);
      else if (known !== url) contradicted.add(binary);
    }
    for (const binary of contradicted) found.delete(binary);
    return found;
  }
}

/** Only source packages count: an upstream's archive is what a source was made from. */
function isSource(url: string): boolean {
  const purl = parsePackageUrl(url);
  return purl !== undefined && ['src', 'source'].includes(qualifier(purl, 'arch') ?? '');
}
