import type { FileView } from '../../model/inventory/index.ts';
import { ConditionError } from '../files/paths.ts';
import { Texts } from '../files/texts.ts';
import { collectBy } from '../oval/conditions.ts';
import type { ObjectCollector } from '../oval/engine.ts';
import { hideEntities } from '../oval/hidden-item.ts';
import { type Collection, collection, failure, makeItem, unstated } from '../oval/items.ts';
import type { OvalObject } from '../oval/model.ts';
import { readBooleans } from '../selinux/booleans.ts';
import { Units } from '../systemd/units.ts';
import { packagesNamed } from './packages.ts';
import { hasHash } from './password-hashes.ts';
import type { ImageSystem, ProbeContext } from './probe.ts';
import { probeOf } from './registry.ts';

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

/**
 * The match of a release check in the file that an SBOM does not have, by the release that it states. Only what the group matches
 * is known; undefined: the object asks for anything else.
 */
function statedRelease(object: OvalObject, { stated }: ImageSystem): Collection | undefined {
  if (object.type !== 'independent/textfilecontent54' || stated === undefined) return undefined;
  const asked = plainValues(object);
  const pattern = asked?.get('pattern');
  if (asked === undefined || pattern === undefined || asked.get('instance') !== '1') return undefined;
  const [path, filename] = placeOf(asked);
  const filepath = `${path}/${filename}`;
  const subexpression = stated(filepath, pattern);
  if (subexpression === undefined) return undefined;
  const values = { filepath, path, filename, pattern, instance: 1, text: unstated, subexpression };
  return collection([makeItem(object.type, values)]);
}

/** The values of an object that asks for one pattern in one file and nothing more; undefined: it is another object. */
function plainValues({ entities, behaviors, filters, set }: OvalObject): Map<string, string> | undefined {
  if (set || filters?.length || Object.keys(behaviors ?? {}).length > 0) return undefined;
  const isPlain = entities.every(
    ({ name, variable, operation = 'equals' }) =>
      variable === undefined && operation === (name === 'pattern' ? 'pattern match' : 'equals'),
  );
  return isPlain ? new Map(entities.map(({ name, value = '' }) => [name, value.trim()])) : undefined;
}

function placeOf(asked: ReadonlyMap<string, string>): [path: string, filename: string] {
  const filepath = asked.get('filepath') ?? '';
  const slash = filepath.lastIndexOf('/');
  return [
    asked.get('path') ?? filepath.slice(0, Math.max(slash, 0)),
    asked.get('filename') ?? filepath.slice(slash + 1),
  ];
}

/**
 * Object types of the OVAL schemas for Linux without a probe, and what they need. Such an object is `not collected`, which
 * makes its test `unknown`. `not applicable` would remove the test from its criteria, so that only the others decide.
 */
export const uncollectedTypes: Readonly<Record<string, string>> = {
  'independent/ldap': 'a directory server',
  'independent/ldap57': 'a directory server',
  'independent/sql': 'a database server',
  'independent/sql57': 'a database server',
  'linux/apparmorstatus': 'the running kernel',
  'linux/fwupdsecattr': 'the firmware of a machine',
  'linux/iflisteners': 'the running kernel',
  'linux/inetlisteningservers': 'the running kernel',
  'linux/rpmverifypackage': 'rpm and the scripts of its packages',
  'linux/slackwarepkginfo': 'the package tools of Slackware',
  'unix/dnscache': 'a running name server',
  'unix/gconf': 'the GConf library',
  'unix/inetd': 'inetd',
  'unix/interface': 'the running kernel',
  'unix/process': 'the running kernel',
  'unix/process58': 'the running kernel',
  'unix/routingtable': 'the running kernel',
  'unix/sccs': 'the SCCS tools',
  'unix/xinetd': 'xinetd',
};

/** Families of OVAL schemas that describe platforms other than Linux. */
export const foreignFamilies: ReadonlySet<string> = new Set([
  'aix',
  'android',
  'apple_ios',
  'asa',
  'catos',
  'esx',
  'freebsd',
  'hpux',
  'ios',
  'iosxe',
  'junos',
  'macos',
  'netconf',
  'pixos',
  'sharepoint',
  'solaris',
  'windows',
]);
