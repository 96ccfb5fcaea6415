import type { Row } from '../parse/record.ts';

/**
 * What all documents together tell of module builds. Documents of 2023 lost the module of many rows (vunnel#882,
 * CVE-2023-2454): the release still has the number of the module's build, and other documents name its module.
 */
export class ModuleBook {
  /** Build number -> `name:stream`; undefined: several modules share it. */
  readonly #builds = new Map<string, string | undefined>();
  /** Module name -> its streams. */
  readonly #streams = new Map<string, Set<string>>();

  /** `build`: number of the module's build as `buildOf` finds it, or `''`. */
  learn(module: string, build: string): void {
    const [name, stream] = module.split(':') as [string, string];
    const streams = this.#streams.get(name);
    if (streams) streams.add(stream);
    else this.#streams.set(name, new Set([stream]));
    if (build === '') return;
    const known = this.#builds.get(build);
    if (known === undefined && !this.#builds.has(build)) this.#builds.set(build, module);
    else if (known !== module) this.#builds.set(build, undefined);
  }

  /**
   * Modules of the rows that lack one though their release says `.module`, by row. An erratum is of one module in one
   * release: what one of its rows tells holds for all. Rows that nothing is known of are not in the map.
   */
  guess<R extends Row>(rows: readonly R[]): Map<R, string> {
    const guessed = new Map<R, string>();
    const groups = new Map<string, R[]>();
    for (const row of rows) {
      if (row.status !== 'fixed') continue;
      for (const erratum of row.advisories ?? ['']) {
        const key = `${erratum} ${row.stream.platform}`;
        const group = groups.get(key);
        if (group) group.push(row);
        else groups.set(key, [row]);
      }
    }
    for (const group of groups.values()) {
      const lacking = group.filter(lacksModule);
      if (lacking.length === 0) continue;
      const found = new Set(group.map(({ module }) => module));
      for (const row of lacking) found.add(this.#byBuild(row)).add(this.#byVersion(row));
      found.delete(undefined);
      const [module] = found;
      if (module !== undefined && found.size === 1) for (const row of lacking) guessed.set(row, module);
    }
    return guessed;
  }

  #byBuild({ fixed }: Row): string | undefined {
    return this.#builds.get(buildOf(fixed!) ?? '');
  }

  /**
   * The package that a module is named after has its stream as the beginning of its version: postgresql 13.11. A stream
   * that no document names is told by the others' form: those of postgresql are all one number, those of ruby two.
   */
  #byVersion({ subject, name, fixed }: Row): string | undefined {
    const streams = this.#streams.get(name);
    if (subject !== 'source' || !streams) return undefined;
    const version = fixed!.slice(fixed!.indexOf(':') + 1, fixed!.indexOf('-'));
    const fitting = [...streams].filter((stream) => version.startsWith(`${stream}.`));
    if (fitting.length > 0) return fitting.length === 1 ? `${name}:${fitting[0]}` : undefined;
    const lengths = new Set(
      [...streams].map((stream) => (/^\d+(\.\d+)*$/.test(stream) ? stream.split('.').length : 0)),
    );
    const [length] = lengths;
    if (!length || lengths.size > 1 || streams.size < 2) return undefined;
    return `${name}:${version.split('.').slice(0, length).join('.')}`;
  }
}

/** A modular build (`.module+el8.8.0+17071+aaaceaa4`, `.module_el8…`) that no module is told of. */
export function lacksModule({ status, module, fixed }: Row): boolean {
  return status === 'fixed' && module === undefined && /\.module[+_]el\d/.test(fixed!);
}

/** Number of the module's build in a release: `+17071+`. */
export function buildOf(fixed: string): string | undefined {
  return /\.module[+_]el\d[^+]*\+(\d+)\+/.exec(fixed)?.[1];
}
