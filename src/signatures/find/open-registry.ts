import type { RegistryReference } from '../../image/reference.ts';
import { createHttp } from '../../io/http/create-http.ts';
import { openRepository } from '../../registry/open-repository.ts';
import type { Subject } from '../../registry/subject.ts';
import { RegistryStore } from './registry-store.ts';
import type { SignatureStore, StoreOptions } from './store.ts';

const subject: Subject = {
  noun: 'image',
  notFound: 'IMAGE_NOT_FOUND',
  tooLarge: 'IMAGE_LIMIT_EXCEEDED',
  login: 'log in with `docker login` or `podman login` as a user who may pull this image',
};

/** An image in a registry; nothing is sent yet. */
export function openRegistry(reference: RegistryReference, options: StoreOptions): SignatureStore {
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
