import type { DigestAlgorithm, FileView } from '../../model/index.ts';
import type { Texts } from '../files/texts.ts';
import type { WantedSet } from '../files/wanted-files.ts';
import type { Conditions } from '../oval/conditions.ts';
import type { Collection, OvalItem } from '../oval/items.ts';
import type { VariableLookup } from '../oval/states.ts';
import type { Units } from '../systemd/units.ts';
import type { KnownObject } from './known-object.ts';
import type { ImageSystem } from './system.ts';

/** Everything about one OVAL object type, in one place. */
export interface Probe {
  /** `unix/file` */
  readonly type: string;
  /** Finds the items that an object's conditions describe. */
  collect(conditions: Conditions, context: ProbeContext, variables: VariableLookup): Collection;
  /** Files whose contents are read: those that an object names, or the same ones for each object. */
  readonly reads: 'nothing' | 'named files' | readonly (string | WantedSet)[];
  /** Files whose digests are compared: they are hashed while layers are read, and their contents are not kept. */
  readonly digests: 'none' | Digests;
  readonly shows: Shown;
  /** Entities that no report may show: always, or depending on the item. */
  readonly secret:
    | 'none'
    | readonly string[]
    | ((item: OvalItem, entity: string, files: Pick<FileView, 'real'>) => boolean);
}

export interface Digests {
  algorithms(object: KnownObject): readonly DigestAlgorithm[];
  /** Selects the files to hash if the path is only known during the evaluation. */
  unknownPath: 'configuration' | 'any file';
}

/** The description of an item in a report. */
interface Shown {
  /** Entities that name it; the first with a value is used, or the type if none has one. */
  place: readonly string[];
  /** Entities that are shown if the test has no states. */
  values?: readonly string[];
  /** The item in a few words, instead of entity values. */
  summary?(item: OvalItem): string;
}

/** The context of a probe. */
export interface ProbeContext {
  system: ImageSystem;
  texts: Texts;
  /** Read when a check first asks for them. */
  readonly units: Units;
  /** All of them, read when a check first asks. */
  readonly selinuxBooleans: Collection;
}
