import type { RegistryReference } from '../../image/reference.ts';
import { createHttp } from '../../io/http/create-http.ts';
import { openRepository } from '../../registry/open-repository.ts';
import { usesPlainHttp } from '../../registry/plain-http.ts';
import type { RegistrySubject } from '../../registry/subject.ts';
import { RegistryStore } from './registry-store.ts';
import type { SignatureStore, StoreOptions } from './store.ts';

const subject: RegistrySubject = {
  noun: 'image',
  notFound: 'IMAGE_NOT_FOUND',
  tooLarge: 'IMAGE_LIMIT_EXCEEDED',
  login: 'log in with `docker login` or `podman login` as a user who may pull this image',
};

/** An image in a registry; no request is sent yet. */
export async function openRegistry(
  reference: RegistryReference,
  options: StoreOptions,
): Promise<SignatureStore> {
  const { registry = {}, env = process.env } = options;
  const isPlain = await usesPlainHttp(reference.host, registry);
  const http = registry.http ?? createHttp({ env, ...(registry.ca !== undefined && { ca: registry.ca }) });
  const { insecure } = registry;
  const client = openRepository(reference, {
    http,
    env,
    insecure: isPlain,
    plainHosts: typeof insecure === 'object' ? insecure : [],
    may: 'pull',
    subject,
  });
  return new RegistryStore(client, reference, async () => {
    if (!registry.http) await http.close();
  });
}
