/** A tree with symbolic links, seen without following any. */
export interface LinkTree<Node> {
  root: Node;
  /** Parent of a node; the root's is the root. */
  parent(node: Node): Node;
  child(directory: Node, name: string): Node | undefined;
  isDirectory(node: Node): boolean;
  /** Target as written, of a symbolic link. */
  target(node: Node): string | undefined;
}

/**
 * Resolves a path as the kernel does in a container (path_resolution(7); RESOLVE_IN_ROOT of openat2(2)): absolute targets
 * start at the image's root, `..` stops there. Undefined where nothing stands, or after too many links.
 */
export function followLinks<Node>(
  tree: LinkTree<Node>,
  path: string,
  { last, maxLinks }: { last: boolean; maxLinks: number },
): Node | undefined {
  let node = tree.root;
  let links = 0;
  const parts = stepsOf(path);
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (!tree.isDirectory(node)) return undefined;
    if (part === '.') continue;
    if (part === '..') {
      node = tree.parent(node);
      continue;
    }
    const next = tree.child(node, part);
    if (next === undefined) return undefined;
    const target = parts.length > 0 || last ? tree.target(next) : undefined;
    if (target === undefined) {
      node = next;
      continue;
    }
    links += 1;
    if (links > maxLinks || target === '') return undefined;
    if (target.startsWith('/')) node = tree.root;
    parts.push(...stepsOf(target));
  }
  return node;
}

/** The parts of a path from last to first; `.` at the end of one that can only be a directory. */
function stepsOf(path: string): string[] {
  const parts = partsOf(path);
  if (path.endsWith('/') || path.endsWith('/.')) parts.unshift('.');
  return parts;
}

/** The named parts of a path from last to first. */
export function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (let end = path.length; end > 0; ) {
    const start = path.lastIndexOf('/', end - 1) + 1;
    const part = path.slice(start, end);
    if (part !== '' && part !== '.') parts.push(part);
    end = start - 1;
  }
  return parts;
}
