import { type Growth, growthOf } from './cost.ts';
import { anchors, anyButLineFeed, anyCharacter, parsePcre } from './parse.ts';
import { type Node, PatternError, type PcreFlags } from './syntax.ts';

/** JavaScript for a PCRE pattern. */
export interface TranslatedPattern {
  source: string;
  flags: string;
  /** For each PCRE group (from 1) the JavaScript groups that can hold it: several under a branch reset. */
  groups: number[][];
  /** Where a match can start, as PCRE itself finds out: only here, only at the start of a line, or anywhere. */
  start: 'here' | 'line' | 'anywhere';
  growth: Growth;
}

/**
 * Translates a PCRE pattern to a JavaScript one that matches the same text. What JavaScript lacks is rewritten: inline
 * flags into classes of both cases, `^ $ . \s \w` into PCRE's own sets, POSIX classes, `\A \Z \h \R \Q..\E`, atomic groups
 * and possessive quantifiers into a captured lookahead, branch reset by numbering, subroutine calls by copying. Throws
 * PatternError for a malformed pattern and for recursion, conditions and verbs, which have no such form.
 */
export function translatePcre(pattern: string, flags: Partial<PcreFlags> = {}): TranslatedPattern {
  const whole = { ignoreCase: false, multiline: false, dotAll: false, extended: false, ...flags };
  const leading = /^\(\?i\)/.test(pattern);
  const native =
    (whole.ignoreCase || leading) && !/\(\?[a-z]*-?[a-z]*i/.test(leading ? pattern.slice(4) : pattern);
  const parsed = parsePcre(pattern, whole, native);
  const emitter = new Emitter(parsed.root, parsed.names, parsed.groups);
  const start = startOf(parsed.root);
  const jsFlags = `${native ? 'i' : ''}${start === 'anywhere' ? 'g' : 'y'}`;
  return {
    source: emitter.whole(),
    flags: jsFlags,
    groups: emitter.groups,
    start,
    growth: growthOf(parsed.root),
  };
}

/**
 * A pattern that begins with `.*` matches from the first place where it matches at all, so later places need not be tried
 * (PCRE's implicit anchoring); without (?s) that holds line by line. A leading `^` says the same of itself.
 */
function startOf(node: Node): TranslatedPattern['start'] {
  switch (node.kind) {
    case 'sequence':
      return node.items[0] ? startOf(node.items[0]) : 'anywhere';
    case 'alternatives':
      return common(node.branches.map(startOf));
    case 'plain':
      return startOf(node.body);
    case 'atom':
      if (node.source === anchors.start) return 'here';
      return node.source === anchors.lineStart ? 'line' : 'anywhere';
    case 'repeat': {
      if (node.range !== '*' || node.mode !== '' || node.body.kind !== 'atom') return 'anywhere';
      if (node.body.source === anyCharacter) return 'here';
      return node.body.source === anyButLineFeed ? 'line' : 'anywhere';
    }
    default:
      return 'anywhere';
  }
}

function common(starts: readonly TranslatedPattern['start'][]): TranslatedPattern['start'] {
  if (starts.includes('anywhere')) return 'anywhere';
  return starts.includes('line') ? 'line' : 'here';
}

/**
 * V8 compiles a pattern anew when it is used again, and looks from each part that may match nothing into all behind it: 80 in a
 * row took it three seconds, 160 two minutes, and no deadline ends that. An assertion that always holds ends the look.
 */
const lookEnd = '(?=)';
const partsInRow = 8;

/** Parts of a translated pattern; calls of groups that call others would double it each time. */
const maxNodes = 500_000;

class Emitter {
  readonly groups: number[][] = [];
  readonly #root: Node;
  readonly #names: ReadonlyMap<string, number>;
  readonly #count: number;
  #opened = 0;
  #emitted = 0;
  #idle = 0;
  #copying: number[] = [];

  constructor(root: Node, names: ReadonlyMap<string, number>, count: number) {
    this.#root = root;
    this.#names = names;
    this.#count = count;
    for (let group = 0; group < count; group += 1) this.groups.push([]);
  }

  whole(): string {
    return this.#emit(this.#root).replace(/\0(\d+)\0/g, (_, group: string) => this.#reference(Number(group)));
  }

  #emit(node: Node): string {
    this.#emitted += 1;
    if (this.#emitted > maxNodes) throw new PatternError(`pattern of more than ${maxNodes} parts`, true);
    switch (node.kind) {
      case 'atom':
        return node.source;
      case 'sequence':
        return node.items.map((item) => this.#emit(item)).join('');
      case 'alternatives':
        return node.branches.map((branch) => this.#emit(branch) + this.#lookEnd(branch)).join('|');
      case 'plain':
        return `(?:${this.#emit(node.body)})`;
      case 'look':
        return `(?:(?${node.open}${this.#emit(node.body)}))`;
      case 'capture':
        return this.#capture(node.number, node.body);
      case 'atomic':
        return this.#atomic(() => this.#emit(node.body));
      case 'repeat':
        return (
          (node.mode === '+'
            ? this.#atomic(() => this.#repeat(node.body, node.range, ''))
            : this.#repeat(node.body, node.range, node.mode)) + this.#lookEnd(node)
        );
      case 'backreference':
        return `\0${this.#numberOf(node.group)}\0`;
      case 'call':
        return this.#copy(this.#numberOf(node.group));
    }
  }

  #repeat(body: Node, range: string, mode: string): string {
    const inner = this.#emit(body);
    const atom = body.kind === 'atom' && !inner.startsWith('(') ? inner : `(?:${inner})`;
    return atom + range + mode;
  }

  /** What stands behind a part: behind every few of those that may match nothing, the end of the look. */
  #lookEnd(part: Node): string {
    if (takesText(part)) return '';
    this.#idle += 1;
    return this.#idle % partsInRow === 0 ? lookEnd : '';
  }

  #capture(number: number, body: Node): string {
    if (this.#copying.length > 0) return `(?:${this.#emit(body)})`;
    this.#opened += 1;
    this.groups[number - 1]?.push(this.#opened);
    return `(${this.#emit(body)})`;
  }

  /** A lookahead does not backtrack into what it matched; the back reference then consumes it. */
  #atomic(body: () => string): string {
    this.#opened += 1;
    const own = this.#opened;
    return `(?:(?=(${body()}))\\${own})`;
  }

  /** JavaScript's unset group matches nothing, so the parts of a branch reset can stand in a row. */
  #reference(group: number): string {
    const holders = this.groups[group - 1];
    if (!holders || holders.length === 0)
      throw new PatternError(`reference to a group that does not exist: ${group}`);
    return `(?:${holders.map((holder) => `\\${holder}`).join('')})`;
  }

  #numberOf(group: number | string): number {
    const number = typeof group === 'string' ? this.#names.get(group) : group;
    if (number === undefined || number > this.#count) {
      throw new PatternError(`reference to a group that does not exist: ${group}`);
    }
    return number;
  }

  #copy(number: number): string {
    if (number === 0 || this.#copying.includes(number))
      throw new PatternError('recursion is not supported', true);
    const body = findCapture(this.#root, number);
    if (!body || contains(body, number)) throw new PatternError('recursion is not supported', true);
    this.#copying.push(number);
    const source = `(?:${this.#emit(body)})`;
    this.#copying.pop();
    return source;
  }
}

/** Whether a part surely matches some text, as far as one look tells. */
function takesText(node: Node): boolean {
  switch (node.kind) {
    case 'atom':
      return node.source !== '' && !assertion.test(node.source);
    case 'sequence':
      return node.items.some((item) => item.kind !== 'sequence' && takesText(item));
    case 'repeat':
      return !/^(?:[?*]|\{0)/.test(node.range) && node.body.kind === 'atom' && takesText(node.body);
    default:
      return false;
  }
}

/** Atoms that match a place and no text; see parse.ts. */
const assertion = /^(?:\\[bB]$|\(\?(?:[=!<]|:\(\?<))/;

function findCapture(node: Node, number: number): Node | undefined {
  if (node.kind === 'capture' && node.number === number) return node.body;
  for (const child of childrenOf(node)) {
    const found = findCapture(child, number);
    if (found) return found;
  }
  return undefined;
}

function contains(node: Node, group: number): boolean {
  return (
    (node.kind === 'call' && node.group === group) || childrenOf(node).some((child) => contains(child, group))
  );
}

function childrenOf(node: Node): readonly Node[] {
  if (node.kind === 'alternatives') return node.branches;
  if (node.kind === 'sequence') return node.items;
  return 'body' in node ? [node.body] : [];
}
