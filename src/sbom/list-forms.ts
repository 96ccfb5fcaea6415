import { ScapfeedError } from '../model/error.ts';
import { sourceOfRpm } from '../packaging/rpm/package.ts';

/** A package as a line lists it. */
export interface PackageLine {
  name: string;
  /** rpm: with the epoch, if the list has it; `0:` too. */
  version: string;
  /** Empty: not stated. */
  arch: string;
  /** Absent: not stated. */
  source?: { name: string; version: string };
  /** dpkg's state, if it is not `installed`. */
  state?: string;
  /** dpkg: neither present nor absent. */
  isHalf?: true;
  vendor?: string;
  modularityLabel?: string;
}

/** Output of a command that lists packages. */
export interface ListForm {
  /** The command. */
  name: string;
  type: 'apk' | 'deb' | 'rpm';
  /** The command that also states what statements are about. */
  whole: string;
  /** `no package`: a line of a package that is not installed, or of a key; undefined: a line of another form. */
  read(line: string): PackageLine | 'no package' | undefined;
  /** Refuses a list that was changed or cut. @throws {ScapfeedError} SBOM_MALFORMED */
  check?(lines: readonly { line: string; number: number }[], where: string): void;
}

const debFields = [
  ...['binary:Package', 'Version', 'Architecture'],
  ...['source:Package', 'source:Version', 'db:Status-Status'],
];
const wholeDeb = `dpkg-query -W -f='${debFields.map((field) => `\${${field}}`).join(' ')}\\n'`;
const wholeRpm =
  "rpm -qa --qf '%{NAME}-%{EPOCHNUM}:%{VERSION}-%{RELEASE}.%{ARCH} %{SOURCERPM} %{MODULARITYLABEL} %{VENDOR}\\n'";
const wholeApk = 'apk list --installed';

/** As dpkg accepts them; what is no version is the judge's concern. */
const debName = /^[a-z0-9][a-z0-9+._-]*(?::[a-z0-9-]+)?$/i;
const debVersion = /^(?:\d+:)?[a-z0-9][a-z0-9.+:~-]*$/i;
const debArch =
  /^(?:all|amd64|arm64|armel|armhf|i386|loong64|mips(?:64)?(?:el)?|ppc64(?:el)?|powerpc|riscv64|s390x|x32)$/;

/** dpkg(1), the second letter of a line of `dpkg -l`. */
const stateLetters: Readonly<Record<string, string>> = {
  U: 'unpacked',
  F: 'half-configured',
  W: 'triggers-awaited',
  t: 'triggers-pending',
};
const absentStates = /^(?:not-installed|config-files)$/;
const presentStates = /^(?:installed|unpacked|half-configured|triggers-awaited|triggers-pending)$/;

/** State, name, version, architecture, with the blanks between them. */
const dpkgRow = /^([uirph][ncHUFWti][ R]?) +(\S+)( +)(\S+)( +)(\S+)/;

const dpkgTable: ListForm = {
  name: 'dpkg -l',
  type: 'deb',
  whole: wholeDeb,
  read(line) {
    const [, states = '', name = '', , version = '', , arch = ''] = dpkgRow.exec(line) ?? [];
    if (/^.[nc]/.test(states) && debName.test(name)) return 'no package';
    if (!debName.test(name) || !debVersion.test(version) || !debArch.test(arch)) return undefined;
    return {
      ...withoutArch(name),
      version,
      arch,
      ...stateOf(/^.H|R/.test(states) ? 'half-installed' : (stateLetters[states[1]!] ?? 'installed')),
    };
  },
  check(lines, where) {
    let first: readonly [names: number, versions: number] | undefined;
    for (const { line, number } of lines) {
      const row = dpkgRow.exec(line);
      if (!row) continue;
      const [, , name = '', blank = '', version = '', gap = ''] = row;
      const [names, versions] = [name.length + blank.length - 1, version.length + gap.length - 1];
      first ??= [names, versions];
      if (names !== first[0] || versions !== first[1])
        throw cutTable('its columns are not aligned, so that a name that was cut looks whole', where, number);
      // dpkg before 1.18 divides the width of a terminal between the columns; otherwise they are as wide as their widest cell.
      const isDivided = names - 14 === versions - 12 || names === versions;
      if (isDivided && (name.length === names || version.length === versions))
        throw cutTable('a name or a version fills its column, and may be cut', where, number);
    }
  },
};

function cutTable(message: string, where: string, line: number): ScapfeedError {
  return new ScapfeedError({
    code: 'SBOM_MALFORMED',
    message: `not the whole of dpkg -l: ${message}`,
    where: `${where}:${line}`,
    remedy: `write it with \`${wholeDeb}\`, which cuts nothing and names the sources`,
  });
}

