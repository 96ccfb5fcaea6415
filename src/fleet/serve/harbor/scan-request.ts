import { isDigest } from '../../../io/digest.ts';
import { type HarborArtifact, type HarborReportKind, harborReportKinds } from '../../store/harbor.ts';
import { acceptedReport, manifestTypes, sbomMedia, sbomType, vulnerabilityType } from './media-types.ts';

/** A login for a registry, which the request for a scan holds. */
export type HarborCredentials =
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'bearer'; token: string };

/** A request for a scan. */
export interface HarborRequest {
  /** `core:8080`, with its port. */
  host: string;
  /** The registry is reached by plain http. */
  isPlain: boolean;
  credentials?: HarborCredentials;
  artifact: HarborArtifact;
  reports: readonly HarborReportKind[];
}

/** An error answer to a malformed request of Harbor's; `status` as the API defines it. */
export class HarborRefusal extends Error {
  readonly status: 400 | 404 | 422 | 429 | 500 | 501;

  constructor(status: HarborRefusal['status'], message: string) {
    super(message);
    this.status = status;
  }
}

/** Characters of a name, a type or an address. */
const longestName = 512;

/** Characters of a login; tokens of robots have some hundred, those with many permissions some thousand. */
const longestLogin = 16_384;

/** Reads the body of a request. Errors never repeat the value of a credential. @throws {HarborRefusal} 400, 422, 501 */
export function readScanRequest(body: unknown): HarborRequest {
  const { registry, artifact, enabled_capabilities: enabled } = members(body, 'the body');
  const { url, authorization } = members(registry, 'registry');
  const place = readRegistry(text(url, 'registry.url'));
  const credentials = readCredentials(optionalText(authorization, 'registry.authorization', longestLogin));
  return {
    ...place,
    ...(credentials && { credentials }),
    artifact: readArtifact(members(artifact, 'artifact')),
    reports: readReports(enabled),
  };
}

function readRegistry(text: string): Pick<HarborRequest, 'host' | 'isPlain'> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '')
    throw new HarborRefusal(422, 'registry.url: expected an http or https address');
  if (url.username !== '' || url.password !== '')
    throw new HarborRefusal(422, 'registry.url: expected no credentials in it; send registry.authorization');
  if (!/^\/*(v2\/?)?$/.test(url.pathname) || url.search !== '' || url.hash !== '')
    throw new HarborRefusal(422, 'registry.url: expected the address of a registry without a path');
  const isPlain = url.protocol === 'http:';
  // A name without a port could be taken for a part of a repository's name.
  return { host: `${url.hostname}:${url.port || (isPlain ? 80 : 443)}`, isPlain };
}

function readArtifact(given: Members): HarborArtifact {
  const repository = text(given['repository'], 'artifact.repository');
  const digest = text(given['digest'], 'artifact.digest');
  const tag = optionalText(given['tag'], 'artifact.tag');
  const type = optionalText(given['mime_type'], 'artifact.mime_type');
  if (
    !/^[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/.test(repository.slice(0, 256)) ||
    repository.length > 255
  )
    throw new HarborRefusal(422, 'artifact.repository: expected the name of a repository');
  if (!isDigest(digest)) throw new HarborRefusal(422, 'artifact.digest: expected sha256:HEX');
  if (type !== undefined && type !== '' && !manifestTypes.includes(type))
    throw new HarborRefusal(501, `artifact.mime_type: expected ${manifestTypes.join(' or ')}`);
  return {
    ...{ repository, digest },
    ...(tag !== undefined && { tag }),
    ...(type !== undefined && { mime_type: type }),
  };
}

/** The value of the header `authorization` that the registry is to get. */
function readCredentials(value: string | undefined): HarborCredentials | undefined {
  if (value === undefined || value === '') return undefined;
  // Characters that a header allows: no other token could be sent.
  const [, scheme = '', rest = ''] = /^(\w+) +([\x21-\x7e]+) *$/.exec(value) ?? [];
  if (/^bearer$/i.test(scheme)) return { kind: 'bearer', token: rest };
  const [, username, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(rest, 'base64').toString('utf8')) ?? [];
  if (!/^basic$/i.test(scheme) || username === undefined || password === undefined)
    throw new HarborRefusal(422, 'registry.authorization: expected Basic or Bearer with its credentials');
  return { kind: 'basic', username, password };
}

/** Without a list of capabilities, all are wanted. */
function readReports(enabled: unknown): readonly HarborReportKind[] {
  if (enabled === undefined || enabled === null) return harborReportKinds;
  if (!Array.isArray(enabled) || enabled.length > 16)
    throw new HarborRefusal(422, 'enabled_capabilities: expected a short list');
  if (enabled.length === 0) return harborReportKinds;
  const kinds = new Set<HarborReportKind>();
  for (const each of enabled) {
    const { type, produces_mime_types: types, parameters } = members(each, 'enabled_capabilities');
    const word = text(type, 'enabled_capabilities.type');
    const offered = word === 'vulnerability' ? vulnerabilityType : word === 'sbom' ? sbomType : undefined;
    if (offered === undefined)
      throw new HarborRefusal(501, 'enabled_capabilities: expected vulnerability or sbom');
    const isMade = (one: string) =>
      (acceptedReport(one) === sbomType) === (offered === sbomType) && acceptedReport(one) !== undefined;
    if (types !== undefined && types !== null && !texts(types, 'produces_mime_types').some(isMade))
      throw new HarborRefusal(501, `enabled_capabilities: reports of ${word} are made as ${offered}`);
    if (word === 'vulnerability') kinds.add('vulnerability');
    else for (const kind of sbomKinds(parameters)) kinds.add(kind);
  }
  return harborReportKinds.filter((kind) => kinds.has(kind));
}

function sbomKinds(parameters: unknown): (keyof typeof sbomMedia)[] {
  const all = Object.keys(sbomMedia) as (keyof typeof sbomMedia)[];
  if (parameters === undefined || parameters === null) return all;
  const { sbom_media_types: wanted } = members(parameters, 'enabled_capabilities.parameters');
  if (wanted === undefined || wanted === null) return all;
  const types = texts(wanted, 'sbom_media_types');
  const found = all.filter((kind) => types.includes(sbomMedia[kind]));
  if (found.length > 0) return found;
  throw new HarborRefusal(501, `sbom_media_types: expected ${Object.values(sbomMedia).join(' or ')}`);
}

type Members = Readonly<Record<string, unknown>>;

function members(value: unknown, where: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw new HarborRefusal(where === 'the body' ? 400 : 422, `${where}: expected an object`);
}

function text(value: unknown, where: string): string {
  const found = optionalText(value, where);
  if (found !== undefined && found !== '') return found;
  throw new HarborRefusal(422, `${where}: expected a text, found none`);
}

function optionalText(value: unknown, where: string, longest = longestName): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new HarborRefusal(400, `${where}: expected a text`);
  if (value.length > longest)
    throw new HarborRefusal(422, `${where}: expected at most ${longest} characters`);
  // Neither the database nor a header takes them.
  if (/[\p{Cc}\p{Cs}]/u.test(value))
    throw new HarborRefusal(422, `${where}: expected no control characters, and whole ones`);
  return value;
}

function texts(value: unknown, where: string): readonly string[] {
  if (Array.isArray(value) && value.length <= 16 && value.every((each) => typeof each === 'string'))
    return value;
  throw new HarborRefusal(422, `${where}: expected a short list of texts`);
}
