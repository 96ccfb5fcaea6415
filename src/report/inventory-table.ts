import {
  type InstalledPackage,
  type Inventory,
  type Layer,
  statedSource,
  unjudgedBeside,
} from '../model/inventory/index.ts';
import { noteText } from './note-text.ts';
import { line } from './printable.ts';
import { systemName } from './system-name.ts';
import { plural, textTable } from './text-table.ts';
import { unjudgedText } from './unjudged-text.ts';

/** Formats an inventory as a table: system, databases, one row per package with its source and layer. */
export function inventoryTable(reference: string, found: Inventory, layers: readonly Layer[]): string {
  const { os, databases, packages, languages = [], notes, unjudged = [] } = found;
  const others = unjudgedText(unjudgedBeside(unjudged, languages));
  const named = databases.map(
    ({ path, kind, packages: count, incomplete }) =>
      `${path} (${kind}, ${plural(count, 'package')}${incomplete ? ', incomplete' : ''})`,
  );
  const head = layers.length > 1 ? [...columns, 'LAYER'] : columns;
  return [
    line(`${reference}: ${os ? `${systemName(os)}, by ${os.found}` : 'the release is not known'}`),
    line(`package databases: ${named.join(', ')}`),
    '\n',
    textTable(
      head,
      [...packages, ...languages].map((pkg) => row(pkg, layers)),
    ),
    '\n',
    line(plural(packages.length, 'package')),
    ...(languages.length > 0 ? [line(`${plural(languages.length, 'package')} of languages`)] : []),
    ...(others === undefined ? [] : [line(others)]),
    ...notes.map((note) => line(noteText(note))),
  ].join('');
}

const columns = ['PACKAGE', 'VERSION', 'ARCH', 'SOURCE'];

function row(pkg: InstalledPackage, layers: readonly Layer[]): string[] {
  const { name, version, arch, module, state, layer } = pkg;
  const source = statedSource(pkg);
  const marks = [module, state].filter((mark) => mark !== undefined);
  const label = marks.length === 0 ? name : `${name} [${marks.join(', ')}]`;
  const isOwn = source?.name === name && source.version === version;
  const from = source === undefined ? 'not stated' : isOwn ? '' : `${source.name} ${source.version}`;
  const cells = [label, version, arch, from];
  return layers.length > 1 ? [...cells, layer === undefined ? '' : layerText(layer, layers[layer])] : cells;
}

/** `2 apt-get install -y curl`: the layer's number, counted from the lowest, and the start of its command. */
export function layerText(at: number, layer: Layer | undefined): string {
  const command = (layer?.createdBy ?? '').replace(/^\/bin\/sh -c (#\(nop\) )?/, '').trim();
  return `${at + 1} ${command.length > 50 ? `${command.slice(0, 49)}…` : command}`.trim();
}
