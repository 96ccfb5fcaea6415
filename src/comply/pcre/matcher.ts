import { sameLetter } from './case-folding.ts';
import { contains } from './char-set.ts';
import { PatternError } from './pattern-error.ts';
import { type CharTest, endOfGroup, openedAt, type Program, type Step, startOfGroup } from './program.ts';
import type { Anchor } from './syntax.ts';

/** Maximum number of backtracks of a match from one position; PCRE2's own limit counts alike. */
const maxReturns = 10_000_000;
/** Limits on stored backtracking entries and on nested group calls. */
const maxKept = 4_000_000;
const maxCalls = 5_000;

/** A call of a group that has not ended. */
interface Call {
  group: number;
  from: number;
  next: Step;
  registers: readonly number[];
  depth: number;
  outer: Call | undefined;
}

/**
 * Matches a program against a text by backtracking, as PCRE2 does: what it decides and which text each group has are the same.
 * Throws PatternError where a match takes too many steps, and for a recursion without an end.
 */
export class PatternMatcher {
  readonly #program: Program;
  readonly #text: string;
  readonly #from: number;
  readonly #registers: number[];
  #call: Call | undefined;
  /**
   * Backtracking stack. A step is an alternative, with its position, and for a run with the length that it may reach (-1: not yet
   * begun); a number is a register with its former value; undefined stands for the former call.
   */
  readonly #kept: (Step | number | undefined)[] = [];
  readonly #values: (number | Call | undefined)[] = [];
  readonly #limits: number[] = [];

  /** `from`: where the search in the text begins. */
  constructor(program: Program, text: string, from: number) {
    this.#program = program;
    this.#text = text;
    this.#from = from;
    this.#registers = new Array<number>(program.registers + 1).fill(-1);
  }

  /** Start and end of the match at this place, then of each group, -1 for one that has not matched; undefined: no match. */
  matchAt(place: number): readonly number[] | undefined {
    this.#registers.fill(-1);
    this.#kept.length = 0;
    this.#call = undefined;
    const end = this.#run(place);
    if (end === undefined) return undefined;
    const kept = this.#registers[this.#program.registers] as number;
    return [kept === -1 ? place : kept, end, ...this.#registers.slice(0, 2 * this.#program.groups)];
  }

  #run(place: number): number | undefined {
    const text = this.#text;
    const registers = this.#registers;
    let step: Step | undefined = this.#program.start;
    let at = place;
    let returns = 0;
    for (;;) {
      if (step === undefined) {
        returns += 1;
        if (returns > maxReturns) throw new PatternError('the match takes too many steps', true);
        const resumed = this.#return();
        if (!resumed) return undefined;
        step = resumed.step;
        at = resumed.at;
        continue;
      }
      switch (step.op) {
        case 'set': {
          if (at >= text.length || !hasAt(step.has, text, at)) step = undefined;
          else {
            at = after(text, at);
            step = step.next;
          }
          break;
        }
        case 'anchor':
          step = holds(step.at, text, at, this.#from) ? step.next : undefined;
          break;
        case 'fork':
          this.#keep(step.other, at, -1);
          step = step.first;
          break;
        case 'run': {
          const reached = this.#runOn(step, at);
          at = reached;
          step = reached < 0 ? undefined : step.next;
          break;
        }
        case 'mark':
          this.#set(step.register, at);
          step = step.next;
          break;
        case 'again':
          if (registers[step.register] === at) step = step.next;
          else {
            this.#keep(step.lazy ? step.body : step.next, at, -1);
            step = step.lazy ? step.next : step.body;
          }
          break;
        case 'close':
          if (this.#call?.group === step.group) step = this.#endCall(this.#call);
          else {
            this.#set(
              startOfGroup(step.group),
              registers[openedAt(this.#program.groups, step.group)] as number,
            );
            this.#set(endOfGroup(step.group), at);
            step = step.next;
          }
          break;
        case 'hold':
          this.#set(step.register, this.#kept.length);
          step = step.next;
          break;
        case 'cut':
          this.#cut(registers[step.register] as number);
          if (step.back !== undefined) at = registers[step.back] as number;
          step = step.next;
          break;
        case 'undo':
          this.#undo(registers[step.register] as number);
          step = undefined;
          break;
        case 'back': {
          let count: number = step.count;
          for (; count > 0 && at > 0; count -= 1) at = before(text, at);
          step = count > 0 ? undefined : step.next;
          break;
        }
        case 'backreference': {
          const reached = this.#sameText(step.group, step.ignoreCase, at);
          if (reached === undefined) step = undefined;
          else {
            at = reached;
            step = step.next;
          }
          break;
        }
        case 'call':
          step = this.#beginCall(step.group, at, step.next);
          break;
        case 'ask':
          step = this.#answer(step.test, step.group) ? step.yes : step.no;
          break;
        case 'keep':
          this.#set(this.#program.registers, at);
          step = step.next;
          break;
        case 'fail':
          step = undefined;
          break;
        case 'end':
          if (this.#call === undefined) return at;
          step = this.#endCall(this.#call);
      }
    }
  }

  #keep(way: Step | number | undefined, value: number | Call | undefined, limit: number): void {
    const length = this.#kept.push(way);
    this.#values[length - 1] = value;
    this.#limits[length - 1] = limit;
    if (length > maxKept) throw new PatternError('the match takes too much memory', true);
  }

  #set(register: number, value: number): void {
    this.#keep(register, this.#registers[register], -1);
    this.#registers[register] = value;
  }

  /** Takes back what was kept last, up to the next way, and where to go on; undefined: there is none. */
  #return(): { step: Step; at: number } | undefined {
    for (let top = this.#kept.length - 1; top >= 0; top -= 1) {
      const way = this.#kept.pop();
      if (typeof way !== 'object') {
        this.#restore(way, top);
        continue;
      }
      const at = this.#values[top] as number;
      const limit = this.#limits[top] as number;
      if (way.op !== 'run' || limit < 0) return { step: way, at };
      if (!way.lazy) {
        const shorter = before(this.#text, at);
        if (shorter > limit) this.#keep(way, shorter, limit);
        return { step: way.next, at: shorter };
      }
      if (at < this.#text.length && hasAt(way.has, this.#text, at)) {
        const longer = after(this.#text, at);
        if (limit > 1) this.#keep(way, longer, limit - 1);
        return { step: way.next, at: longer };
      }
    }
    return undefined;
  }

  #restore(register: number | undefined, top: number): void {
    if (register === undefined) this.#call = this.#values[top] as Call | undefined;
    else this.#registers[register] = this.#values[top] as number;
  }

  /** Drops the ways that were kept above a height. What they would undo stays to be undone. */
  #cut(height: number): void {
    let length = height;
    for (let at = height; at < this.#kept.length; at += 1) {
      if (typeof this.#kept[at] === 'object') continue;
      this.#kept[length] = this.#kept[at];
      this.#values[length] = this.#values[at];
      length += 1;
    }
    this.#kept.length = length;
  }

  #undo(height: number): void {
    while (this.#kept.length > height) {
      const way = this.#kept.pop();
      if (typeof way !== 'object') this.#restore(way, this.#kept.length);
    }
  }

  /** Where a run of a set ends at first; -1: it is too short. */
  #runOn(step: Step & { op: 'run' }, place: number): number {
    const { has, min, max, lazy } = step;
    const text = this.#text;
    let at = place;
    let count = 0;
    for (; count < min; count += 1) {
      if (at >= text.length || !hasAt(has, text, at)) return -1;
      at = after(text, at);
    }
    if (lazy) {
      if (max > min) this.#keep(step, at, max - min);
      return at;
    }
    const shortest = at;
    for (; count < max && at < text.length && hasAt(has, text, at); count += 1) at = after(text, at);
    if (at > shortest) this.#keep(step, at, shortest);
    return at;
  }

