import { maxTextBytes, readText } from '../../files/text.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FileView, InventoryNote } from '../../model/inventory/index.ts';
import { readStanzas } from './deb822.ts';

export const aptSourcesList = '/etc/apt/sources.list';
export const aptSourcesFolder = '/etc/apt/sources.list.d';

/** An archive in apt's sources: a URI and one of its suites. */
export interface AptSource {
  uri: string;
  suite: string;
}

export interface AptSources {
  sources: readonly AptSource[];
  notes: readonly InventoryNote[];
}

const deb822Fields: ReadonlySet<string> = new Set(['types', 'uris', 'suites', 'enabled']);

/** sources.list(5): one-line files (.list) and deb822 files (.sources). A file that cannot be read is a note. */
export function readAptSources(files: FileView): AptSources {
  const sources: AptSource[] = [];
  const notes: InventoryNote[] = [];
  for (const path of sourceFiles(files)) {
    try {
      sources.push(...(path.endsWith('.sources') ? deb822Sources(files, path) : oneLineSources(files, path)));
    } catch (error) {
      if (!(error instanceof ScapfeedError)) throw error;
      notes.push({ code: 'broken_apt_source', where: error.where ?? path, detail: error.message });
    }
  }
  return { sources, notes };
}

function sourceFiles(files: FileView): string[] {
  const names = files.list(aptSourcesFolder).filter((name) => /\.(list|sources)$/.test(name));
  return [aptSourcesList, ...names.map((name) => `${aptSourcesFolder}/${name}`)];
}

/** `deb [options] URI SUITE COMPONENT…`; a `#` begins a comment anywhere. */
function oneLineSources(files: FileView, path: string): AptSource[] {
  const lines = (readText(files, path) ?? '').split('\n');
  return lines.flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)/.exec(line.replace(/#.*/, ''));
    return match ? [{ uri: match[1]!, suite: match[2]! }] : [];
  });
}

function deb822Sources(files: FileView, path: string): AptSource[] {
  const content = files.open(path);
  if (!content || content.size > maxTextBytes) return [];
  return [...readStanzas(content, { where: path, fields: deb822Fields, comments: true })].flatMap(
    ({ fields }) => {
      const words = (name: string) => (fields.get(name) ?? '').split(/\s+/).filter((word) => word !== '');
      const enabled = !/^(no|false|0|off|disable|without)$/i.test(fields.get('enabled') ?? 'yes');
      if (!enabled || !words('types').includes('deb')) return [];
      return words('uris').flatMap((uri) => words('suites').map((suite) => ({ uri, suite })));
    },
  );
}
