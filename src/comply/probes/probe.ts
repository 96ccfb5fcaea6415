import type { DigestAlgorithm } from '../../model/index.ts';
import type { Texts } from '../files/texts.ts';
import type { WantedSet } from '../files/wanted-files.ts';
import type { Conditions } from '../oval/conditions.ts';
import type { Collection, OvalItem } from '../oval/items.ts';
import type { VariableLookup } from '../oval/states.ts';
import type { Units } from '../systemd/units.ts';
import type { KnownObject } from './known-object.ts';
import type { ImageSystem } from './system.ts';

/** All that there is to know of one type of OVAL object: everything else reads it here. */
export interface Probe {
  /** `unix/file` */
  readonly type: string;
  /** Finds the items that an object's conditions describe. */
  collect(conditions: Conditions, context: ProbeContext, variables: VariableLookup): Collection;
  /** Files whose contents are read: those that an object names, or places that are the same for each object. */
  readonly reads: 'nothing' | 'named files' | readonly (string | WantedSet)[];
  /** Files that are hashed as they go by: their digests are compared, their contents are not kept. */
  readonly digests: 'none' | Digests;
  readonly shows: Shown;
  /** Entities that no report may show, in any form: always, or by what an item holds. */
  readonly secret: 'none' | readonly string[] | ((item: OvalItem, entity: string) => boolean);
}

export interface Digests {
  algorithms(object: KnownObject): readonly DigestAlgorithm[];
  /** Which files are meant by a path that only the evaluation knows. */
  unknownPath: 'configuration' | 'any file';
}

/** How a report tells an item to a person. */
interface Shown {
  /** Entities that name the thing; the first that has a value. Without one, its type stands for it. */
  place: readonly string[];
  /** Entities whose values are told where the test asks for none. */
  values?: readonly string[];
  /** The item in a few words, in place of single values. */
  summary?(item: OvalItem): string;
}

/** What a probe works with. */
export interface ProbeContext {
  system: ImageSystem;
  texts: Texts;
  /** Read when a check first asks for them. */
  readonly units: Units;
  /** All of them, read when a check first asks. */
  readonly selinuxBooleans: Collection;
}
