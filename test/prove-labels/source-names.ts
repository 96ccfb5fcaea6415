import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Sources of binary packages, by what real lists of packages say. */
export class SourceNames {
  readonly #known = new Map<string, Set<string>>();

  /** Reads SBOMs (`upstream=` of purls) and the status files of roots below a folder. */
  read(folder: string): void {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      if (name.endsWith('.json')) this.#readSbom(readFileSync(path, 'utf8'));
      const status = join(path, 'var/lib/dpkg/status');
      if (existsSync(status)) this.#readStatus(readFileSync(status, 'utf8'));
    }
  }

  /** The source of a binary package: of several that lists name, the first one that `isKnown`. */
  of(
    type: 'apk' | 'deb' | 'rpm',
    name: string,
    version: string,
    isKnown: (source: string) => boolean,
  ): string {
    // The library was built from a fork until 2.19.
    if (type === 'deb' && /^(?:libc6|libc-bin|multiarch-support)$/.test(name))
      return /^2\.1\d/.test(version) ? 'eglibc' : 'glibc';
    const named = [...(this.#known.get(`${type} ${name}`) ?? []), ...likely(name)];
    return named.find(isKnown) ?? named[0]!;
  }

  #readSbom(text: string): void {
    for (const [, type, name, upstream] of text.matchAll(
      /pkg:(apk|deb|rpm)\/[a-z]+\/([^@"\\]+)@[^"]*?upstream=([^"&\\]+)/g,
    )) {
      const source = decodeURIComponent(upstream!)
        .split('@')[0]!
        .replace(/-[^-]+-[^-]+\.src\.rpm$/, '');
      this.#add(`${type} ${decodeURIComponent(name!)}`, source);
    }
  }

  #readStatus(text: string): void {
    for (const stanza of text.split('\n\n')) {
      const name = /^Package: (\S+)/m.exec(stanza)?.[1];
      const source = /^Source: (\S+)/m.exec(stanza)?.[1];
      if (name !== undefined && source !== undefined) this.#add(`deb ${name}`, source);
    }
  }

  #add(binary: string, source: string): void {
    const known = this.#known.get(binary) ?? new Set();
    this.#known.set(binary, known.add(source));
  }
}

/** Likely names of a binary package's source: `python3-libs` of python3, `libpng12-0` of libpng. */
function likely(name: string): string[] {
  const words = name.split('-');
  const shorter = words.map((_, at) => words.slice(0, words.length - at).join('-'));
  return shorter.flatMap((text) => [text, text.replace(/[\d.]+$/, ''), text.replace(/^lib/, '')]);
}
