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
  return settled(node, new Set()) !== undefined;
}

/** The groups that have surely matched behind a part; undefined: the part does not match alike. */
function settled(node: Node, before: ReadonlySet<number>): ReadonlySet<number> | undefined {
  switch (node.kind) {
    case 'set':
    case 'fail':
      return before;
    case 'anchor':
      return node.at === 'from' ? undefined : before;
    case 'sequence': {
      let groups: ReadonlySet<number> | undefined = before;
      for (const item of node.items) {
        groups = settled(item, groups);
        if (!groups) return undefined;
      }
      return groups;
    }
    case 'alternatives': {
      const branches = node.branches.map((branch) => settled(branch, before));
      const [first, ...others] = branches;
      if (!first || others.includes(undefined)) return undefined;
      return new Set([...first].filter((group) => others.every((other) => other?.has(group))));
    }
    case 'capture': {
      const inside = settled(node.body, before);
      return inside && new Set([...inside, node.number]);
    }
    case 'plain':
    case 'atomic':
      return settled(node.body, before);
    case 'look': {
      if (node.behind && hasGroups(node.body)) return undefined;
      const inside = settled(node.body, before);
      return inside && (node.negated ? before : inside);
    }
    case 'repeat': {
      const inside = settled(node.body, before);
      if (!inside || !repeatsAlike(node, inside)) return undefined;
      return node.min > 0 ? inside : before;
    }
    case 'backreference':
      return !node.ignoreCase && before.has(node.group as number) ? before : undefined;
    default:
      return undefined;
  }
}

function repeatsAlike({ body, min, max }: Node & { kind: 'repeat' }, inside: ReadonlySet<number>): boolean {
  const groups = groupsOf(body);
  if (max > 1 && groups.some((group) => !inside.has(group))) return false;
  if (min === max || !mayBeEmpty(body)) return true;
  return groups.length === 0 && emptyLast(body);
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
