import type { Budget } from '../limits.ts';
import { type Numbers, uint32 } from './growing-array.ts';
import { takeXattrs } from './layer-sink.ts';
import { columnTypes, type LayerColumns, LayerTable } from './layer-table.ts';
import type { NameStore } from './name-store.ts';
import { type PathTree, rootNode } from './path-tree.ts';

/** Counts of a layer's tar that are added to those of its image. */
interface Shared {
  tree: PathTree;
  targets: NameStore;
  budget: Budget;
}

/** Totals of a layer's tar that its table of entries does not have. */
export interface TarTotals {
  /** Entries, those without effect too. */
  entries: number;
  /** Length of the longest path or link target. */
  pathBytes: number;
}

/** A table before others are laid over it, but for its columns. */
interface Head extends TarTotals {
  rows: number;
  /** Name of each path after the root; its parent is in the first column. */
  names: string[];
  /** Targets of links, in the order of their entries. */
  targets: string[];
  whiteouts: [path: number, opaque: 0 | 1, before: number][];
  xattrs: [entry: number, values: [name: string, base64: string][]][];
  sparse: number[];
  wantedLinks: number[];
  packageLinks: number[];
}

const columnNames = Object.keys(columnTypes) as (keyof LayerColumns)[];

/**
 * A table as bytes: a line of JSON, then the parents of paths and the columns, in this machine's byte order. Paths and targets have
 * numbers of their own. Contents and packages are no part of it.
 */
export function packTable(
  table: LayerTable,
  { tree, targets }: Pick<Shared, 'tree' | 'targets'>,
  totals: TarTotals,
): Buffer {
  const paths = new PathNumbers(tree);
  const columns = table.columns();
  const numbers = new Uint32Array(table.length);
  const whiteouts: Head['whiteouts'] = [];
  // In the order of the tar, in which they are added again.
  let nth = 0;
  for (let index = 0; index <= table.length; index++) {
    for (let at = table.whiteouts[nth]; at?.before === index; at = table.whiteouts[++nth])
      whiteouts.push([paths.of(at.node), at.opaque ? 1 : 0, index]);
    if (index < table.length) numbers[index] = paths.of(table.node(index));
  }
  const linked: string[] = [];
  const targetNumbers = columns.targets.map((target) =>
    target < 0 ? target : linked.push(targets.get(target)) - 1,
  );
  const head: Head = {
    ...{ rows: table.length, ...totals, names: paths.names, targets: linked, whiteouts },
    xattrs: [...table.xattrs].map(([entry, values]) => [
      entry,
      [...values].map(([name, value]) => [name, value.toString('base64')]),
    ]),
    sparse: [...table.sparse],
    wantedLinks: table.wantedLinks,
    packageLinks: table.packageLinks,
  };
  const packed = { ...columns, nodes: numbers, targets: targetNumbers };
  const bytes = [Uint32Array.from(paths.parents), ...columnNames.map((name) => packed[name])].map(bytesOf);
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...bytes]);
}

/** Adds the paths to the image's and counts as the reader of the tar does. Errors: IMAGE_LIMIT_EXCEEDED. */
export function unpackTable(kept: Buffer, { tree, targets, budget }: Shared, where: string): LayerTable {
  let at = kept.indexOf('\n') + 1;
  const head = JSON.parse(kept.toString('utf8', 0, at)) as Head;
  budget.spend('entries', head.entries, where);
  budget.check('pathBytes', head.pathBytes, where);
  const next = <T extends Numbers>(make: (length: number) => T, length: number): T => {
    const values = make(length);
    at += kept.copy(bytesOf(values), 0, at, at + values.byteLength);
    return values;
  };
  const parents = next(uint32, head.names.length);
  const nodes = new Uint32Array(head.names.length + 1);
  for (let path = 0; path < parents.length; path++)
    nodes[path + 1] = tree.child(nodes[parents[path]!]!, head.names[path]!);
  const columns = Object.fromEntries(
    columnNames.map((name) => [name, next<Numbers>(columnTypes[name], head.rows)]),
  ) as unknown as LayerColumns;
  for (let index = 0; index < head.rows; index++) columns.nodes[index] = nodes[columns.nodes[index]!]!;
  const links = Int32Array.from(head.targets, (target) => targets.add(target));
  if (links.length > 0)
    for (let index = 0; index < head.rows; index++) {
      const target = columns.targets[index]!;
      if (target >= 0) columns.targets[index] = links[target]!;
    }
  const table = new LayerTable(columns);
  for (const [path, opaque, before] of head.whiteouts)
    table.whiteouts.push({ node: nodes[path]!, opaque: opaque === 1, before });
  for (const [entry, values] of head.xattrs) {
    const xattrs = new Map(values.map(([name, value]) => [name, Buffer.from(value, 'base64')]));
    takeXattrs(table.xattrs, entry, xattrs, budget, where);
  }
  for (const entry of head.sparse) table.sparse.add(entry);
  table.wantedLinks.push(...head.wantedLinks);
  table.packageLinks.push(...head.packageLinks);
  return table;
}

/** Numbers the paths of one layer: the root is 0, a parent is before its children. */
class PathNumbers {
  readonly names: string[] = [];
  readonly parents: number[] = [];
  readonly #tree: PathTree;
  readonly #numbers = new Map([[rootNode, 0]]);

  constructor(tree: PathTree) {
    this.#tree = tree;
  }

  of(node: number): number {
    const known = this.#numbers.get(node);
    if (known !== undefined) return known;
    this.parents.push(this.of(this.#tree.parent(node)));
    const number = this.names.push(this.#tree.name(node));
    this.#numbers.set(node, number);
    return number;
  }
}

function bytesOf(values: Numbers): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
