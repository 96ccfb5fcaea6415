import { ConditionError } from '../files/paths.ts';
import { Texts } from '../files/texts.ts';
import { conditionsOf } from '../oval/conditions.ts';
import type { ObjectCollector } from '../oval/engine.ts';
import { type Collection, failure } from '../oval/items.ts';
import type { OvalObject } from '../oval/model.ts';
import type { VariableValues } from '../oval/variables.ts';
import { readBooleans } from '../selinux/booleans.ts';
import { Units } from '../systemd/units.ts';
import { password, shadow } from './accounts.ts';
import { fileExtendedAttribute, selinuxSecurityContext } from './extended-attributes.ts';
import { file } from './file.ts';
import { fileHash, fileHash58 } from './hash.ts';
import { partition, sysctl } from './mounts.ts';
import { dpkgInfo, rpmInfo } from './packages.ts';
import type { Probe, ProbeContext } from './probe.ts';
import { rpmVerify } from './rpmverify.ts';
import { runlevel } from './runlevel.ts';
import { selinuxBoolean } from './selinuxboolean.ts';
import { environmentVariable, environmentVariable58, family, variableItems } from './simple.ts';
import { symlink } from './symlink.ts';
import type { ImageSystem } from './system.ts';
import { systemdUnitDependency, systemdUnitProperty } from './systemd.ts';
import { foreignFamilies, uncollectedTypes } from './test-types.ts';
import { textFileContent, textFileContent54 } from './textfilecontent.ts';
import { uname } from './uname.ts';
import { xmlFileContent } from './xmlfilecontent.ts';
import { yamlFileContent } from './yamlfilecontent.ts';

/** Object types that an image can answer. */
export const probes: Readonly<Record<string, Probe>> = {
  'independent/family': family,
  'independent/environmentvariable': environmentVariable,
  'independent/environmentvariable58': environmentVariable58,
  'independent/filehash': fileHash,
  'independent/filehash58': fileHash58,
  'independent/textfilecontent': textFileContent,
  'independent/textfilecontent54': textFileContent54,
  'independent/xmlfilecontent': xmlFileContent,
  'independent/yamlfilecontent': yamlFileContent,
  'linux/dpkginfo': dpkgInfo,
  'linux/partition': partition,
  'linux/rpminfo': rpmInfo,
  'linux/selinuxboolean': selinuxBoolean,
  'linux/selinuxsecuritycontext': selinuxSecurityContext,
  'linux/systemdunitdependency': systemdUnitDependency,
  'linux/systemdunitproperty': systemdUnitProperty,
  'linux/rpmverify': rpmVerify('linux/rpmverify'),
  'linux/rpmverifyfile': rpmVerify('linux/rpmverifyfile'),
  'unix/file': file,
  'unix/fileextendedattribute': fileExtendedAttribute,
  'unix/password': password,
  'unix/runlevel': runlevel,
  'unix/shadow': shadow,
  'unix/symlink': symlink,
  'unix/sysctl': sysctl,
  'unix/uname': uname,
};

/** Collects from an image. */
export function imageCollector(system: ImageSystem): ObjectCollector {
  const texts = new Texts(system.files);
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
    if (object.type === 'independent/variable') return variableCollection(object, variables);
    const probe = Object.hasOwn(probes, object.type) ? probes[object.type] : undefined;
    if (!probe) return withoutProbe(object.type);
    const conditions = conditionsOf(object, variables);
    if (conditions.problem) return { ...conditions.problem, items: [] };
    return guarded(() => probe(conditions, context));
  };
}

/** A type of another platform does not apply; one of this platform, or of nobody's schema, could not be collected. */
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

function variableCollection(object: OvalObject, variables: (id: string) => VariableValues): Collection {
  const id = object.entities.find(({ name }) => name === 'var_ref')?.value?.trim() ?? '';
  const { flag, values, datatype, message } = variables(id);
  if (flag === 'does not exist') return { flag, items: [] };
  if (flag === 'not collected') return failure(flag, message ?? `the variable ${id} was not collected`);
  if (flag !== 'complete' && flag !== 'incomplete')
    return failure('error', message ?? `the variable ${id} has no values`);
  return { ...variableItems(id, values, datatype), ...(flag === 'incomplete' ? { flag } : {}) };
}

function guarded(work: () => Collection): Collection {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConditionError) return failure('error', error.message);
    throw error;
  }
}
