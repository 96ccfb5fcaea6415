import { isModuleBuild, moduleBuild } from '../../shared/rule/build-tags.ts';
import type { Row } from '../record.ts';

/**
 * Module builds from all documents. Documents of 2023 lack the module of many rows (vunnel#882, CVE-2023-2454), but the
 * release has the number of the module's build, for which other documents name the module.
 */
export class ModuleBook {
  /** Build number -> `name:stream`; undefined: several modules share it. */
  readonly #builds = new Map<string, string | undefined>();
  /** Module name -> its streams. */
  readonly #streams = new Map<string, Set<string>>();

  /** `build`: number of the module's build as `moduleBuild` finds it, or `''`. */
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
   * Modules, by row, of rows that lack one although their release has `.module`. An erratum is for one module of one release,
   * so the module of one of its rows applies to all. Rows of unknown modules are not in the map.
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
    return this.#builds.get(moduleBuild(fixed!) ?? '');
  }

  /**
   * A package named like its module has a version that begins with the stream: postgresql 13.11. For a stream that no
   * document names, the form of the others is used: postgresql's are one number, ruby's two.
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

/** A modular build (`.module+el8.8.0+17071+aaaceaa4`, `.module_el8…`) without a known module. */
export function lacksModule({ status, module, fixed }: Row): boolean {
  return status === 'fixed' && module === undefined && isModuleBuild(fixed!);
}
