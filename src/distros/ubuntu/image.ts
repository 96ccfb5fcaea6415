import { fieldOf, parseJson, textsOf } from '../../files/json.ts';
import { optional, readText, unique } from '../../files/text.ts';
import { ifReadable } from '../../files/unreadable.ts';
import type { FileView, Inventory, InventoryNote } from '../../model/inventory/index.ts';
import type { AptSource } from '../../packaging/deb/apt.ts';
import type { ImageReader } from '../contract.ts';

const proStatusPaths = [
  '/var/lib/ubuntu-advantage/status.json',
  '/run/ubuntu-advantage/status.json',
] as const;
/** Only its existence is checked: its content is secret. */
const proTokenPath = '/var/lib/ubuntu-advantage/private/machine-token.json';
const aptAuthFolder = '/etc/apt/auth.conf.d';

/** Codenames of releases for which Canonical publishes OVAL; SBOMs of trivy state the number only. */
const codenames: ReadonlyMap<string, string> = new Map([
  ['14.04', 'trusty'],
  ['16.04', 'xenial'],
  ['18.04', 'bionic'],
  ['20.04', 'focal'],
  ['22.04', 'jammy'],
  ['24.04', 'noble'],
  ['24.10', 'oracular'],
  ['25.04', 'plucky'],
  ['25.10', 'questing'],
]);

export const ubuntuImage: ImageReader = {
  id: 'ubuntu',
  release: {
    // Before 16.04: `14.04.6 LTS, Trusty Tahr`, or in parentheses.
    ofVersion: (version) => ({
      ...optional('codename', /[(,]\s*([A-Z][a-z]+) [A-Z][a-z]+\)?$/.exec(version)?.[1]?.toLowerCase()),
      ...optional('pointRelease', /^\d+\.\d+\.\d+/.exec(version)?.[0]),
    }),
    ofNumber: (number) => {
      const [pointRelease, versionId] = /^(\d+\.\d+)\.\d+$/.exec(number) ?? [];
      return { ...optional('versionId', versionId), ...optional('pointRelease', pointRelease) };
    },
    // Canonical's OVAL.
    questions: [
      {
        filepath: '/etc/lsb-release',
        pattern: '^[\\s\\S]*DISTRIB_CODENAME=([a-z]+)$',
        answer: ({ versionId, codename }) => codename ?? codenames.get(versionId ?? ''),
      },
    ],
  },
  wanted: { paths: proStatusPaths, folders: [aptAuthFolder] },
  read: (files, { aptSources }) => readPro(files, aptSources),
};

/** Ubuntu Pro: whether an image is attached, and its services. */
export interface UbuntuPro {
  attached: boolean;
  services: readonly string[];
}

/** The state of Pro in an inventory's context; undefined if there is none. */
export function ubuntuPro({ context }: Pick<Inventory, 'context'>): UbuntuPro | undefined {
  const pro = context?.['ubuntu'];
  if (typeof pro !== 'object' || pro === null) return undefined;
  return { attached: fieldOf(pro, 'attached') === true, services: textsOf(fieldOf(pro, 'services')) };
}

/** `https://esm.ubuntu.com/infra/ubuntu`: the first part of the path is the service. */
const esmPath = /\besm\.ubuntu\.com\/([a-z][a-z-]*)/g;

/**
 * Reads the state of Ubuntu Pro from the image's files: the client's own status, apt's esm sources and their credentials.
 * An image that was built attached and then detached has none of these; only its package versions show it.
 */
function readPro(
  files: FileView,
  sources: readonly AptSource[],
): { context?: UbuntuPro; notes: InventoryNote[] } {
  const { status, notes } = readStatus(files);
  const archives = sources.flatMap(({ uri }) => servicesIn(uri));
  // Both are root's alone on a host; the status and apt's sources are not.
  const readable = <Result>(read: () => Result, otherwise: Result) => ifReadable(read, otherwise, notes);
  const credentials = readable(() => files.list(aptAuthFolder), []).flatMap((name) =>
    servicesIn(withoutComments(readable(() => readText(files, `${aptAuthFolder}/${name}`), '') ?? '')),
  );
  const hasToken = readable(() => files.stat(proTokenPath)?.type === 'file', false);
  if (!status && !hasToken && archives.length === 0 && credentials.length === 0) return { notes };
  return {
    context: {
      attached: status?.attached ?? (hasToken || credentials.length > 0),
      services: unique([...(status?.enabled ?? []), ...archives, ...credentials]),
    },
    notes,
  };
}

interface ProStatus {
  attached: boolean;
  enabled: string[];
}

function readStatus(files: FileView): { status?: ProStatus; notes: InventoryNote[] } {
  for (const path of proStatusPaths) {
    const text = readText(files, path);
    if (text === undefined) continue;
    const document = parseJson(text);
    const services = fieldOf(document, 'services');
    if (!Array.isArray(services)) return { notes: [{ code: 'broken_pro_status', where: path }] };
    const enabled = services
      .filter((service) => fieldOf(service, 'status') === 'enabled')
      .map((service) => fieldOf(service, 'name'))
      .filter((name) => typeof name === 'string');
    return { status: { attached: fieldOf(document, 'attached') === true, enabled }, notes: [] };
  }
  return { notes: [] };
}

function servicesIn(text: string): string[] {
  return [...text.matchAll(esmPath)].map(([, part]) =>
    part === 'infra' || part === 'apps' ? `esm-${part}` : part!,
  );
}

function withoutComments(text: string): string {
  return text.replace(/#.*/g, '');
}
