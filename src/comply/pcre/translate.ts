import { anyButLineFeed, anyCharacter, type CharSet, complement } from './char-set.ts';
import { PatternError } from './pattern-error.ts';
import type { Anchor, Node } from './syntax.ts';

/** JavaScript for a PCRE pattern. */
export interface TranslatedPattern {
  source: string;
  /** For each PCRE group (from 1) the JavaScript groups that can hold it: several under a branch reset. */
  groups: number[][];
}

/**
 * Translates a pattern that `sameInJavaScript` accepts to a JavaScript one that matches the same texts of the Basic Multilingual
 * Plane. What JavaScript lacks is rewritten: letter case into classes, anchors into lookarounds, atomic groups and possessive
 * quantifiers into a captured lookahead, branch reset by numbering.
 */
export function translate(root: Node, groups: number): TranslatedPattern {
  const emitter = new Emitter(groups);
  return { source: emitter.whole(root), groups: emitter.groups };
}

/** Lines end at \n only, and a plain `$` also matches before a last \n. */
const anchors: Readonly<Record<Anchor, string>> = {
  start: '(?<![\\s\\S])',
  lineStart: '(?:(?<![\\s\\S])|(?<=\\n)(?=[\\s\\S]))',
  end: '(?=\\n?(?![\\s\\S]))',
  lineEnd: '(?![^\\n])',
  veryEnd: '(?![\\s\\S])',
  boundary: '\\b',
  noBoundary: '\\B',
  from: '',
};

/**
 * V8 compiles a pattern anew when it is used again, and looks from each part that may match nothing into all behind it: 80 in a
 * row took it three seconds, 160 two minutes, and no deadline ends that. An assertion that always holds ends the look.
 */
const lookEnd = '(?=)';
const partsInRow = 8;

class Emitter {
  readonly groups: number[][];
  #opened = 0;
  #idle = 0;

  constructor(count: number) {
    this.groups = Array.from({ length: count }, () => []);
  }

  whole(root: Node): string {
    return this.#emit(root);
  }

  #emit(node: Node): string {
    switch (node.kind) {
      case 'set':
        return classOf(node.set);
      case 'anchor':
        return anchors[node.at];
      case 'fail':
        return '(?!)';
      case 'sequence':
        return node.items.map((item) => this.#emit(item)).join('');
      case 'alternatives':
        return node.branches.map((branch) => this.#emit(branch) + this.#lookEnd(branch)).join('|');
      case 'plain':
        return `(?:${this.#emit(node.body)})`;
      case 'look':
        return `(?:(?${node.behind ? '<' : ''}${node.negated ? '!' : '='}${this.#emit(node.body)}))`;
      case 'capture':
        this.#opened += 1;
        this.groups[node.number - 1]?.push(this.#opened);
        return `(${this.#emit(node.body)})`;
      case 'atomic':
        return this.#atomic(() => this.#emit(node.body));
      case 'repeat': {
        const emit = () => this.#repeat(node, node.mode === '+' ? '' : node.mode);
        return (node.mode === '+' ? this.#atomic(emit) : emit()) + this.#lookEnd(node);
      }
      case 'backreference': {
        // A group of JavaScript that has not matched is empty, so those of a branch reset can stand in a row.
        const holders = this.groups[(node.group as number) - 1] ?? [];
        return `(?:${holders.map((holder) => `\\${holder}`).join('')})`;
      }
      default:
        throw new PatternError(`no translation of ${node.kind}`);
    }
  }

  #repeat({ body, min, max }: Node & { kind: 'repeat' }, mode: string): string {
    const inner = this.#emit(body);
    return (body.kind === 'set' && inner !== nothing ? inner : `(?:${inner})`) + rangeText(min, max) + mode;
  }

  /** The suffix of a part: the end of the look after every few parts that may match nothing. */
  #lookEnd(part: Node): string {
    if (takesText(part)) return '';
    this.#idle += 1;
    return this.#idle % partsInRow === 0 ? lookEnd : '';
  }

  /** A lookahead does not backtrack into what it matched; the back reference then consumes it. */
  #atomic(body: () => string): string {
    this.#opened += 1;
    const own = this.#opened;
    return `(?:(?=(${body()}))\\${own})`;
  }
}

function rangeText(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  if (min === max) return `{${min}}`;
  return min === 0 && max === 1 ? '?' : `{${min},${max}}`;
}

/** True if a part certainly matches some text, as far as one look shows. */
function takesText(node: Node): boolean {
  switch (node.kind) {
    case 'set':
      return true;
    case 'sequence':
      return node.items.some((item) => item.kind !== 'sequence' && takesText(item));
    case 'repeat':
      return node.min > 0 && node.body.kind === 'set';
    default:
      return false;
  }
}

const nothing = '(?!)';
const lastPlain = 0xffff;

/** A set as JavaScript source. */
export function classOf(set: CharSet): string {
  if (set === anyCharacter) return '[\\s\\S]';
  if (set === anyButLineFeed) return '[^\\n]';
  const [first = lastPlain + 1, last] = set;
  if (first > lastPlain) return nothing;
  if (first === last && set.length === 2) return literal(first);
  const all = first === 0 && (last as number) >= lastPlain;
  if (all) return '[\\s\\S]';
  return (set.at(-1) as number) >= lastPlain ? `[^${insideOf(complement(set))}]` : `[${insideOf(set)}]`;
}

function insideOf(set: CharSet): string {
  let inside = '';
  for (let at = 0; at < set.length && (set[at] as number) <= lastPlain; at += 2) {
    const first = set[at] as number;
    const last = Math.min(set[at + 1] as number, lastPlain);
    inside += first === last ? literal(first) : `${literal(first)}-${literal(last)}`;
  }
  return inside;
}

/** One character as JavaScript source, safe inside and outside a class. */
function literal(code: number): string {
  const char = String.fromCharCode(code);
  if (/[0-9A-Za-z_ !"#%&',:;<=>@`~]/.test(char)) return char;
  if (code < 0x20 || code > 0x7e) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\${char}`;
}
