import type { FileView } from '../../model/index.ts';
import { ConditionError } from '../files/paths.ts';
import { Texts } from '../files/texts.ts';
import { collectBy } from '../oval/conditions.ts';
import type { ObjectCollector } from '../oval/engine.ts';
import { hideEntities } from '../oval/hidden-item.ts';
import { type Collection, failure } from '../oval/items.ts';
import { readBooleans } from '../selinux/booleans.ts';
import { Units } from '../systemd/units.ts';
import { packagesNamed } from './packages.ts';
import { hasHash } from './password-hashes.ts';
import type { ProbeContext } from './probe.ts';
import { probeOf } from './registry.ts';
import { statedRelease } from './stated-release.ts';
import type { ImageSystem } from './system.ts';
import { foreignFamilies, uncollectedTypes } from './uncollected.ts';

/** Types whose objects are the same with an SBOM in place of an image. */
const inSboms: ReadonlySet<string> = new Set([
  'independent/family',
  'independent/variable',
  'linux/dpkginfo',
  'linux/rpminfo',
  // The processor, by the architectures of packages and of the image.
  'unix/uname',
]);

/** Collects from an image. */
export function imageCollector(system: ImageSystem): ObjectCollector {
  const texts = new Texts(system.files);
  const links = knownLinks(system.files);
  let units: Units | undefined;
  let booleans: Collection | undefined;
  const context: ProbeContext = {
    system,
    texts,
    get units() {
      units ??= new Units(system.files, texts);
      return units;
    },
    get selinuxBooleans() {
      booleans ??= readBooleans(system.files, texts);
      return booleans;
    },
  };
  return (object, _id, variables) => {
    const probe = probeOf(object.type);
    if (!probe) return withoutProbe(object.type);
    if (system.isSbom && !inSboms.has(probe.type))
      return (
        statedRelease(object, system) ??
        failure('not collected', 'an SBOM lists packages, and this asks for something else')
      );
    const named = packagesNamed(object, context);
    if (named) return named;
    const { secret } = probe;
    const collected = collectBy(object, variables, (conditions) =>
      withoutHashes(guarded(() => probe.collect(conditions, context, variables))),
    );
    if (secret === 'none') return collected;
    return hideEntities(
      collected,
      typeof secret === 'function'
        ? (item, entity) => secret(item, entity, links)
        : (_, entity) => secret.includes(entity),
    );
  };
}

/** A message may quote the file that it is about. */
function withoutHashes(collected: Collection): Collection {
  if (collected.message === undefined || !hasHash(collected.message)) return collected;
  return { ...collected, message: 'the reason is not shown: it quotes the hash of a password' };
}

/** Items of one file are many: its links are followed once. */
function knownLinks(files: FileView): Pick<FileView, 'real'> {
  const known = new Map<string, string | undefined>();
  return {
    real(path) {
      if (!known.has(path)) known.set(path, files.real(path));
      return known.get(path);
    },
  };
}

/** Types of other platforms do not apply; other types without a probe, known or not, are not collected. */
function withoutProbe(type: string): Collection {
  if (foreignFamilies.has(type.slice(0, type.indexOf('/'))))
    return failure('not applicable', `${type} is of another platform than the image`);
  const asked = Object.hasOwn(uncollectedTypes, type) ? uncollectedTypes[type] : undefined;
  return failure(
    'not collected',
    asked === undefined
      ? `objects of the type ${type} are not known here`
      : `${type} is known to ${asked} only, not of an image`,
  );
}

function guarded(work: () => Collection): Collection {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConditionError) return failure('error', error.message);
    throw error;
  }
}
