import type { FileView } from '../../model/inventory/index.ts';
import { pushTo } from '../../model/order.ts';
import type { Texts } from '../files/texts.ts';
import type { WantedSet } from '../files/wanted-files.ts';
import { fstabUnits, type GeneratedUnit, hasGenerator, initScriptUnits } from './generated-units.ts';
import { folderNames, isTemplate, parseUnitName, templateOf } from './unit-name.ts';

/** Folders of the administrator's units, then of the vendor's (systemd.unit(5)). /run is empty when an image starts. */
const ownFolders = ['/etc/systemd/system.control', '/etc/systemd/system', '/etc/systemd/system.attached'];
const vendorFolders = ['/usr/local/lib/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];

const unitFolders: readonly string[] = [...ownFolders, ...vendorFolders];
const fileSystems = '/etc/fstab';

/** All files whose contents are read here. */
export const unitFiles: readonly (string | WantedSet)[] = [
  fileSystems,
  { folders: [...unitFolders], below: true },
];

/** The meaning of a unit name: a file, a mask, another name, or a generated unit. */
type Definition =
  | { kind: 'file'; path: string }
  | { kind: 'masked'; path: string }
  | { kind: 'alias'; of: string }
  | { kind: 'generated'; unit: GeneratedUnit };

export interface Unit {
  /** The name that its aliases stand for. */
  id: string;
  names: readonly string[];
  load: 'loaded' | 'masked';
  /** Its file, or that of its template. */
  fragment?: string;
  generated: boolean;
}

type DependencyKind = 'Requires' | 'Wants';

/** Longest chain of links or aliases that is followed. */
const longestChain = 16;

/** The units of an image as systemd would load them at its start. */
export class Units {
  /** Those of `unitFolders` that are not the same place as another. */
  readonly folders: readonly string[];
  readonly #files: FileView;
  readonly #texts: Texts;
  readonly #definitions = new Map<string, Definition>();
  readonly #aliases = new Map<string, string[]>();
  readonly #generated: readonly GeneratedUnit[];
  #names: readonly string[] | undefined;

  constructor(files: FileView, texts: Texts) {
    this.#files = files;
    this.#texts = texts;
    const usual = files.real('/usr/lib/systemd/system');
    this.folders = unitFolders.filter(
      (folder) => folder !== '/lib/systemd/system' || files.real(folder) !== usual,
    );
    const mounts = hasGenerator(files, 'systemd-fstab-generator')
      ? fstabUnits(texts.read(fileSystems) ?? '')
      : [];
    const scripts = hasGenerator(files, 'systemd-sysv-generator') ? initScriptUnits(files) : [];
    for (const folder of this.folders.filter((each) => ownFolders.includes(each))) this.#read(folder);
    for (const unit of mounts) this.#define(unit.name, { kind: 'generated', unit });
    for (const folder of this.folders.filter((each) => !ownFolders.includes(each))) this.#read(folder);
    const added = scripts.filter(({ name }) => !this.#definitions.has(name));
    for (const unit of added) this.#define(unit.name, { kind: 'generated', unit });
    this.#generated = [...mounts, ...added];
    for (const name of this.#definitions.keys()) {
      const id = this.#idOf(name);
      if (id !== undefined && id !== name) pushTo(this.#aliases, id, name);
    }
  }

  /** Names that a unit can be asked by, aliases and instances of templates that something wants among them; sorted. */
  get names(): readonly string[] {
    this.#names ??= this.#allNames();
    return this.#names;
  }

  /** Undefined: systemd finds no such unit. */
  unit(name: string): Unit | undefined {
    const id = this.#idOf(name);
    const definition = id === undefined ? undefined : this.#definitionOf(id);
    if (id === undefined || !definition || definition.kind === 'alias' || isTemplate(id)) return undefined;
    return {
      id,
      names: [...new Set([id, ...this.#aliasesOf(id), name])],
      load: definition.kind === 'masked' ? 'masked' : 'loaded',
      ...('path' in definition ? { fragment: definition.path } : {}),
      generated: definition.kind === 'generated',
    };
  }

  /** Files that add to a unit, each once: one in a folder of the administrator hides the vendor's of the same name. */
  dropIns(unit: Unit): string[] {
    return this.#beside(unit, 'd')
      .filter(({ name }) => name.endsWith('.conf'))
      .map(({ path }) => path);
  }

  /** Settings of a unit's file and of its drop-ins; none of one that a generator makes. */
  settings(unit: Unit): UnitSetting[] {
    const paths = [...(unit.fragment === undefined ? [] : [unit.fragment]), ...this.dropIns(unit)];
    return paths.flatMap((path) => parseUnit(this.#texts.read(path) ?? ''));
  }

  /** Units that a target requires or wants by its file, its drop-ins, its folders and the generators; ids, sorted. */
  dependencies(unit: Unit, kind: DependencyKind): string[] {
    if (unit.load === 'masked') return [];
    const folder = kind === 'Wants' ? 'wants' : 'requires';
    const linked = this.#beside(unit, folder)
      .map(({ name }) => name)
      .filter((name) => parseUnitName(name) !== undefined);
    const generated = this.#generated
      .filter((each) =>
        (kind === 'Wants' ? each.wantedBy : each.requiredBy).some((name) => unit.names.includes(name)),
      )
      .map(({ name }) => name);
    const stated = wordsOf(this.settings(unit), 'Unit', kind).filter(
      (name) => parseUnitName(name) !== undefined,
    );
    const ids = [...linked, ...generated, ...stated].map((name) => this.#idOf(name) ?? name);
    return [...new Set(ids)].filter((id) => id !== unit.id).sort();
  }

  /** Entries of a unit's folders of one kind; those that are masked (linked to /dev/null, or empty) are left out. */
  #beside(unit: Unit, kind: 'd' | 'wants' | 'requires'): { name: string; path: string }[] {
    const found = new Map<string, string>();
    const owners = [...new Set(unit.names.flatMap(folderNames))];
    for (const folder of this.folders) {
      for (const owner of owners) {
        const at = `${folder}/${owner}.${kind}`;
        for (const name of this.#files.list(at)) if (!found.has(name)) found.set(name, `${at}/${name}`);
      }
    }
    return [...found]
      .map(([name, path]) => ({ name, path }))
      .filter(({ path }) => !this.#isMask(path))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #allNames(): string[] {
    const names = new Set([...this.#definitions.keys()].filter((name) => !isTemplate(name)));
    for (const folder of this.folders) {
      for (const entry of this.#files.list(folder)) {
        if (!/\.(?:wants|requires)$/.test(entry)) continue;
        for (const name of this.#files.list(`${folder}/${entry}`)) if (this.unit(name)) names.add(name);
      }
    }
    return [...names].sort();
  }

  #read(folder: string): void {
    for (const name of this.#files.list(folder)) {
      if (parseUnitName(name) === undefined) continue;
      const definition = this.#definitionAt(folder, name);
      if (definition) this.#define(name, definition);
    }
  }

  #define(name: string, definition: Definition): void {
    if (!this.#definitions.has(name)) this.#definitions.set(name, definition);
  }

  /** A link to another name within the unit folders is an alias, one to a file elsewhere stands for that file. */
  #definitionAt(folder: string, name: string): Definition | undefined {
    const path = `${folder}/${name}`;
    if (this.#isMask(path)) return { kind: 'masked', path };
    const stat = this.#files.stat(path, false);
    if (stat?.type === 'file') return { kind: 'file', path };
    if (stat?.type !== 'symlink') return undefined;
    const target = stat.target ?? '';
    const own = target.slice(target.lastIndexOf('/') + 1);
    const sameType = parseUnitName(own)?.type === parseUnitName(name)?.type;
    if (own !== name && sameType && this.#inUnitFolder(target)) return { kind: 'alias', of: own };
    return this.#files.stat(path)?.type === 'file' ? { kind: 'file', path } : undefined;
  }

  /** A relative target is taken from the folder of its link, which is a unit folder. */
  #inUnitFolder(target: string): boolean {
    if (!target.startsWith('/')) return true;
    return unitFolders.includes(target.slice(0, target.lastIndexOf('/')));
  }

  /** Linked to /dev/null, in one step or several, or an empty file. */
  #isMask(path: string): boolean {
    let at = path;
    for (let step = 0; step < longestChain; step++) {
      const stat = this.#files.stat(at, false);
      if (stat?.type !== 'symlink') return stat?.type === 'file' && stat.size === 0;
      const target = stat.target ?? '';
      if (target === '/dev/null') return true;
      at = target.startsWith('/') ? target : `${at.slice(0, at.lastIndexOf('/'))}/${target}`;
    }
    return false;
  }

  #definitionOf(name: string): Definition | undefined {
    const own = this.#definitions.get(name);
    if (own) return own;
    const template = templateOf(name);
    return template === undefined ? undefined : this.#definitions.get(template);
  }

  /** Other names, those of an instance's template with the instance filled in. */
  #aliasesOf(id: string): string[] {
    const own = this.#aliases.get(id) ?? [];
    const template = templateOf(id);
    const ofTemplate = template === undefined ? [] : (this.#aliases.get(template) ?? []);
    return [...own, ...ofTemplate.map((alias) => instantiated(alias, parseUnitName(id)?.instance))];
  }

  /** The end of a chain of aliases; undefined where it goes in a circle. A template's alias keeps the instance. */
  #idOf(name: string): string | undefined {
    let id = name;
    for (let step = 0; step < longestChain; step++) {
      const definition = this.#definitionOf(id);
      if (definition?.kind !== 'alias') return id;
      const [target, instance] = [parseUnitName(definition.of), parseUnitName(id)?.instance];
      id =
        target?.instance === '' && instance ? `${target.prefix}@${instance}.${target.type}` : definition.of;
    }
    return undefined;
  }
}

/** A template with its instance filled in; any other name stays. */
function instantiated(name: string, instance: string | undefined): string {
  return isTemplate(name) && instance ? name.replace('@.', `@${instance}.`) : name;
}

/** One line of a unit file: `[Unit] Wants=a.service`. */
interface UnitSetting {
  section: string;
  key: string;
  value: string;
}

/** Settings of a unit file in their order (systemd.syntax(7)): a backslash joins lines, comments may stand between them. */
function parseUnit(text: string): UnitSetting[] {
  const settings: UnitSetting[] = [];
  let section = '';
  let joined = '';
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line)) continue;
    if (line.endsWith('\\')) {
      joined += `${line.slice(0, -1)} `;
      continue;
    }
    const whole = (joined + line).trim();
    joined = '';
    const header = /^\[(.*)\]$/.exec(whole);
    const at = whole.indexOf('=');
    if (header) section = header[1] as string;
    else if (at > 0)
      settings.push({ section, key: whole.slice(0, at).trim(), value: whole.slice(at + 1).trim() });
  }
  return settings;
}

/** Words of all values of list settings. In [Install] an empty value forgets those before it; dependencies only grow. */
export function wordsOf(settings: readonly UnitSetting[], section: string, ...keys: string[]): string[] {
  return keys.flatMap((wanted) => {
    const values = settings.filter((each) => each.section === section && each.key === wanted);
    const reset = section === 'Install' ? values.findLastIndex(({ value }) => value === '') : -1;
    return values.slice(reset + 1).flatMap(({ value }) => value.split(/\s+/).filter((word) => word !== ''));
  });
}
