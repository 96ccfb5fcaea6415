import { password, shadow } from './accounts.ts';
import { environmentVariable, environmentVariable58, variable } from './environment.ts';
import { fileExtendedAttribute, selinuxSecurityContext } from './extended-attributes.ts';
import { file, symlink } from './file.ts';
import { fileHash, fileHash58 } from './hash.ts';
import { dpkgInfo, rpmInfo } from './packages.ts';
import { partition } from './partition.ts';
import type { Probe } from './probe.ts';
import { rpmVerify, rpmVerifyFile } from './rpmverify.ts';
import { runlevel } from './runlevel.ts';
import { selinuxBoolean } from './selinuxboolean.ts';
import { sysctl } from './sysctl.ts';
import { systemdUnitDependency, systemdUnitProperty } from './systemd.ts';
import { textFileContent, textFileContent54 } from './textfilecontent.ts';
import { family, uname } from './uname.ts';
import { xmlFileContent } from './xmlfilecontent.ts';
import { yamlFileContent } from './yamlfilecontent.ts';

/** The object types that an image can answer. */
export const probes: readonly Probe[] = [
  ...[family, variable, environmentVariable, environmentVariable58, fileHash, fileHash58],
  ...[textFileContent, textFileContent54, xmlFileContent, yamlFileContent],
  ...[dpkgInfo, rpmInfo, rpmVerify, rpmVerifyFile, partition],
  ...[selinuxBoolean, selinuxSecurityContext, systemdUnitDependency, systemdUnitProperty],
  ...[file, fileExtendedAttribute, symlink, password, shadow, runlevel, sysctl, uname],
];

const byType: ReadonlyMap<string, Probe> = new Map(probes.map((probe) => [probe.type, probe]));

export function probeOf(type: string): Probe | undefined {
  return byType.get(type);
}
