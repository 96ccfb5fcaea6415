import { fieldOf, textsOf } from '../../../files/json.ts';
import { readText } from '../../../files/text.ts';
import { unique } from '../../../files/unique.ts';
import type { FileView, Inventory } from '../../../model/index.ts';

export const repositoriesPath = '/etc/apk/repositories';
export const repositoriesFolder = '/etc/apk/repositories.d';

/** Where an image installs packages from. */
export interface AlpineRepositories {
  /** `v3.20`, `edge`: the branches of Alpine's own repositories, main and community. */
  branches: readonly string[];
  /** Addresses that the security database says nothing of: testing, and those of other publishers. */
  others: readonly string[];
}

/** The repositories in an inventory's context; undefined: the image names none. */
export function repositoriesOf({
  context,
}: Partial<Pick<Inventory, 'context'>>): AlpineRepositories | undefined {
  const told = context?.['alpine'];
  if (typeof told !== 'object' || told === null) return undefined;
  return { branches: textsOf(fieldOf(told, 'branches')), others: textsOf(fieldOf(told, 'others')) };
}

/** apk-repositories(5): `[@TAG] URL`, or a folder. Undefined: the image names none. */
export function readRepositories(files: FileView): AlpineRepositories | undefined {
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
