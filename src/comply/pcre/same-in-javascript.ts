import { childrenOf } from './parse.ts';
import type { Node } from './syntax.ts';

/**
 * Whether JavaScript, too, matches a translated pattern as PCRE does. It does not where
 * - a group is referred to that may not have matched, which is empty in JavaScript and a failure in PCRE;
 * - a group in a repeat may keep its text from an earlier time, which JavaScript forgets each time;
 * - a repeat may end with an empty time, which JavaScript refuses and PCRE takes;
 * - groups are set in a lookbehind, which JavaScript matches from the right;
 * - letters of a reference may differ in case, in other letters than JavaScript's;
 * - it has no such construct: calls, conditions, `\K`, `\G`.
 */
export function sameInJavaScript(node: Node): boolean {
  return new Comparison().alike(node);
}

/** Goes through a pattern in the order of matching. */
class Comparison {
  /** The groups that have surely matched at this place, and the order in which they did. */
  readonly #settled = new Set<number>();
  readonly #order: number[] = [];

  alike(node: Node): boolean {
    switch (node.kind) {
      case 'set':
      case 'fail':
        return true;
      case 'anchor':
        return node.at !== 'from';
      case 'sequence':
        return node.items.every((item) => this.alike(item));
      case 'alternatives': {
        const before = this.#order.length;
        let common: readonly number[] | undefined;
        for (const branch of node.branches) {
          if (!this.alike(branch)) return false;
          const own = this.#takeBack(before);
          const others = new Set(own);
          common = common?.filter((group) => others.has(group)) ?? own;
        }
        for (const group of common ?? []) this.#settle(group);
        return true;
      }
      case 'capture':
        if (!this.alike(node.body)) return false;
        this.#settle(node.number);
        return true;
      case 'plain':
      case 'atomic':
        return this.alike(node.body);
      case 'look': {
        const before = this.#order.length;
        if ((node.behind && hasGroups(node.body)) || !this.alike(node.body)) return false;
        if (node.negated) this.#takeBack(before);
        return true;
      }
      case 'repeat': {
        const before = this.#order.length;
        if (!this.alike(node.body) || !this.#repeatsAlike(node)) return false;
        if (node.min === 0) this.#takeBack(before);
        return true;
      }
      case 'backreference':
        return !node.ignoreCase && this.#settled.has(node.group as number);
      default:
        return false;
    }
  }

  #repeatsAlike({ body, min, max }: Node & { kind: 'repeat' }): boolean {
    const groups = groupsOf(body);
    if (max > 1 && groups.some((group) => !this.#settled.has(group))) return false;
    if (min === max || !mayBeEmpty(body)) return true;
    return groups.length === 0 && emptyLast(body);
  }

  #settle(group: number): void {
    if (this.#settled.has(group)) return;
    this.#settled.add(group);
    this.#order.push(group);
  }

  /** The groups that were settled after so many others, which are not any more. */
  #takeBack(count: number): number[] {
    const taken = this.#order.splice(count);
    for (const group of taken) this.#settled.delete(group);
    return taken;
  }
}

/** Whether a part, if it may match nothing, tries that after all else: refusing it and taking it then lead to the same place. */
function emptyLast(node: Node): boolean {
  if (!mayBeEmpty(node)) return true;
  switch (node.kind) {
    case 'alternatives':
      return (
        node.branches.slice(0, -1).every((branch) => !mayBeEmpty(branch)) &&
        emptyLast(node.branches.at(-1) as Node)
      );
    case 'repeat':
      return node.mode !== '?' && emptyLast(node.body);
    default:
      return childrenOf(node).every(emptyLast);
  }
}

/** Whether a part can match nothing. */
export function mayBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'set':
    case 'fail':
      return false;
    case 'sequence':
      return node.items.every(mayBeEmpty);
    case 'alternatives':
      return node.branches.some(mayBeEmpty);
    case 'repeat':
      return node.min === 0 || mayBeEmpty(node.body);
    case 'capture':
    case 'plain':
    case 'atomic':
      return mayBeEmpty(node.body);
    default:
      return true;
  }
}

function hasGroups(node: Node): boolean {
  return groupsOf(node).length > 0;
}

function groupsOf(node: Node): readonly number[] {
  const inside = childrenOf(node).flatMap(groupsOf);
  return node.kind === 'capture' ? [node.number, ...inside] : inside;
}
