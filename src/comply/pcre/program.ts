import { type CharSet, contains } from './char-set.ts';
import { branchesOf, lengthOf, type ParsedPattern } from './parse.ts';
import { PatternError } from './pattern-error.ts';
import type { Anchor, Look, Node } from './syntax.ts';

/** One step of the matcher, and what follows it. */
export type Step =
  | { op: 'set'; has: CharTest; next: Step }
  | { op: 'anchor'; at: Anchor; next: Step }
  /** The first way; if it fails, the other one. */
  | { op: 'fork'; first: Step; other: Step }
  /** As many characters of a set as there are, or as few as do. */
  | { op: 'run'; has: CharTest; min: number; max: number; lazy: boolean; next: Step }
  /** Keeps the place in a register. */
  | { op: 'mark'; register: number; next: Step }
  /** The end of a repeat without bound: once more, but not after an empty time. */
  | { op: 'again'; register: number; lazy: boolean; body: Step; next: Step }
  | { op: 'close'; group: number; next: Step }
  /** Keeps how many ways are open, and those are all that `cut` leaves. With `back` it also returns to the place of the mark. */
  | { op: 'hold'; register: number; next: Step }
  | { op: 'cut'; register: number; back: number | undefined; next: Step }
  /** The end of a negative assertion that has matched: undoes all since `hold`. */
  | { op: 'undo'; register: number }
  /** So many characters back. */
  | { op: 'back'; count: number; next: Step }
  | { op: 'backreference'; group: number; ignoreCase: boolean; next: Step }
  | { op: 'call'; group: number; next: Step }
  | { op: 'ask'; test: 'group' | 'called'; group: number; yes: Step; no: Step }
  | { op: 'keep'; next: Step }
  | { op: 'fail' }
  | { op: 'end' };

/** A set as the matcher asks it. */
export interface CharTest {
  ascii: Uint8Array;
  set: CharSet;
}

export interface Program {
  start: Step;
  groups: number;
  /** For each group where a call of it begins. */
  entries: ReadonlyMap<number, Step>;
  /** Of the groups two each (start and end), then where they were opened, then those of the steps. */
  registers: number;
}

/** Where a group's places are in the registers. */
export const startOfGroup = (group: number): number => 2 * (group - 1);
export const endOfGroup = (group: number): number => 2 * (group - 1) + 1;
export const openedAt = (groups: number, group: number): number => 2 * groups + group - 1;

/** More steps are refused: PCRE2 has a limit of 64 kB. */
const maxSteps = 20_000;

/** Compiles a pattern for the matcher. Throws PatternError for one that is too large. */
export function compile({ root, groups }: ParsedPattern): Program {
  const compiler = new Compiler(groups);
  const end: Step = { op: 'end' };
  const start = compiler.compile(root, end);
  compiler.entries.set(0, start);
  return { start, groups, entries: compiler.entries, registers: compiler.registers };
}

class Compiler {
  readonly entries = new Map<number, Step>();
  registers: number;
  readonly #groups: number;
  readonly #tests = new Map<CharSet, CharTest>();
  #steps = 0;

  constructor(groups: number) {
    this.#groups = groups;
    this.registers = 3 * groups;
  }

