import type { XmlNode } from '../xml/node-tree.ts';
import type { Axis, NodeTest } from './expression.ts';

/** Nodes of an axis, nearest first (XPath 1.0, 2.2). */
export function* alongAxis(axis: Axis, node: XmlNode): Generator<XmlNode> {
  switch (axis) {
    case 'self':
      return yield node;
    case 'child':
      return yield* node.children;
    case 'attribute':
      return yield* node.attributes;
    case 'parent':
      if (node.parent) yield node.parent;
      return;
    case 'ancestor':
      return yield* upwards(node.parent);
    case 'ancestor-or-self':
      return yield* upwards(node);
    case 'descendant':
      return yield* downwards(node);
    case 'descendant-or-self':
      yield node;
      return yield* downwards(node);
    case 'following-sibling':
      return yield* siblings(node, 1);
    case 'preceding-sibling':
      return yield* siblings(node, -1);
    case 'following':
      return yield* following(node);
    case 'preceding':
      return yield* preceding(node);
  }
}

function* upwards(from: XmlNode | undefined): Generator<XmlNode> {
  for (let node = from; node; node = node.parent) yield node;
}

function* downwards(node: XmlNode): Generator<XmlNode> {
  for (const child of node.children) {
    yield child;
    yield* downwards(child);
  }
}

/** Siblings after the node, or before it, nearest first. Attributes have none. */
function* siblings(node: XmlNode, direction: 1 | -1): Generator<XmlNode> {
  if (node.kind === 'attribute' || !node.parent) return;
  const { children } = node.parent;
  for (let at = placeOf(node, children) + direction; at >= 0 && at < children.length; at += direction)
    yield children[at] as XmlNode;
}

/** Position of a node among its siblings, by binary search: a linear one for each node would be quadratic. */
function placeOf(node: XmlNode, children: readonly XmlNode[]): number {
  let [low, high] = [0, children.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((children[middle] as XmlNode).order < node.order) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* following(node: XmlNode): Generator<XmlNode> {
  // An attribute comes before the children of its element.
  if (node.kind === 'attribute' && node.parent) yield* downwards(node.parent);
  for (const above of upwards(node.kind === 'attribute' ? node.parent : node)) {
    for (const sibling of siblings(above, 1)) {
      yield sibling;
      yield* downwards(sibling);
    }
  }
}

function* preceding(node: XmlNode): Generator<XmlNode> {
  for (const above of upwards(node.kind === 'attribute' ? node.parent : node)) {
    for (const sibling of siblings(above, -1)) yield* backwards(sibling);
  }
}

/** A subtree from its end to its top. */
function* backwards(node: XmlNode): Generator<XmlNode> {
  for (let at = node.children.length - 1; at >= 0; at -= 1) yield* backwards(node.children[at] as XmlNode);
  yield node;
}

/** Whether a node passes a node test. Names select elements, on the attribute axis attributes. */
export function passes(node: XmlNode, axis: Axis, test: NodeTest): boolean {
  switch (test.kind) {
    case 'node':
      return true;
    case 'text':
      return node.kind === 'text';
    case 'name':
      if (node.kind !== (axis === 'attribute' ? 'attribute' : 'element')) return false;
      return (
        (test.name === '*' || test.name === node.name) && (test.prefix === '' || test.prefix === node.prefix)
      );
    default:
      return false;
  }
}
