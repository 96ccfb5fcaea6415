import type { Http } from '../io/http.ts';
import { Authorizer } from './authorizer.ts';
import { findCredentials } from './credentials.ts';
import type { RepositoryReference } from './reference.ts';
import { RegistryClient } from './registry-client.ts';
import type { Subject } from './subject.ts';

export interface RepositoryOptions {
  http: Http;
  /** Where logins are looked for. */
  env: Readonly<Record<string, string | undefined>>;
  /** Spoken to by plain http. */
  insecure: boolean;
  may: 'pull' | 'push';
  subject: Subject;
}

/** The host that docker.io's images are served from. */
const dockerHubHost = 'registry-1.docker.io';

/** A client for one repository; nothing is sent yet. */
export function openRepository(
  { host, name }: Pick<RepositoryReference, 'host' | 'name'>,
  { http, env, insecure, may, subject }: RepositoryOptions,
): RegistryClient {
  const server = host === 'docker.io' ? dockerHubHost : host;
  const credentials = () => findCredentials(host, name, env);
  return new RegistryClient({
    http,
    authorizer: new Authorizer({ http, insecure, name, may, subject, credentials }),
    base: `${insecure ? 'http' : 'https'}://${server}/v2/${name}`,
    subject,
  });
}
