import type { ImageReader } from '../../contract.ts';
import { readRepositories, repositoriesFolder, repositoriesPath } from './repositories.ts';

const alpineRelease = '/etc/alpine-release';

export const alpineImage: ImageReader = {
  id: 'alpine',
  release: {
    // Derivatives keep it.
    files: [{ path: alpineRelease, inDerivatives: true, parse: parseAlpineRelease }],
  },
  wanted: { paths: [repositoriesPath], folders: [repositoriesFolder] },
  read(files) {
    const context = readRepositories(files);
    if (!context) return { notes: [] };
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
