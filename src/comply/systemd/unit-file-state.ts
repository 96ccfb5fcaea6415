import type { FileView } from '../../model/inventory/index.ts';
import { isTemplate, parseUnitName, templateOf } from './unit-name.ts';
import { type Unit, type Units, wordsOf } from './units.ts';

/** Where `systemctl enable` makes its links. */
const enabledFolder = '/etc/systemd/system';

/** The state of a unit's file as `systemctl is-enabled` prints it: whether links start it, or could by its [Install] section. */
export function unitFileState(unit: Unit, units: Units, files: FileView): string {
  if (unit.load === 'masked') return 'masked';
  if (unit.generated) return 'generated';
  const settings = units.settings(unit);
  const install = (...keys: string[]) => wordsOf(settings, 'Install', ...keys);
  const names = new Set([unit.id, ...install('Alias')]);
  const links = linksTo(unit, files);
  if (links.some(({ name, inFolder }) => names.has(name) && (inFolder || name !== unit.id))) return 'enabled';
  if (isLinked(unit, files)) return 'linked';
  if (links.some(({ name }) => name !== unit.id)) return 'indirect';
  if (install('Alias', 'WantedBy', 'RequiredBy', 'UpheldBy').length > 0) return 'disabled';
  return install('Also').length > 0 ? 'indirect' : 'static';
}

interface Link {
  name: string;
  /** In a `.wants` or `.requires` folder; else it is another name. */
  inFolder: boolean;
}

/** Links of the administrator's folder that end, by their names, in the unit or its template; in a folder the name is enough. */
function linksTo({ id }: Unit, files: FileView): Link[] {
  const wanted = new Set([id, templateOf(id)]);
  const entries = files.list(enabledFolder);
  const folders = entries.filter((name) => /\.(?:wants|requires|upholds)$/.test(name));
  const places = [
    ...entries.map((name) => ({ name, path: `${enabledFolder}/${name}`, inFolder: false })),
    ...folders.flatMap((folder) =>
      files
        .list(`${enabledFolder}/${folder}`)
        .map((name) => ({ name, path: `${enabledFolder}/${folder}/${name}`, inFolder: true })),
    ),
  ];
  return places.filter(({ name, path, inFolder }) => {
    const { type, target = '' } = files.stat(path, false) ?? {};
    if (type !== 'symlink' || parseUnitName(name) === undefined) return false;
    if (inFolder && name === id) return true;
    return wanted.has(target.slice(target.lastIndexOf('/') + 1)) && !(isTemplate(name) && name !== id);
  });
}

/** A link of the unit's own name to a file outside of the folders of units. */
function isLinked({ fragment }: Unit, files: FileView): boolean {
  if (fragment === undefined || !fragment.startsWith(`${enabledFolder}/`)) return false;
  return files.stat(fragment, false)?.type === 'symlink';
}
