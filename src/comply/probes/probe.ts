import type { DigestAlgorithm, FileView, InstalledPackage } from '../../model/inventory/index.ts';
import type { Texts } from '../files/texts.ts';
import type { WantedSet } from '../files/wanted-files.ts';
import type { Conditions } from '../oval/conditions.ts';
import { type Collection, collection, failure, type OvalItem } from '../oval/items.ts';
import type { VariableLookup } from '../oval/states.ts';
import type { Units } from '../systemd/units.ts';
import type { KnownObject } from './known-object.ts';

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

/** Items of a list that satisfy every condition of the object on an entity of the same name. */
export function select(items: Iterable<OvalItem>, conditions: Conditions): Collection {
  const selected: OvalItem[] = [];
  for (const item of items) {
    const verdict = qualifies(item, conditions);
    if (verdict === 'error')
      return failure('error', `a condition of the object cannot be judged on ${item.key}`);
    if (verdict) selected.push(item);
  }
  return collection(selected);
}

function qualifies(item: OvalItem, conditions: Conditions): boolean | 'error' {
  for (const condition of conditions.all) {
    if (condition.nil) continue;
    const values = item.get(condition.name) ?? [];
    const results = values.map(({ value }) => condition.matches(value));
    if (results.includes('error')) return 'error';
    if (!results.includes('true')) return false;
  }
  return true;
}

/** The readable parts of an image's system. Nothing is executed or written. */
export interface ImageSystem {
  files: FileView;
  /** An SBOM: only its packages are known, and of these only what it states. */
  isSbom?: boolean;
  /**
   * Of an SBOM: what the group of a pattern matches in a file that names the release, where the SBOM states the release and this
   * is how its vendor's content asks for it.
   */
  stated?(filepath: string, pattern: string): string | undefined;
  /** Environment of the image's configuration, `NAME=value`. */
  env: readonly string[];
  /** Of the image's configuration, in Go's words: `amd64`. */
  architecture?: string;
  /** Installed packages, read when a check first asks for them. */
  packages(): readonly InstalledPackage[];
}
