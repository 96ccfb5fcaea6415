import { parsePackageUrl, qualifier } from '../model/index.ts';

/** Which source package each package was built from, by the relations of a document. */
export class BuiltFrom {
  readonly #urls = new Map<string, string>();
  readonly #relations: { binary: string; source: string }[] = [];

  /** An element and its package URL. An id that is one itself needs none. */
  name(id: string | undefined, url: string | undefined): void {
    if (id !== undefined && url !== undefined) this.#urls.set(id, url);
  }

  relate(binary: string, source: string): void {
    this.#relations.push({ binary, source });
  }

  /** Package URLs of sources by the ids of packages. One that is said to be of two sources has none. */
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
