import { ArchiveDir } from '../../image/archive/archive-dir.ts';
import { isOciLayout } from '../../image/archive/oci-layout.ts';
import { openTarFile } from '../../image/archive/tar-content.ts';
import { detectReference } from '../../image/detect-reference.ts';
import type { OpenImageOptions } from '../../image/image-options.ts';
import { newReadContext } from '../../image/layers/read-layers.ts';
import { Budget } from '../../image/limits.ts';
import { parsePlatform } from '../../image/manifest/platform.ts';
import { NoteBook } from '../../image/note-book.ts';
import { type RegistryReference, referenceText } from '../../image/reference.ts';
import { createHttp } from '../../io/http/create-http.ts';
import { ScapfeedError } from '../../model/index.ts';
import { openRepository } from '../../registry/open-repository.ts';
import type { Subject } from '../../registry/subject.ts';
import { LayoutStore } from './layout-store.ts';
import { RegistryStore } from './registry-store.ts';
import type { SignatureStore } from './store.ts';

export type StoreOptions = Pick<OpenImageOptions, 'platform' | 'registry' | 'env'>;

const subject: Subject = {
  noun: 'image',
  notFound: 'IMAGE_NOT_FOUND',
  tooLarge: 'IMAGE_LIMIT_EXCEEDED',
  login: 'log in with `docker login` or `podman login` as a user who may pull this image',
};

/** Opens what a reference names, for reading manifests and what is attached to them. Errors: IMAGE_*, FETCH_*. */
export async function openStore(
  text: string,
  options: StoreOptions,
): Promise<{ store: SignatureStore; reference: string }> {
  const found = detectReference(text);
  const reference = referenceText(found);
  const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
  if (found.kind === 'registry') return { store: registryStore(found, options), reference };
  const budget = new Budget();
  const tag = 'tag' in found ? found.tag : undefined;
  if (found.kind === 'oci') {
    const archive = new ArchiveDir(found.path, reference, budget.limits);
    return { store: new LayoutStore(archive, { tag, platform }), reference };
  }
  if (found.kind === 'oci-archive' || found.kind === 'tar' || found.kind === 'docker-archive') {
    const context = newReadContext({ wanted: () => false }, budget, new NoteBook());
    const { archive } = await openTarFile(found.path, reference, context);
    if (isOciLayout(archive)) return { store: new LayoutStore(archive, { tag, platform }), reference };
  }
  throw new ScapfeedError({
    code: 'IMAGE_REFERENCE_INVALID',
    message: `expected an image in a registry or an OCI layout, found ${found.kind}: signatures stand beside the manifest, which it has not kept`,
    where: reference,
    remedy: 'name the image as HOST/NAME:TAG, oci:DIR or oci-archive:FILE',
  });
}

function registryStore(reference: RegistryReference, options: StoreOptions): RegistryStore {
  const { registry = {}, env = process.env } = options;
  const http = registry.http ?? createHttp({ env, ...(registry.ca !== undefined && { ca: registry.ca }) });
  const { insecure = false } = registry;
  const plainHosts = typeof insecure === 'boolean' ? [] : insecure;
  const client = openRepository(reference, {
    http,
    env,
    insecure: insecure === true || plainHosts.includes(reference.host),
    plainHosts,
    may: 'pull',
    subject,
  });
  return new RegistryStore(client, reference, async () => {
    if (!registry.http) await http.close();
  });
}
