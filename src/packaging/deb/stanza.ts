import { unreadable } from '../../files/unreadable.ts';
import type { InstalledPackage } from '../../model/inventory/index.ts';
import { quote, type Stanza } from './deb822.ts';

/** The fields of a status paragraph that an inventory needs, in dpkg's order. */
export const statusFields: ReadonlySet<string> = new Set([
  'package',
  'status',
  'architecture',
  'source',
  'version',
]);

/** dpkg(1), PACKAGE STATES: which of them leave the package's files in the file system. */
const presence = {
  'not-installed': 'absent',
  'config-files': 'absent',
  'half-installed': 'half',
  unpacked: 'present',
  'half-configured': 'present',
  'triggers-awaited': 'present',
  'triggers-pending': 'present',
  installed: 'present',
} as const;

type State = keyof typeof presence;

/** dpkg(1), PACKAGE STATES: selection, flag (old versions had a hold there) and state. */
const statusForm =
  /^(?:unknown|install|hold|deinstall|purge)\s+(?:ok|reinstreq|hold|hold-reinstreq)\s+([a-z-]+)$/;

const usualStatus = 'install ok installed';

/** deb-control(5), Package: a name that dpkg refuses means that the paragraph lost its line ends or was overwritten. */
export const packageName = /^[a-z0-9][a-z0-9+._-]*$/i;

/** The content of one paragraph: a package, and whether it is in the file system. */
export interface StatusEntry {
  presence: (typeof presence)[State];
  package: InstalledPackage;
}

export interface StanzaContext {
  /** Path of the database that lists the package. */
  database: string;
  /** Path of the file that holds the paragraph. */
  where: string;
  /** State if the paragraph has no Status, as in distroless images. dpkg writes one into each of its own. */
  withoutStatus?: State;
  /** The end of dpkg's last paragraph; absent for files that dpkg does not write. */
  lastEnd?: Stanza['end'];
}

/** Returns the package of a paragraph. @throws PACKAGE_DATABASE_UNREADABLE if a required field is missing or unknown */
export function statusEntry(stanza: Stanza, { database, where, withoutStatus }: StanzaContext): StatusEntry {
  const { fields } = stanza;
  const written = fields.get('package');
  const start = () => `${where} line ${stanza.line()}`;
  if (!written) throw unreadable(start(), 'expected a Package field, found none');
  if (!packageName.test(written))
    throw unreadable(start(), `expected the name of a package, found ${quote(written)}`);
  const name = written.toLowerCase();
  const place = () => `${start()} (${name})`;
  const state = stateOf(fields.get('status'), withoutStatus, place);
  const version = fields.get('version') ?? '';
  if (version === '' && presence[state] === 'present') {
    throw unreadable(place(), `expected a Version of a package that is ${state}, found none`);
  }
  if (/\s/.test(version)) throw unreadable(place(), `expected a Version, found ${quote(version)}`);
  const arch = fields.get('architecture') ?? '';
  const source = lookupOf(fields.get('source'), { name, version });
  // Each in its order, in which packages are printed.
  const known: InstalledPackage =
    state === 'installed'
      ? { type: 'deb', name, version, arch, source, database }
      : { type: 'deb', name, version, arch, source, state, database };
  return { presence: presence[state], package: known };
}

/** vcpkg's architectures begin with the processor (`x64-linux`), dpkg's end with it (`kfreebsd-amd64`). */
const vcpkgTriplet =
  /^(?:x64|x86|arm|arm64|arm64ec|wasm32|ppc64le|s390x|riscv32|riscv64|mips64|loongarch32|loongarch64)-/;

/**
 * vcpkg has a file of the same name and form; its ports are not Debian packages. Its other fields (Abi, Port-Version)
 * prove nothing, because dpkg keeps any field of a package.
 */
export function isVcpkgPort({ fields }: Stanza): boolean {
  return vcpkgTriplet.test(fields.get('architecture') ?? '');
}

/** Third word of `want flag state`; the want (install, hold, deinstall) does not show what is installed. */
function stateOf(
  status: string | undefined,
  withoutStatus: StanzaContext['withoutStatus'],
  place: () => string,
): State {
  if (status === usualStatus) return 'installed';
  if (status === undefined) {
    if (withoutStatus) return withoutStatus;
    throw unreadable(place(), 'expected a Status, found none');
  }
  const [, state = ''] = statusForm.exec(status.toLowerCase()) ?? [];
  if (!Object.hasOwn(presence, state)) {
    throw unreadable(place(), `expected a Status of the form "want flag state", found ${quote(status)}`);
  }
  return state as State;
}

/** `name` or `name (version)`; each is written only if it differs from the binary's. */
function lookupOf(
  field: string | undefined,
  binary: { name: string; version: string },
): InstalledPackage['source'] {
  if (!field) return binary;
  const open = field.indexOf('(');
  if (open === -1) return { name: field, version: binary.version };
  return {
    name: field.slice(0, open).trim(),
    version: field
      .slice(open + 1)
      .replace(/\)\s*$/, '')
      .trim(),
  };
}
