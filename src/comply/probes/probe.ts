import type { Texts } from '../files/texts.ts';
import type { Conditions } from '../oval/conditions.ts';
import type { Collection } from '../oval/items.ts';
import type { Units } from '../systemd/units.ts';
import type { ImageSystem } from './system.ts';

/** What a probe works with. */
export interface ProbeContext {
  system: ImageSystem;
  texts: Texts;
  /** Read when a check first asks for them. */
  readonly units: Units;
  /** All of them, read when a check first asks. */
  readonly selinuxBooleans: Collection;
}

/** Collects the items that an object's conditions describe. */
export type Probe = (conditions: Conditions, context: ProbeContext) => Collection;
