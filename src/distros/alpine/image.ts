import { fieldOf, textsOf } from '../../files/json.ts';
import { readText, unique } from '../../files/text.ts';
import type { FileView, Inventory } from '../../model/inventory/index.ts';
import type { ImageReader } from '../contract.ts';
import { rollingVendors } from '../rolling.ts';

const repositoriesPath = '/etc/apk/repositories';
const repositoriesFolder = '/etc/apk/repositories.d';

/** Where an image installs packages from. */
interface AlpineRepositories {
  /** `v3.20`, `edge`: the branches of Alpine's own repositories, main and community. */
  branches: readonly string[];
  /** Addresses that the security database says nothing of: testing, and those of other publishers. */
  others: readonly string[];
}

/** The repositories in an inventory's context; undefined: the image names none. */
export function repositoriesOf({
  context,
}: Partial<Pick<Inventory, 'context'>>): AlpineRepositories | undefined {
  const stated = context?.['alpine'];
  if (typeof stated !== 'object' || stated === null) return undefined;
  return { branches: textsOf(fieldOf(stated, 'branches')), others: textsOf(fieldOf(stated, 'others')) };
}

/** apk-repositories(5): `[@TAG] URL`, or a folder. Undefined: the image names none. */
function readRepositories(files: FileView): AlpineRepositories | undefined {
  const lists = files
    .list(repositoriesFolder)
    .filter((name) => name.endsWith('.list'))
    .map((name) => `${repositoriesFolder}/${name}`);
  const addresses = [repositoriesPath, ...lists].flatMap((path) => addressesIn(readText(files, path) ?? ''));
  if (addresses.length === 0) return undefined;
  const own = addresses.map(
    (address) => /\/(v\d+\.\d+|edge|latest-stable)\/(?:main|community)\/?$/.exec(address)?.[1],
  );
  return {
    branches: unique(own.filter((branch) => branch !== undefined)),
    others: unique(addresses.filter((_, at) => own[at] === undefined)),
  };
}

function addressesIn(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/^@\S+\s+/, ''));
}

const alpineRelease = '/etc/alpine-release';

export const alpineImage: ImageReader = {
  id: 'alpine',
  release: {
    // Derivatives keep it.
    files: [{ path: alpineRelease, inDerivatives: true, parse: parseAlpineRelease }],
  },
  wanted: { paths: [repositoriesPath], folders: [repositoriesFolder] },
  read(files, { osId }) {
    const context = readRepositories(files);
    // Another vendor's packages are judged by its own rows.
    if (!context || rollingVendors.some(({ id }) => id === osId)) return { notes: [] };
    const notes = context.others.map((address) => ({
      code: 'other_repository',
      where: repositoriesPath,
      detail: `packages from ${address} have no statements in Alpine's security database`,
    }));
    return { context, notes };
  },
};

/** `3.20.2` */
function parseAlpineRelease(text: string): { id: string; versionId: string } | undefined {
  const [versionId] = /^\d+(?:\.\d+)*(?:_alpha\d*)?/.exec(text.trim()) ?? [];
  return versionId === undefined ? undefined : { id: 'alpine', versionId };
}
