import { compareCodeUnits } from './order.ts';
/**
 * A record of the input that could not be used, or that was used with a doubt.
 * `dropped` findings account for records that became no statement: records in = records used + records dropped.
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

/** Findings of one reason: how many, and the first few by place. */
export interface FindingSummary {
  source: string;
  reason: string;
  dropped: boolean;
  count: number;
  examples: { where: string; detail?: string }[];
}

/** How many findings of one reason are kept word for word; the count is always whole. */
export const examplesPerReason = 20;

/** Keeps the account of one source: every record taken in is used or dropped, and nothing else can balance it. */
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

  /** One or more records became nothing, for one reason; `where` is the place of the first. */
  drop(reason: string, where: string, detail?: string, count = 1): void {
    this.records += count;
    this.#note(reason, true, where, detail, count);
  }

  /** One or more records were used, but a reader should know this of them. */
  doubt(reason: string, where: string, detail?: string, count = 1): void {
    this.#note(reason, false, where, detail, count);
  }

  get dropped(): number {
    return this.records - this.used;
  }

  /** By reason, in code-unit order; examples by place, so that the order of the input leaves no trace. */
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

/** Keeps the smallest examples in order: the same ones whatever order they come in. */
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
