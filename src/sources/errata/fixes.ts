import type { Ledger, RecordSubject } from '../../model/feed/index.ts';
import { compareRpmEvr, limitingArchitectures } from '../../packaging/index.ts';
import { type Erratum, type ErratumPackage, type ErratumPlace, moduleMark } from './erratum.ts';

/** The builds of a package that an erratum brought, as far as they are the same for several architectures. */
export interface Fix {
  package: string;
  fixed: string;
  /** `name:stream`; absent: outside modules. */
  module?: string;
  /** Sorted; absent: any. */
  arch?: readonly string[];
}

/**
 * The fixes of an erratum, by the architectures of their rows (ALSA-2019:3708: mariadb 10.3 for some, 10.5 for others). `used`: how many rows they are of;
 * the others are dropped.
 */
export function fixesOf(
  erratum: Erratum,
  { input, place, platform }: ErratumPlace,
  ledger: Ledger,
): { fixes: Fix[]; used: number } {
  const named = new Map<string, ErratumPackage[]>();
  const modules = new ErratumModules(erratum);
  const record = { where: `${input}#${erratum.id}` };
  let used = 0;
  for (const row of erratum.packages) {
    const inModules = withModule(row, modules, { input, platform, record }, ledger);
    if (inModules.length > 0) used += 1;
    for (const known of inModules) {
      const rows = named.get(known.name);
      if (rows) rows.push(known);
      else named.set(known.name, [known]);
    }
  }
  return { fixes: [...named].flatMap(([name, rows]) => fixesOfPackage(name, rows, place, ledger)), used };
}

/** More than this for one build is no list of the modules that it may be of. */
const mostModules = 64;

/**
 * A modular build whose row names no module is of the erratum's modules for its architecture: of those with the stream in the
 * title, if there are any. Without any the row is dropped: a row outside modules would never apply to the build.
 */
function withModule(
  row: ErratumPackage,
  modules: ErratumModules,
  { input, platform, record }: Pick<ErratumPlace, 'input' | 'platform'> & Pick<RecordSubject, 'record'>,
  ledger: Ledger,
): ErratumPackage[] {
  if (row.module !== undefined || !moduleMark.test(row.evr)) return [row];
  const known = modules.of(row.arch);
  const where = `${input}#${row.pointer}`;
  if (known.length === 0 || known.length > mostModules) {
    const about = { platforms: [platform], package: row.name, ...(record && { record }) };
    ledger.drop('module_unknown', where, `${row.name} ${row.evr}`, 1, about);
    return [];
  }
  if (known.length > 1) ledger.doubt('several_modules', where, `${row.name} ${row.evr}: ${known.join(', ')}`);
  return known.map((module) => ({ ...row, module }));
}

/** The modules of an erratum by architecture, looked up once for all of its rows. */
class ErratumModules {
  readonly #titled: string | undefined;
  readonly #all: readonly string[];
  readonly #byArch = new Map<string, readonly string[]>();

  constructor({ modules, title }: Erratum) {
    this.#titled = /(?:^|\s)([\w.+-]+:[\w.+-]+)(?=\s|$)/.exec(title)?.[1];
    const byArch = new Map<string, Set<string>>();
    for (const { module, arch } of modules) {
      const known = byArch.get(arch);
      if (known) known.add(module);
      else byArch.set(arch, new Set([module]));
    }
    for (const [arch, known] of byArch) this.#byArch.set(arch, this.#ofTitle([...known]));
    this.#all = this.#ofTitle([...new Set(modules.map(({ module }) => module))]);
  }

  of(arch: string): readonly string[] {
    return arch === 'noarch' || arch === 'i686' ? this.#all : (this.#byArch.get(arch) ?? this.#all);
  }

  #ofTitle(candidates: readonly string[]): readonly string[] {
    const titled = this.#titled;
    if (titled === undefined) return candidates;
    const ofStream = candidates.filter((module) => streamOf(module) === streamOf(titled));
    return ofStream.length > 0 ? ofStream : candidates.length > 0 ? candidates : [titled];
  }
}

function streamOf(module: string): string {
  return module.slice(module.indexOf(':') + 1);
}

function fixesOfPackage(name: string, rows: readonly ErratumPackage[], place: string, ledger: Ledger): Fix[] {
  const byKind = new Map<string, Map<string, ErratumPackage[]>>();
  for (const row of rows) {
    const kind = `${row.module ?? ''} ${row.flavour ?? ''}`;
    const ofKind = byKind.get(kind) ?? new Map<string, ErratumPackage[]>();
    byKind.set(kind, ofKind);
    const ofArch = ofKind.get(row.arch);
    if (ofArch) ofArch.push(row);
    else ofKind.set(row.arch, [row]);
  }
  const fixes: Fix[] = [];
  for (const [kind, byArch] of byKind) {
    const module = kind.slice(0, kind.indexOf(' '));
    const byBuild = new Map<string, string[]>();
    for (const [arch, same] of byArch) {
      const fixed = earliest(same);
      const other = same.find(({ evr }) => evr !== fixed);
      if (other) ledger.doubt('several_builds', place, `${name} ${arch}: ${fixed}, ${other.evr}`);
      const ofBuild = byBuild.get(fixed);
      if (ofBuild) ofBuild.push(arch);
      else byBuild.set(fixed, [arch]);
    }
    for (const [fixed, named] of byBuild) {
      const arch = byBuild.size === 1 ? limitingArchitectures(named) : named.sort();
      fixes.push({
        package: name,
        fixed,
        ...(module === '' ? {} : { module }),
        ...(arch === undefined ? {} : { arch }),
      });
    }
  }
  return fixes;
}

/** Of several builds for one architecture the first: it is the erratum's, so it has what the erratum fixed. */
function earliest(rows: readonly ErratumPackage[]): string {
  return rows.reduce((least, { evr }) => (compareRpmEvr(evr, least) === -1 ? evr : least), rows[0]!.evr);
}
