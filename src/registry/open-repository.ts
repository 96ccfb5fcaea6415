import type { Http } from '../io/http/http.ts';
import type { Environment } from '../model/environment.ts';
import { Authorizer } from './authorizer.ts';
import { type Credentials, findCredentials } from './credentials.ts';
import type { RepositoryReference } from './reference.ts';
import { RegistryClient } from './registry-client.ts';
import type { RegistrySubject } from './subject.ts';

export interface RepositoryOptions {
  http: Http;
  /** Where logins are searched. */
  env: Environment;
  /** The login; null: none. Default: it is searched. */
  credentials?: Credentials | null | undefined;
  /** True: plain http is used for the registry. */
  insecure: boolean;
  /** Hosts with ports for which the user allows plain http. Default: only the registry's. */
  plainHosts?: readonly string[];
  may: 'pull' | 'push';
  subject: RegistrySubject;
}

/** The host that serves docker.io's images. */
const dockerHubHost = 'registry-1.docker.io';

/** Makes a client for one repository; nothing is sent yet. */
export function openRepository(
  { host, name }: Pick<RepositoryReference, 'host' | 'name'>,
  { http, env, credentials: given, insecure, plainHosts = [], may, subject }: RepositoryOptions,
): RegistryClient {
  const server = host === 'docker.io' ? dockerHubHost : host;
  const base = `${insecure ? 'http' : 'https'}://${server}/v2/${name}`;
  const credentials = async () =>
    given === undefined ? findCredentials(host, name, env) : (given ?? undefined);
  // On the registry's own host a token server is as private as the registry; elsewhere the user must allow plain http.
  const mayBePlain = (tokenServer: URL) =>
    insecure && (tokenServer.hostname === new URL(base).hostname || plainHosts.includes(tokenServer.host));
  return new RegistryClient({
    http,
    authorizer: new Authorizer({ http, mayBePlain, name, may, subject, credentials }),
    base,
    subject,
  });
}