const dpkgQuery: ListForm = {
  name: 'dpkg-query -W',
  type: 'deb',
  whole: wholeDeb,
  read(line) {
    const [name = '', version = '', ...fields] = line.split(/\t| +/);
    if (!debName.test(name)) return undefined;
    const state = fields.length === 4 ? fields[3]! : '';
    if (absentStates.test(state)) return 'no package';
    if (!debVersion.test(version)) return undefined;
    const own = { ...withoutArch(name), version };
    // With a blank between them they may be of another package manager.
    if (fields.length === 0) return line.includes('\t') ? own : undefined;
    const [arch = '', source = '', sourceVersion = ''] = fields;
    if (!debArch.test(arch)) return undefined;
    if (fields.length === 1) return { ...own, arch };
    if (fields.length !== 4 || !debName.test(source) || !debVersion.test(sourceVersion)) return undefined;
    if (state !== 'half-installed' && !presentStates.test(state)) return undefined;
    return { ...own, arch, source: { name: source, version: sourceVersion }, ...stateOf(state) };
  },
};

/** `libssl3:amd64` */
function withoutArch(name: string): Pick<PackageLine, 'name' | 'arch'> {
  const [own = '', arch = ''] = name.split(':');
  return { name: own, arch };
}

function stateOf(state: string): Pick<PackageLine, 'state' | 'isHalf'> {
  return {
    ...(state === 'installed' ? {} : { state }),
    ...(state === 'half-installed' ? { isHalf: true } : {}),
  };
}

const apkName = /^[a-z0-9_.][a-zA-Z0-9._+-]*$/;
const apkVersion = /^\d[a-z0-9._]*-r\d+$/;

/** `musl-1.2.5-r0`, and the description that `-vv` adds. */
const apkInfo: ListForm = {
  name: 'apk info -v',
  type: 'apk',
  whole: wholeApk,
  read(line) {
    const end = line.indexOf(' - ');
    const build = buildOf(end < 0 ? line : line.slice(0, end));
    return build && { ...build, arch: '' };
  },
};

/** `musl-1.2.5-r0 x86_64 {musl} (MIT) [installed]` */
const apkList: ListForm = {
  name: wholeApk,
  type: 'apk',
  whole: wholeApk,
  read(line) {
    const [, text = '', arch = '', origin = ''] =
      /^(\S+) (\S+) \{([^{}\s]*)\} \(.*\) \[installed\]$/.exec(line) ?? [];
    const build = buildOf(text);
    return build && { ...build, arch, ...(origin && { source: { name: origin, version: build.version } }) };
  },
};

function buildOf(text: string): Pick<PackageLine, 'name' | 'version'> | undefined {
  const release = text.lastIndexOf('-');
  const start = text.lastIndexOf('-', release - 1);
  if (start < 1) return undefined;
  const build = { name: text.slice(0, start), version: text.slice(start + 1) };
  return apkName.test(build.name) && apkVersion.test(build.version) ? build : undefined;
}

const rpmName = /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/;
const rpmPart = /^[A-Za-z0-9._+~^]+$/;
const rpmArch =
  /^(?:noarch|x86_64(?:_v\d)?|aarch64|i[3-6]86|ppc64(?:le)?|ppc|s390x?|armv\dh?l|ia64|riscv64|loongarch64|athlon|\(none\))$/;

/** `bash-5.1.8-6.el9.x86_64`, with an epoch before the version or none; then the source rpm, the module's label and the vendor. */
const rpmQuery: ListForm = {
  name: 'rpm -qa',
  type: 'rpm',
  whole: wholeRpm,
  read(line) {
    const [build = '', sourceRpm, label, ...vendor] = line.split(/\t| +/);
    const dot = build.lastIndexOf('.');
    const isArch = dot > 0 && rpmArch.test(build.slice(dot + 1));
    const text = isArch ? build.slice(0, dot) : build;
    const releaseAt = text.lastIndexOf('-');
    const versionAt = text.lastIndexOf('-', releaseAt - 1);
    if (versionAt < 1) return undefined;
    const name = text.slice(0, versionAt);
    const [, epoch, version = ''] =
      /^(?:(\d+|\(none\)):)?(.*)$/.exec(text.slice(versionAt + 1, releaseAt)) ?? [];
    const release = text.slice(releaseAt + 1);
    if (!rpmName.test(name) || !rpmPart.test(version) || !rpmPart.test(release)) return undefined;
    if (name === 'gpg-pubkey') return 'no package';
    const built = `${version}-${release}`;
    const source = sourceRpm === '(none)' ? { name, version: built } : sourceOfRpm(sourceRpm);
    if (sourceRpm !== undefined && !source) return undefined;
    return {
      name,
      version: epoch === undefined ? built : `${epoch === '(none)' ? 0 : epoch}:${built}`,
      arch: isArch && !build.endsWith(')') ? build.slice(dot + 1) : '',
      ...(source && { source }),
      ...(label !== undefined && label !== '(none)' && { modularityLabel: label }),
      ...(vendor.length > 0 && vendor[0] !== '(none)' && { vendor: vendor.join(' ') }),
    };
  },
};

/** Lines of `dpkg -l` before its rows, whose words are in the language of the system, and apk's warnings. */
const otherLines = /^(?:Desired=|\| |\|\/ |\|\|\/ |\+\+\+-=|WARNING: )/;

export function isOfNoPackage(line: string): boolean {
  return otherLines.test(line);
}

/** The narrowest first: a line of apk's is one of rpm's too. */
export const listForms: readonly ListForm[] = [dpkgTable, dpkgQuery, apkList, apkInfo, rpmQuery];

/** The commands whose lists state whatever statements are about. */
export const wholeLists: readonly string[] = [wholeDeb, wholeRpm, wholeApk];
