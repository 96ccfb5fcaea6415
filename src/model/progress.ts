/** The progress of a step. Without `total` the whole amount is unknown. */
export interface Amount {
  done: number;
  total?: number;
  /** `bytes`, `documents`, `pages`, `images`. */
  unit: string;
}

/** Called when a step begins, with its name, and while it goes on, with the same name and how far it is. */
export type Progress = (step: string, amount?: Amount) => void;
