import { type CharSet, union } from './char-set.ts';
import { childrenOf, lineEnds } from './parse.ts';
import { PatternError } from './pattern-error.ts';
import { mayBeEmpty } from './same-in-javascript.ts';
import type { Node } from './syntax.ts';

const wideSpaces: CharSet = [
  0xa0, 0xa0, 0x1680, 0x1680, 0x180e, 0x180e, 0x2000, 0x200a, 0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000,
];
const wideLineEnds: CharSet = [0x85, 0x85, 0x2028, 0x2029];
const lineEndsButLineFeed: CharSet = [11, 13, ...wideLineEnds];

/**
 * PCRE2 makes a repeat possessive if it finds no character that what follows could take as well. Its table of types is that of ASCII: it
 * says so of `\S` and `\h`, which both take a no-break space, of `.` and `\R`, which both take a carriage return, and of these:
 * by the type that is repeated and the one that follows, what both take.
 */
const takenByBoth: Readonly<Record<string, Readonly<Record<string, CharSet>>>> = {
  S: { h: wideSpaces, v: wideLineEnds, R: wideLineEnds },
  h: { S: wideSpaces },
  v: { S: wideLineEnds },
  '.': { R: lineEndsButLineFeed },
  R: { s: [10, 13], '.': lineEndsButLineFeed },
};

/**
 * Makes repeats possessive that PCRE2 makes so although that changes what matches. Returned are the characters on which it may differ where
 * that is not decided here: PCRE2 looks for what follows in groups and behind parts that may be empty. Throws PatternError where
 * it may differ on any text.
 */
export function possess(root: Node): CharSet {
  if (isMisjudged(root, false))
    throw new PatternError('a repeat in front of an atomic group of this form is not supported', true);
  const decider = new Decider(hasCalls(root));
  decider.decide(root, 'nothing', false);
  if (decider.undecided.size === 0) return [];
  const present = typesIn(root);
  const doubts: CharSet[] = [];
  for (const left of decider.undecided)
    for (const [right, both] of Object.entries(takenByBoth[left] ?? {}))
      if (present.has(right)) doubts.push(both);
  return union(...doubts);
}

/** The part that follows; `nothing`: none that PCRE2 compares; `unknown`: more than one part decides. */
type Next = Node | 'nothing' | 'unknown';

class Decider {
  /** Types of repeats for which it is not known. */
  readonly undecided = new Set<string>();
  readonly #hasCalls: boolean;

  constructor(hasCalls: boolean) {
    this.#hasCalls = hasCalls;
  }

  /** `isLast`: in a group behind which `next` stands. */
  decide(node: Node, next: Next, isLast: boolean): void {
    switch (node.kind) {
      case 'sequence':
        for (const [at, item] of node.items.entries()) {
          const behind = node.items[at + 1];
          this.decide(item, behind ?? next, behind === undefined && isLast);
        }
        break;
      case 'alternatives':
        for (const branch of node.branches) this.decide(branch, next, isLast);
        break;
      case 'capture':
        // A call may go on elsewhere.
        this.decide(node.body, this.#hasCalls ? 'nothing' : next, true);
        break;
      case 'plain':
        this.decide(node.body, next, true);
        break;
      case 'repeat':
        if (typeOf(node.body) === undefined) this.decide(node.body, 'unknown', true);
        else this.#repeat(node, next, isLast);
        break;
      default:
        for (const child of childrenOf(node))
          this.decide(child, node.kind === 'condition' ? 'unknown' : 'nothing', true);
    }
  }

  #repeat(node: Node & { kind: 'repeat' }, next: Next, isLast: boolean): void {
    const left = typeOf(node.body) as string;
    const pairs = takenByBoth[left];
    if (!pairs || node.mode === '+' || node.min === node.max) return;
    // PCRE2 does not look behind a group for a lazy one.
    const right = isLast && node.mode === '?' ? undefined : followed(next);
    if (right === 'unknown') this.undecided.add(left);
    else if (right !== undefined && pairs[right]) node.mode = '+';
  }
}

/** The type of what surely follows; undefined: of no type, or nothing that PCRE2 compares. */
function followed(next: Next): string | undefined {
  if (typeof next === 'string') return next === 'unknown' ? next : undefined;
  switch (next.kind) {
    case 'set':
      return next.type;
    case 'repeat': {
      if (next.body.kind === 'look') return undefined;
      const isOne = next.body.kind === 'set' || next.body === lineEnds;
      return isOne && next.min > 0 ? typeOf(next.body) : 'unknown';
    }
    case 'sequence':
    case 'alternatives':
    case 'capture':
    case 'plain':
    case 'atomic':
      return next === lineEnds ? 'R' : 'unknown';
    default:
      return undefined;
  }
}

function hasCalls(node: Node): boolean {
  return node.kind === 'call' || childrenOf(node).some(hasCalls);
}

function typeOf(node: Node): string | undefined {
  if (node === lineEnds) return 'R';
  return node.kind === 'set' ? node.type : undefined;
}

function typesIn(node: Node, found = new Set<string>()): ReadonlySet<string> {
  const type = typeOf(node);
  if (type !== undefined) found.add(type);
  if (node !== lineEnds) for (const child of childrenOf(node)) typesIn(child, found);
  return found;
}

/**
 * Whether PCRE2 may take a repeat for the last part of an atomic group that it is not in, and make it possessive: `a?(?>b?|c)a` does not
 * match `a`. It does so where a branch or a group in an atomic group that follows may be empty. `repeated`: a repeat may end right
 * before this part.
 */
function isMisjudged(node: Node, repeated: boolean): boolean {
  if (node.kind === 'sequence') {
    let before = repeated;
    for (const item of node.items) {
      if (isMisjudged(item, before)) return true;
      before = repeatsOne(item) || (before && mayBeEmpty(item));
    }
    return false;
  }
  if (repeated && isAtomicWithWays(node)) return true;
  return childrenOf(node).some((child) => isMisjudged(child, repeated && node.kind !== 'look'));
}

function isAtomicWithWays(node: Node): boolean {
  if (node === lineEnds || !mayBeEmpty(node)) return false;
  if (node.kind === 'repeat') return node.mode === '+' && node.body.kind !== 'set' && node.body !== lineEnds;
  return node.kind === 'atomic' && hasWays(node.body);
}

function hasWays(node: Node): boolean {
  return node.kind === 'sequence' ? node.items.some(hasWays) : hasGroup(node);
}

function hasGroup(node: Node): boolean {
  return node.kind === 'repeat' ? hasGroup(node.body) : childrenOf(node).length > 0;
}

function repeatsOne(node: Node): boolean {
  if (node.kind === 'repeat' && node.min < node.max && node.mode !== '+')
    if (node.body.kind === 'set' || node.body === lineEnds) return true;
  return childrenOf(node).some(repeatsOne);
}