  /** The steps of a part, which end in `next`. The first of several copies of a group is the last to be compiled. */
  compile(node: Node, next: Step): Step {
    this.#steps += 1;
    if (this.#steps > maxSteps) throw new PatternError(`pattern of more than ${maxSteps} parts`, true);
    switch (node.kind) {
      case 'set':
        return { op: 'set', has: this.#testOf(node.set), next };
      case 'anchor':
        return { op: 'anchor', at: node.at, next };
      case 'sequence':
        return node.items.reduceRight<Step>((rest, item) => this.compile(item, rest), next);
      case 'alternatives':
        return [...node.branches]
          .reverse()
          .map((branch) => this.compile(branch, next))
          .reduce((other, first) => ({ op: 'fork', first, other }));
      case 'plain':
        return this.compile(node.body, next);
      case 'capture': {
        const body = this.compile(node.body, { op: 'close', group: node.number, next });
        const entry: Step = { op: 'mark', register: openedAt(this.#groups, node.number), next: body };
        this.entries.set(node.number, entry);
        return entry;
      }
      case 'atomic':
        return this.#atomic((end) => this.compile(node.body, end), next);
      case 'look':
        return this.#look(node, next);
      case 'repeat':
        return node.mode === '+'
          ? this.#atomic((end) => this.#repeat({ ...node, mode: '' }, end), next)
          : this.#repeat(node, next);
      case 'backreference':
        return { op: 'backreference', group: node.group as number, ignoreCase: node.ignoreCase, next };
      case 'call':
        return { op: 'call', group: node.group as number, next };
      case 'condition':
        return this.#condition(node, next);
      case 'keep':
        return { op: 'keep', next };
      case 'fail':
        return { op: 'fail' };
    }
  }

  #register(): number {
    this.registers += 1;
    return this.registers - 1;
  }

  #testOf(set: CharSet): CharTest {
    let test = this.#tests.get(set);
    if (!test) {
      test = { ascii: Uint8Array.from({ length: 128 }, (_, code) => Number(contains(set, code))), set };
      this.#tests.set(set, test);
    }
    return test;
  }

  #atomic(body: (end: Step) => Step, next: Step): Step {
    const register = this.#register();
    return { op: 'hold', register, next: body({ op: 'cut', register, back: undefined, next }) };
  }

  /** A copy for each time that must be and each that may be; without bound the last one is a loop. */
  #repeat({ body, min, max, mode }: Node & { kind: 'repeat' }, next: Step): Step {
    const lazy = mode === '?';
    if (body.kind === 'set') return { op: 'run', has: this.#testOf(body.set), min, max, lazy, next };
    let step = next;
    if (max === 0) this.compile(body, { op: 'fail' });
    if (max === Number.POSITIVE_INFINITY) {
      const loop = this.#loop(body, lazy, next);
      step = min > 0 ? loop : fork(loop, next, lazy);
    } else {
      for (let time = min; time < max; time += 1) step = fork(this.compile(body, step), next, lazy);
    }
    const copies = max === Number.POSITIVE_INFINITY ? min - 1 : min;
    for (let time = 0; time < copies; time += 1) step = this.compile(body, step);
    return step;
  }

  #loop(body: Node, lazy: boolean, next: Step): Step {
    const register = this.#register();
    const again: Step = { op: 'again', register, lazy, body: next, next };
    const mark: Step = { op: 'mark', register, next: this.compile(body, again) };
    again.body = mark;
    return mark;
  }

  #look(node: Look, next: Step): Step {
    const held = this.#register();
    if (node.negated) {
      const body = this.#lookedAt(node, { op: 'undo', register: held });
      return { op: 'hold', register: held, next: { op: 'fork', first: body, other: next } };
    }
    const place = this.#register();
    const body = this.#lookedAt(node, { op: 'cut', register: held, back: place, next });
    return { op: 'hold', register: held, next: { op: 'mark', register: place, next: body } };
  }

  #lookedAt({ behind, body }: Look, end: Step): Step {
    if (!behind) return this.compile(body, end);
    return [...branchesOf(body)]
      .reverse()
      .map((branch): Step => ({ op: 'back', count: lengthOf(branch), next: this.compile(branch, end) }))
      .reduce((other, first) => ({ op: 'fork', first, other }));
  }

  #condition({ test, yes, no }: Node & { kind: 'condition' }, next: Step): Step {
    const otherwise = this.compile(no, next);
    const then = this.compile(yes, next);
    if (test.kind === 'never') return next;
    if (test.kind !== 'look')
      return { op: 'ask', test: test.kind, group: test.group as number, yes: then, no: otherwise };
    // Groups that an assertion sets stay set, whichever way it decides.
    const [held, place] = [this.#register(), this.#register()];
    const [matched, failed] = test.negated ? [otherwise, then] : [then, otherwise];
    const body = this.#lookedAt(test, { op: 'cut', register: held, back: place, next: matched });
    const fork: Step = { op: 'fork', first: body, other: failed };
    return { op: 'hold', register: held, next: { op: 'mark', register: place, next: fork } };
  }
}

function fork(body: Step, next: Step, lazy: boolean): Step {
  return lazy ? { op: 'fork', first: next, other: body } : { op: 'fork', first: body, other: next };
}