  /** Behind a repetition of the group's text; undefined: it has not matched, or other text stands here. */
  #sameText(group: number, ignoreCase: boolean, place: number): number | undefined {
    const end = this.#registers[endOfGroup(group)] as number;
    if (end < 0) return undefined;
    const text = this.#text;
    let at = place;
    for (let own = this.#registers[startOfGroup(group)] as number; own < end; own = after(text, own)) {
      if (at >= text.length) return undefined;
      const one = text.codePointAt(own) as number;
      const other = text.codePointAt(at) as number;
      if (one !== other && !(ignoreCase && sameLetter(one, other))) return undefined;
      at = after(text, at);
    }
    return at;
  }

  #beginCall(group: number, at: number, next: Step): Step | undefined {
    const depth = (this.#call?.depth ?? 0) + 1;
    if (depth > maxCalls) throw new PatternError('too many calls of groups within each other', true);
    for (let call = this.#call; call; call = call.outer)
      if (call.group === group && call.from === at) throw new PatternError('a recursion without an end');
    this.#keep(undefined, this.#call, -1);
    this.#call = { group, from: at, next, registers: [...this.#registers], depth, outer: this.#call };
    return this.#program.entries.get(group);
  }

  /** Behind a call, groups have the texts that they had before it. */
  #endCall(call: Call): Step {
    for (const [register, value] of call.registers.entries())
      if (this.#registers[register] !== value) this.#set(register, value);
    this.#keep(undefined, this.#call, -1);
    this.#call = call.outer;
    return call.next;
  }

  #answer(test: 'group' | 'called', group: number): boolean {
    if (test === 'group') return (this.#registers[endOfGroup(group)] as number) >= 0;
    return this.#call !== undefined && (group === 0 || this.#call.group === group);
  }
}

function hasAt({ ascii, set }: CharTest, text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 128 ? ascii[code] === 1 : contains(set, text.codePointAt(at) as number);
}

function holds(anchor: Anchor, text: string, at: number, from: number): boolean {
  switch (anchor) {
    case 'start':
      return at === 0;
    case 'lineStart':
      return at === 0 || (at < text.length && text[at - 1] === '\n');
    case 'end':
      return at === text.length || (at === text.length - 1 && text[at] === '\n');
    case 'lineEnd':
      return at === text.length || text[at] === '\n';
    case 'veryEnd':
      return at === text.length;
    case 'from':
      return at === from;
    case 'boundary':
      return isWord(text, at - 1) !== isWord(text, at);
    case 'noBoundary':
      return isWord(text, at - 1) === isWord(text, at);
  }
}

function isWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (
    (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122)
  );
}

/** The place behind the character here. */
export function after(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

function before(text: string, at: number): number {
  return at >= 2 && (text.codePointAt(at - 2) ?? 0) > 0xffff ? at - 2 : at - 1;
}
