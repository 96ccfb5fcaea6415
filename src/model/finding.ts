import { compareCodeUnits } from './order.ts';
/**
 * An input record that was not used, or that was used with a doubt.
 * `dropped` findings count the records that became no statement: records in = records used + records dropped.
 */
export interface Finding {
  source: string;
  /** A stable word: `unknown_status`, `absurd_version`, `fixed_version_disagrees`. */
  reason: string;
  dropped: boolean;
  /** Document and JSON pointer or line. */
  where: string;
  detail?: string;
}

/** Findings with the same reason: their number, and the first few by location. */
export interface FindingSummary {
  source: string;
  reason: string;
  dropped: boolean;
  count: number;
  examples: { where: string; detail?: string }[];
}

/** How many findings of one reason are kept as examples; the count includes all. */
export const examplesPerReason = 20;

/** Counts the records of one source: every record is either used or dropped. */
export class Ledger {
  readonly source: string;
  records = 0;
  used = 0;
  // A big input has hundreds of thousands of findings of a few reasons.
  readonly #dropped = new Map<string, FindingSummary>();
  readonly #doubted = new Map<string, FindingSummary>();

  constructor(source: string) {
    this.source = source;
  }

  /** One or more records became statements. */
  use(count = 1): void {
    this.records += count;
    this.used += count;
  }

  /** One or more records became no statement, for one reason; `where` is the place of the first. */
  drop(reason: string, where: string, detail?: string, count = 1): void {
    this.records += count;
    this.#note(reason, true, where, detail, count);
  }

  /** One or more records were used, with a doubt that a reader should know. */
  doubt(reason: string, where: string, detail?: string, count = 1): void {
    this.#note(reason, false, where, detail, count);
  }

  get dropped(): number {
    return this.records - this.used;
  }

  /** By reason, in code-unit order; examples by place, so that the result does not depend on the order of the input. */
  findings(): FindingSummary[] {
    const sortKey = ({ reason, dropped }: FindingSummary) => `${reason}\0${dropped}`;
    const all = [...this.#dropped.values(), ...this.#doubted.values()];
    return all.sort((a, b) => compareCodeUnits(sortKey(a), sortKey(b)));
  }

  #note(reason: string, dropped: boolean, where: string, detail: string | undefined, count: number): void {
    if (count === 0) return;
    const summaries = dropped ? this.#dropped : this.#doubted;
    let summary = summaries.get(reason);
    if (!summary) {
      summary = { source: this.source, reason, dropped, count: 0, examples: [] };
      summaries.set(reason, summary);
    }
    summary.count += count;
    keepExample(summary.examples, detail === undefined ? { where } : { where, detail });
  }
}

type Example = FindingSummary['examples'][number];

/** Keeps the smallest examples, sorted, whatever order they come in. */
function keepExample(examples: Example[], example: Example): void {
  const last = examples.length === examplesPerReason ? examples.at(-1) : undefined;
  if (last && example.where > last.where) return;
  const order = ({ where, detail }: Example) => `${where}\0${detail ?? ''}`;
  const key = order(example);
  if (last && key >= order(last)) return;
  const at = examples.findIndex((known) => order(known) > key);
  examples.splice(at === -1 ? examples.length : at, 0, example);
  if (examples.length > examplesPerReason) examples.pop();
}
