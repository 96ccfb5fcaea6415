/** What every event has. */
interface AnyProgress {
  /** What is done now, in words for people: `reading Debian Security Tracker`. Words may change between versions. */
  step: string;
}

/** A step has begun, or goes on, and nobody counts. */
export interface StepEvent extends AnyProgress {
  kind: 'step';
  done?: undefined;
  total?: undefined;
  unit?: undefined;
  rate?: undefined;
  left?: undefined;
}

/** How far a step is. */
export interface AmountEvent extends AnyProgress {
  kind: 'amount';
  /** How much of the step is done, in `unit`. */
  done: number;
  /** How much there is; absent: nobody knows. */
  total?: number;
  /** What is counted: `bytes`, `packages`, `documents`. */
  unit: string;
  /** Units in a second since the step began; absent in its first two seconds. */
  rate?: number;
  /** Milliseconds that the rest takes at this rate; absent without a rate or a total. */
  left?: number;
}

/** A step of long work, and how far it is; `kind` tells the two apart. */
export type ProgressEvent = StepEvent | AmountEvent;
