import { compareCodeUnits } from '../../model/order.ts';
import { compareRpmEvr } from '../../packaging/index.ts';
import { type Erratum, type ErratumPackage, moduleMark } from './erratum.ts';

/** Facts of an erratum that are only in a vendor's second document. */
export interface Addition {
  cves: string[];
  packages: ErratumPackage[];
  /** Names of packages that have another build there, sorted: the first document's counts. */
  otherBuilds: string[];
}

/**
 * What other documents add to an erratum. Their rows add packages, streams and architectures; about those that the first one has too it
 * decides. Its rows are looked up by all that they may be of, so that the time is that of reading both.
 */
export class KnownErratum {
  readonly #cves: ReadonlySet<string>;
  readonly #builds = new Map<string, string[]>();

  constructor({ cves, packages }: Pick<Erratum, 'cves' | 'packages'>) {
    this.#cves = new Set(cves);
    for (const row of packages) {
      for (const key of keysOf(row, [row.arch, anyArch], [moduleOf(row), anyModule])) {
        const builds = this.#builds.get(key);
        if (builds === undefined) this.#builds.set(key, [row.evr]);
        else if (builds.length < mostBuilds) builds.push(row.evr);
      }
    }
  }

  additionOf({ cves, packages }: Pick<Erratum, 'cves' | 'packages'>): Addition {
    const other = new Set<string>();
    const added = packages.filter((row) => {
      const builds = this.#buildsLike(row);
      if (builds.length > 0 && builds.every((evr) => compareRpmEvr(evr, row.evr) !== 0)) other.add(row.name);
      return builds.length === 0;
    });
    return {
      cves: cves.filter((id) => !this.#cves.has(id)),
      packages: added,
      otherBuilds: [...other].sort(compareCodeUnits),
    };
  }

  /** A row for no architecture is for any; a modular build whose row names no module may be of any. */
  #buildsLike(row: ErratumPackage): string[] {
    const archs = row.arch === 'noarch' ? [anyArch] : [row.arch, 'noarch'];
    const module = moduleOf(row);
    const modules = module === unnamedModule ? [anyModule] : [module, unnamedModule];
    return keysOf(row, archs, modules).flatMap((key) => this.#builds.get(key) ?? []);
  }
}

/** Builds of one package for one architecture that are compared; an erratum has one, seldom two. */
const mostBuilds = 20;

const anyArch = '*';
const anyModule = '*';
/** A modular build whose row names no module. */
const unnamedModule = '?';

function moduleOf({ module, evr }: ErratumPackage): string {
  return module ?? (moduleMark.test(evr) ? unnamedModule : '');
}

function keysOf({ name }: ErratumPackage, archs: readonly string[], modules: readonly string[]): string[] {
  return archs.flatMap((arch) => modules.map((module) => `${name} ${arch} ${module}`));
}
