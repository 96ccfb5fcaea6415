import { ArchiveDir } from '../../image/archive/archive-dir.ts';
import { detectReference } from '../../image/detect-reference.ts';
import { Budget } from '../../image/limits.ts';
import { parsePlatform } from '../../image/manifest/platform.ts';
import { type ImageReference, type RegistryReference, referenceText } from '../../image/reference.ts';
import { ScapfeedError } from '../../model/error.ts';
import { LayoutStore } from './layout-store.ts';
import type { SignatureStore, StoreOptions } from './store.ts';

export interface OpenedStore {
  store: SignatureStore;
  /** The reference in explicit form. */
  reference: string;
  parsed: ImageReference;
  /** The name that the image goes by, where it has one. */
  named?: RegistryReference;
}

/** Opens what a reference names, for reading manifests and what is attached to them. Errors: IMAGE_*, FETCH_*. */
export async function openStore(text: string, options: StoreOptions): Promise<OpenedStore> {
  const found = detectReference(text);
  const reference = referenceText(found);
  const budget = new Budget();
  const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
  const layout = { tag: 'tag' in found ? found.tag : undefined, platform };
  switch (found.kind) {
    case 'registry': {
      const { openRegistry } = await import('./open-registry.ts');
      return { store: await openRegistry(found, options), reference, parsed: found, named: found };
    }
    case 'oci': {
      const archive = new ArchiveDir(found.path, reference, budget.limits);
      return { store: new LayoutStore(archive, layout), reference, parsed: found };
    }
    case 'oci-archive':
    case 'docker-archive':
    case 'tar': {
      const { openLayoutTar } = await import('./open-layout-tar.ts');
      const archive = await openLayoutTar(found.path, reference, budget);
      if (archive) return { store: new LayoutStore(archive, layout), reference, parsed: found };
    }
  }
  throw new ScapfeedError({
    code: 'IMAGE_REFERENCE_INVALID',
    message: `expected an image in a registry or an OCI layout, found ${found.kind}: signatures are attached to the manifest, which it does not contain`,
    where: reference,
    remedy: 'specify the image as HOST/NAME:TAG, oci:DIR or oci-archive:FILE',
  });
}
