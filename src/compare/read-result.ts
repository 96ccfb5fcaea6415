import { ecosystemOf } from '../ecosystems/ecosystems.ts';
import { parseForeignJson } from '../io/foreign-json.ts';
import { readNamed, readOrRefuse } from '../io/read-at-most.ts';
import { ScapfeedError } from '../model/error.ts';
import { type EcosystemId, isOfEcosystem, parsePackageUrl } from '../model/inventory/index.ts';
import type { OtherFinding, OtherResult } from './other-result.ts';

/** The words of Trivy and Grype for kinds of packages. */
const words: Readonly<Record<EcosystemId, readonly string[]>> = {
  bitnami: ['bitnami'],
  cargo: ['cargo', 'rustbinary', 'rust-crate'],
  composer: ['composer', 'composer-vendor', 'php-composer'],
  gem: ['gem', 'gemspec', 'bundler'],
  golang: ['gobinary', 'gomod', 'go-module'],
  maven: ['jar', 'pom', 'gradle', 'sbt', 'java-archive', 'jenkins-plugin'],
  npm: ['npm', 'node-pkg', 'yarn', 'pnpm', 'bun'],
  nuget: ['nuget', 'dotnet', 'dotnet-core', 'packages-props'],
  pypi: ['python', 'python-pkg', 'pip', 'pipenv', 'poetry', 'uv', 'pylock'],
};

/** Ecosystem and name of a package in the feed's terms. Undefined: it is of no ecosystem that feeds know. */
function languageName(
  kind: string,
  name: string,
  url: string,
): Required<Pick<OtherFinding, 'ecosystem' | 'package'>> | undefined {
  const purl = parsePackageUrl(url);
  const found = Object.entries(words).find(([, own]) => own.includes(kind));
  const id = found?.[0] ?? (purl && isOfEcosystem(purl) ? purl.type : undefined);
  const ecosystem = id === undefined ? undefined : ecosystemOf(id);
  if (!ecosystem) return undefined;
  // Grype has the artifact alone.
  const isPart = ecosystem.id === 'maven' && !name.includes(':') && purl !== undefined;
  const own = isPart ? ecosystem.nameOf(purl) : (ecosystem.spelled?.(name) ?? name);
  return { ecosystem: ecosystem.id, package: own };
}

/** Results of images with some ten thousand findings have 100 MB. */
const mostBytes = 512 * 2 ** 20;

/** Reads the JSON result of another scanner. @throws USAGE */
export function readOtherResult(tool: OtherResult['tool'], path: string): OtherResult {
  const value = readJson(tool, path);
  return tool === 'trivy' ? trivyResult(value, path) : grypeResult(value, path);
}

type Fields = Readonly<Record<string, unknown>>;

function trivyResult(value: unknown, path: string): OtherResult {
  const result = fieldsOf(value);
  const parts = result?.['Results'] ?? [];
  if (!result || !('SchemaVersion' in result || 'Results' in result) || !Array.isArray(parts))
    throw notAResult('trivy', path, '`trivy image --format json`');
  const os = fieldsOf(fieldsOf(result['Metadata'])?.['OS']);
  const system = [textOf(os?.['Family']), textOf(os?.['Name'])].filter((text) => text !== '').join(' ');
  const read = parts.flatMap((part: unknown): (OtherFinding | undefined)[] => {
    const fields = fieldsOf(part);
    const found = fields?.['Vulnerabilities'] ?? [];
    if (!fields || !Array.isArray(found)) return [undefined];
    const kind = textOf(fields['Class']) === 'os-pkgs' ? 'os' : textOf(fields['Type']) || 'other';
    return found.map((one: unknown) => trivyFinding(fieldsOf(one), kind));
  });
  return { tool: 'trivy', ...(system === '' ? {} : { system }), ...countedFindings(read) };
}

/** Undefined: it names no vulnerability or no package. */
function trivyFinding(one: Fields | undefined, kind: string): OtherFinding | undefined {
  const vulnerability = textOf(one?.['VulnerabilityID']);
  const name = textOf(one?.['PkgName']);
  if (vulnerability === '' || name === '') return undefined;
  const source = textOf(fieldsOf(one?.['DataSource'])?.['ID']);
  return {
    vulnerability,
    aliases: [],
    package: name,
    version: textOf(one?.['InstalledVersion']),
    fixed: textOf(one?.['FixedVersion']),
    severity: textOf(one?.['Severity']).toLowerCase(),
    kind,
    ...(kind === 'os' ? {} : languageName(kind, name, textOf(fieldsOf(one?.['PkgIdentifier'])?.['PURL']))),
    ...(source === '' ? {} : { source }),
  };
}

function grypeResult(value: unknown, path: string): OtherResult {
  const result = fieldsOf(value);
  const matches = result?.['matches'];
  if (!result || !Array.isArray(matches)) throw notAResult('grype', path, '`grype IMAGE -o json`');
  const distro = fieldsOf(result['distro']);
  const system = [textOf(distro?.['name']), textOf(distro?.['version'])]
    .filter((text) => text !== '')
    .join(' ');
  const read = matches.map((match: unknown) => grypeFinding(fieldsOf(match)));
  return { tool: 'grype', ...(system === '' ? {} : { system }), ...countedFindings(read) };
}

/** Undefined: it names no vulnerability or no package. */
function grypeFinding(match: Fields | undefined): OtherFinding | undefined {
  const vulnerability = fieldsOf(match?.['vulnerability']);
  const artifact = fieldsOf(match?.['artifact']);
  const id = textOf(vulnerability?.['id']);
  const name = textOf(artifact?.['name']);
  if (id === '' || name === '') return undefined;
  const [fixed = ''] = textsOf(fieldsOf(vulnerability?.['fix'])?.['versions']);
  const type = textOf(artifact?.['type']);
  const kind = ['alpm', 'apk', 'deb', 'ebuild', 'rpm'].includes(type) ? 'os' : type || 'other';
  const source = textOf(vulnerability?.['namespace']);
  return {
    vulnerability: id,
    aliases: listOf(match?.['relatedVulnerabilities']).flatMap((related) => textOf(related['id']) || []),
    package: name,
    version: textOf(artifact?.['version']),
    fixed,
    severity: textOf(vulnerability?.['severity']).toLowerCase(),
    kind,
    ...(kind === 'os' ? {} : languageName(kind, name, textOf(artifact?.['purl']))),
    ...(source === '' ? {} : { source }),
  };
}

function countedFindings(
  read: readonly (OtherFinding | undefined)[],
): Pick<OtherResult, 'findings' | 'notRead'> {
  const findings = read.filter((each) => each !== undefined);
  return { findings, notRead: read.length - findings.length };
}

function readJson(tool: string, path: string): unknown {
  const text = readOrRefuse(() => readNamed(path, mostBytes).toString('utf8'), {
    ...{ code: 'USAGE', what: `the result of ${tool}`, where: path },
    remedy: 'specify an existing file that you may read',
  });
  try {
    return parseForeignJson(text);
  } catch (cause) {
    throw notAResult(tool, path, 'JSON', cause);
  }
}

function notAResult(tool: string, where: string, expected: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message: `expected what ${expected} prints, found something else`,
    where,
    remedy: `make it with ${tool} in its JSON format`,
    ...(cause === undefined ? {} : { cause }),
  });
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function listOf(value: unknown): Fields[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: unknown): Fields[] => {
    const fields = fieldsOf(each);
    return fields ? [fields] : [];
  });
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
