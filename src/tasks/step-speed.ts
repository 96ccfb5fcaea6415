import type { Amount } from '../model/progress.ts';

/** A step of a run: when it began and was last heard of, in milliseconds of one clock, and how far it is. */
interface Step {
  began: number;
  heard: number;
  /** When something else began after it. */
  passed?: number;
  first?: number;
  amount?: Amount;
}

export interface StepTime {
  step: string;
  seconds: number;
}

/** The speed of a step. */
export interface StepSpeed {
  /** Units in a second. */
  rate?: number;
  /** Milliseconds. */
  left?: number;
}

/** Maximum number of listed steps: a command that names each of its documents must not keep all of them. */
const mostSteps = 1000;

/** Milliseconds after which a rate means something. */
const worthARate = 2000;

/** The steps of a run, and what is known of their speed. */
export class StepSpeeds {
  readonly #steps = new Map<string, Step>();
  #last: Step | undefined;

  /** True when the step is new. */
  hear(name: string, amount: Amount | undefined, now: number): boolean {
    const known = this.#steps.get(name);
    const step: Step = known ?? { began: now, heard: now };
    step.heard = now;
    if (amount) {
      step.first ??= amount.done;
      step.amount = amount;
    }
    if (known) return false;
    if (this.#last) this.#last.passed ??= now;
    this.#last = step;
    if (this.#steps.size < mostSteps) this.#steps.set(name, step);
    return true;
  }

  /** The speed of a step, and the time that is left by it; empty: nothing is known yet. */
  speed(name: string, now: number): StepSpeed {
    const { amount, first = 0, began } = this.#steps.get(name) ?? { began: now };
    if (!amount) return {};
    const { done, total } = amount;
    const elapsed = now - began;
    const rate = elapsed >= worthARate ? ((done - first) / elapsed) * 1000 : 0;
    if (rate <= 0) return {};
    const left = total === undefined ? 0 : ((total - done) / rate) * 1000;
    return { rate, ...(left > 0 && { left }) };
  }

  /** `3,000 of 45,000 documents  1,450/s  29 s left`; empty: nothing is known of it but its name. */
  state(name: string, now: number): string {
    const amount = this.amountOf(name);
    if (!amount) return '';
    const { done, total, unit } = amount;
    const { rate, left } = this.speed(name, now);
    return [
      counted(done, total, unit),
      ...(rate === undefined ? [] : [`${unit === 'bytes' ? megabytes(rate, ' MB') : perSecond(rate)}/s`]),
      ...(left === undefined ? [] : [`${duration(left / 1000)} left`]),
    ].join('  ');
  }

  amountOf(name: string): Amount | undefined {
    return this.#steps.get(name)?.amount;
  }

  /** The time of each step, in the order in which they began. Steps at the same time overlap. */
  times(now: number): StepTime[] {
    return [...this.#steps].map(([step, { began, heard, passed = now }]) => ({
      step,
      seconds: seconds(Math.max(heard, passed) - began),
    }));
  }
}

/** Milliseconds in seconds, to the hundredth. */
export function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 10) / 100;
}

function counted(done: number, total: number | undefined, unit: string): string {
  if (unit === 'bytes')
    return `${total === undefined ? '' : `${megabytes(done)} of `}${megabytes(total ?? done, ' MB')}`;
  const of = total === undefined ? '' : ` of ${total.toLocaleString('en-US')}`;
  return `${done.toLocaleString('en-US')}${of} ${unit}`;
}

function megabytes(bytes: number, unit = ''): string {
  return `${(bytes / 1e6).toFixed(1)}${unit}`;
}

function perSecond(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString('en-US');
}

/** `45 s`, `3 min`, `1 h 5 min`. */
function duration(span: number): string {
  if (span < 90) return `${Math.ceil(span)} s`;
  const minutes = Math.ceil(span / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
