/** An artifact of Maven. */
export interface Coordinates {
  group: string;
  artifact: string;
  version: string;
}

/** Limit on a line or a value that is read, in characters. Others name nothing, and patterns are not given longer texts. */
const longest = 1024;
const identifier = /^[\w.-]{1,256}$/;
/** Maven forbids these characters in a version; `$` and braces are of a value that a build did not fill in. */
const versionText = /^[^\s\\/:"<>|?*[\](){},$]{1,256}$/;

/** The coordinates of a pom.properties, or why it has none. Its path has group and artifact too: `META-INF/maven/GROUP/ARTIFACT`. */
export function inPomProperties(text: string, path: string): Coordinates | { detail: string } {
  const values = properties(text);
  const [, groupOfPath, artifactOfPath] =
    /(?:^|\/)META-INF\/maven\/([^/]+)\/([^/]+)\/[^/]+$/.exec(path) ?? [];
  const group = values.get('groupId') || groupOfPath;
  const artifact = values.get('artifactId') || artifactOfPath;
  const version = values.get('version') || '';
  if (group === undefined || artifact === undefined || !identifier.test(group) || !identifier.test(artifact))
    return { detail: 'pom.properties without group and artifact' };
  if (!versionText.test(version)) return { detail: `${group}:${artifact} without a version` };
  return { group, artifact, version };
}

/** https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html#load-java.io.Reader-, without values of several lines. */
function properties(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r\n|[\r\n]/)) {
    const trimmed = line.trim();
    const split = trimmed.search(/[=:\s]/);
    if (split <= 0 || trimmed.length > longest || /^[#!]/.test(trimmed)) continue;
    const value = trimmed.slice(split).replace(/^\s*[=:]?\s*/, '');
    values.set(trimmed.slice(0, split), value.replace(/\\(.)/g, '$1'));
  }
  return values;
}

/** Names and values of the main section of a manifest, the names in lower case. */
export type JarManifest = ReadonlyMap<string, string>;

/** https://docs.oracle.com/javase/8/docs/technotes/guides/jar/jar.html#JAR_Manifest */
export function readManifest(text: string): JarManifest {
  const values = new Map<string, string>();
  let name: string | undefined;
  for (const line of text.split(/\r\n|[\r\n]/)) {
    if (line === '') break;
    if (line.startsWith(' ')) {
      if (name !== undefined) values.set(name, values.get(name)! + line.slice(1));
      continue;
    }
    const split = line.indexOf(':');
    name = split > 0 ? line.slice(0, split).toLowerCase() : undefined;
    if (name !== undefined) values.set(name, line.slice(split + 1).trimStart());
  }
  return values;
}

/** Projects without pom.properties in their archives, by the folder of their classes. */
const springs = [
  {
    group: 'org.springframework.boot',
    artifact: /^spring-boot(?:-[a-z0-9-]+)?$/,
    folder: 'org/springframework/boot/',
  },
  {
    group: 'org.springframework.security',
    artifact: /^spring-security-[a-z0-9-]+$/,
    folder: 'org/springframework/security/',
  },
  {
    group: 'org.springframework',
    artifact:
      /^spring-(?:aop|aspects|beans|context|context-indexer|context-support|core|expression|instrument|jcl|jdbc|jms|messaging|orm|oxm|r2dbc|test|tx|web|webflux|webmvc|websocket)$/,
    folder: 'org/springframework/',
  },
] as const;

/** Folders of classes that {@link inManifest} asks for. */
export const knownFolders: readonly string[] = springs.map(({ folder }) => folder);

/**
 * The coordinates that a manifest states, from the forms in which group and artifact are both certain:
 *
 * - `Group-Id` of Jenkins' plugins;
 * - an `Implementation-Title` of the form `GROUP#NAME;VERSION` (Gradle's);
 * - a `Bundle-SymbolicName` that is the vendor's id and ends in the artifact by which the file is named;
 * - the symbolic names of Tomcat, the titles of Spring with its folders of classes.
 */
export function inManifest(
  manifest: JarManifest,
  fileName: string,
  folders: ReadonlySet<string>,
): Coordinates | undefined {
  const stem = fileName.replace(/\.[^.]*$/, '');
  const value = (name: string) => {
    const text = manifest.get(name)?.trim() ?? '';
    return text === '' || text.length > longest ? undefined : text;
  };
  const [symbolic = ''] = (value('bundle-symbolicname') ?? '').split(';', 1);
  const title = value('implementation-title') ?? '';
  const stated =
    ofJenkins(value) ??
    ofGradle(title, stem) ??
    ofVendor(symbolic.trim(), value('implementation-vendor-id'), stem) ??
    ofTomcat(symbolic.trim()) ??
    ofSpring(title, stem, folders);
  if (!stated) return undefined;
  const { group, artifact } = stated;
  const versions = [
    stated.version,
    value('implementation-version'),
    stem.startsWith(`${artifact}-`) ? stem.slice(artifact.length + 1) : undefined,
    value('bundle-version'),
  ];
  const version = versions.find((each) => each !== undefined && versionText.test(each));
  if (version === undefined || !identifier.test(group) || !identifier.test(artifact)) return undefined;
  return { group, artifact, version };
}

type Stated = Pick<Coordinates, 'group' | 'artifact'> & { version?: string | undefined };

function ofJenkins(value: (name: string) => string | undefined): Stated | undefined {
  const group = value('group-id');
  const artifact = value('short-name') ?? value('extension-name');
  // `1.0-SNAPSHOT (private-…)`
  const version = value('plugin-version')?.split(' ')[0];
  return group !== undefined && artifact !== undefined && version !== undefined
    ? { group, artifact, version }
    : undefined;
}

/** The name is the project's; the artifact is named by the file, if the file has the same version. */
function ofGradle(title: string, stem: string): Stated | undefined {
  const [, group, name, version] = /^([\w.-]+)#([\w.-]+);([^;\s]+)$/.exec(title) ?? [];
  if (group === undefined || name === undefined || version === undefined) return undefined;
  const artifact = stem.endsWith(`-${version}`) ? stem.slice(0, -version.length - 1) : name;
  return { group, artifact, version };
}

/** A vendor's id alone is often that of its organisation: `org.apache`. */
function ofVendor(symbolic: string, group: string | undefined, stem: string): Stated | undefined {
  if (group === undefined || symbolic !== group || !group.includes('.')) return undefined;
  const artifact = group.slice(group.lastIndexOf('.') + 1);
  return stem === artifact || stem.startsWith(`${artifact}-`) ? { group, artifact } : undefined;
}

function ofTomcat(symbolic: string): Stated | undefined {
  const [, artifact] = /^org\.apache\.(tomcat-[a-z0-9-]+)$/.exec(symbolic) ?? [];
  if (artifact === undefined) return undefined;
  const isEmbedded = artifact.startsWith('tomcat-embed-');
  return { group: `org.apache.tomcat${isEmbedded ? '.embed' : ''}`, artifact };
}

function ofSpring(title: string, stem: string, folders: ReadonlySet<string>): Stated | undefined {
  const [, named = stem] = /^(.+?)-\d/.exec(stem) ?? [];
  for (const { group, artifact: form, folder } of springs) {
    const artifact = [title, named].find((each) => form.test(each));
    if (artifact !== undefined && folders.has(folder)) return { group, artifact };
  }
  return undefined;
}

/** The coordinates of a file in a local repository of Maven, or in Gradle's cache. */
export function inRepositoryPath(path: string): Coordinates | undefined {
  const parts = path.split('/');
  const file = parts.at(-1) ?? '';
  const gradle = parts.lastIndexOf('files-2.1');
  const maven = parts.findIndex((part, at) => part === 'repository' && parts[at - 1] === '.m2');
  const [group, artifact, version] =
    gradle >= 0 && parts.length === gradle + 6
      ? parts.slice(gradle + 1, gradle + 4)
      : maven >= 0 && parts.length >= maven + 5
        ? [parts.slice(maven + 1, -3).join('.'), parts.at(-3), parts.at(-2)]
        : [];
  if (group === undefined || artifact === undefined || version === undefined) return undefined;
  const isSo = identifier.test(group) && identifier.test(artifact) && versionText.test(version);
  return isSo && file.startsWith(`${artifact}-`) ? { group, artifact, version } : undefined;
}
