import type { RegistryReference } from '../image/reference.ts';
import type { Asked } from './asked.ts';
import type { Subject } from './subject.ts';

/** What every signature is judged by. */
export interface JudgeContext {
  image: readonly Subject[];
  /** The name that the image goes by; undefined: it has none. */
  named: RegistryReference | undefined;
  asked: Asked;
  now: Date;
}
