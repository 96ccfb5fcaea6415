/** Fields of every progress event. */
interface AnyProgress {
  /** The current step, for display: `reading Debian Security Tracker`. The wording may change between versions. */
  step: string;
}

/** A step that has begun or continues, without an amount. */
export interface StepEvent extends AnyProgress {
  kind: 'step';
  done?: undefined;
  total?: undefined;
  unit?: undefined;
  rate?: undefined;
  left?: undefined;
}

/** The progress of a step. */
export interface AmountEvent extends AnyProgress {
  kind: 'amount';
  /** The amount done, in `unit`. */
  done: number;
  /** The total amount. Absent if not known. */
  total?: number;
  /** The unit of the amounts: `bytes`, `packages`, `documents`. */
  unit: string;
  /** Units per second since the step began. Absent during its first two seconds. */
  rate?: number;
  /** Estimated time left in milliseconds. Absent without a rate or a total. */
  left?: number;
}

/** A step of a long operation and its progress. `kind` distinguishes the two types. */
export type ProgressEvent = StepEvent | AmountEvent;
