import { type ZippedEntry, zipEntries } from '../../io/zip-in-memory.ts';
import type { LanguagePackage, NamelessPackage, PackageFile } from '../../model/inventory/index.ts';
import { ecosystemOf } from '../ecosystems.ts';
import { type InstalledForm, wholeFile } from './form.ts';
import {
  type Coordinates,
  inManifest,
  inPomProperties,
  inRepositoryPath,
  type JarManifest,
  knownFolders,
  readManifest,
} from './java-names.ts';
import { isTestData } from './test-data.ts';

const archiveName = /\.(?:jar|war|ear|par|hpi|jpi|lpkg|nar|sar|jmod)$/i;
const pomName = /(?:^|\/)pom\.properties$/i;
const manifestName = /^META-INF\/MANIFEST\.MF$/i;
/** Files of other kinds have these names too: they are archives of Java if they begin as a zip. */
const sharedName = /\.(?:par|lpkg|nar|sar)$/i;
const zipMark = Buffer.from('PK', 'latin1');
/** They repeat the metadata of a library and have none of its code. */
const codeless = /-(?:sources|javadoc|tests|test-sources)\.jar$/i;
/** Modules of a Java runtime, which is no artifact of Maven. */
const runtimeModule = /(?:^|\/)(?:java|jdk)\.[\w.]+\.jmod$/;

/** Limits of one file, with all that is nested in it. */
const limits = {
  fileBytes: 2 ** 28,
  depth: 8,
  entries: 500_000,
  contentBytes: 2 ** 29,
  metadataBytes: 2 ** 24,
  /** Packages and unread places. */
  found: 20_000,
  /** Characters of a place below the file: paths of Linux have 4096. */
  place: 4096,
};

/**
 * Archives of Java, and archives in them. A name is that of pom.properties; else of the manifest, where it states group and artifact; else
 * of the path, where it is a repository's. A jar without them is unread: of 309 jars of Debian with a pom, a symbolic name before the
 * artifact's was the group of 8 and another one in 29, the vendor's id of 12 and in 16, and a wrong group hides flaws or finds those of
 * another artifact. An archive without classes has no code.
 */
export const java: InstalledForm = {
  name: 'Java archive',
  begin(path, size) {
    if (!archiveName.test(path) || codeless.test(path) || runtimeModule.test(path)) return undefined;
    if (isTestData(path)) return undefined;
    return wholeFile({ ecosystem: 'maven', size, mostBytes: limits.fileBytes }, (bytes) => {
      const isOther = sharedName.test(path) && !bytes.subarray(0, zipMark.length).equals(zipMark);
      return bytes.length === 0 || isOther ? undefined : new ArchiveReader().read(bytes, path);
    });
  },
};

/** The end of what may be read of a file. */
class LimitReached extends Error {}

interface Archive {
  bytes: Buffer;
  /** Its path, or its name in the archive that it is in. */
  path: string;
  /** Undefined: the file itself. */
  inside?: string;
  depth: number;
}

class ArchiveReader {
  readonly #packages: LanguagePackage[] = [];
  readonly #unread: NamelessPackage[] = [];
  #entries = 0;
  #contentBytes = 0;

  read(bytes: Buffer, path: string): PackageFile {
    try {
      this.#archive({ bytes, path, depth: 0 });
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      const detail = `not read to its end: ${error.message}`;
      this.#unread.push({ ecosystem: 'maven', kind: 'damaged', detail });
    }
    return { packages: this.#packages, unread: this.#unread };
  }

  #archive(archive: Archive): void {
    const metadata = new Metadata();
    try {
      for (const entry of zipEntries(archive.bytes, archive.path)) this.#entry(entry, archive, metadata);
    } catch (error) {
      if (error instanceof LimitReached) throw error;
      this.#isUnread(archive.inside, 'damaged', messageOf(error));
      this.#readManifests(metadata);
      if (metadata.isEmpty) return;
    }
    this.#name(metadata, archive);
  }

  #entry(entry: ZippedEntry, archive: Archive, metadata: Metadata): void {
    this.#entries += 1;
    if (this.#entries > limits.entries) throw new LimitReached(`more than ${limits.entries} entries`);
    const name = entry.name.includes('\\') ? entry.name.replaceAll('\\', '/') : entry.name;
    // Nearly all entries.
    if (name.endsWith('.class')) {
      metadata.hasClass(name);
      return;
    }
    const isArchive = archiveName.test(name);
    if (!isArchive && !metadata.wants(name)) return;
    if (codeless.test(name)) return;
    const inside = archive.inside === undefined ? name : `${archive.inside}!/${name}`;
    if (inside.length > limits.place) throw new LimitReached(`a place of ${inside.length} characters`);
    if (isArchive && archive.depth === limits.depth) {
      this.#isUnread(inside, 'damaged', `nested deeper than ${limits.depth} archives`);
      return;
    }
    if (manifestName.test(name)) {
      metadata.manifests.push({ entry, inside });
      return;
    }
    const content = this.#content(entry, inside, isArchive);
    if (content === undefined) return;
    if (isArchive) this.#archive({ bytes: content, path: name, inside, depth: archive.depth + 1 });
    else metadata.addPom(name, inside, content.toString('utf8'));
  }

  /** Those of signed archives have a line for each file: they are read where no pom.properties names the archive. */
  #readManifests(metadata: Metadata): void {
    for (const { entry, inside } of metadata.manifests.splice(0)) {
      const content = this.#content(entry, inside, false);
      if (content) metadata.manifest = readManifest(content.toString('utf8'));
    }
  }

  #content(entry: ZippedEntry, inside: string, isArchive: boolean): Buffer | undefined {
    const left = limits.contentBytes - this.#contentBytes;
    try {
      const content = entry.content(isArchive ? left : Math.min(left, limits.metadataBytes));
      this.#contentBytes += entry.size;
      return content;
    } catch (error) {
      // An entry that cannot be inflated counts too.
      if (entry.size <= left) this.#contentBytes += entry.size;
      this.#isUnread(inside, 'damaged', messageOf(error));
      return undefined;
    }
  }

  #name(metadata: Metadata, { path, inside }: Archive): void {
    const fileName = path.slice(path.lastIndexOf('/') + 1);
    const poms = metadata.poms();
    const own = ownPom(poms, fileName);
    const seen = new Set<string>();
    for (const pom of poms) {
      if ('detail' in pom) {
        this.#isUnread(pom.inside, 'undetermined', pom.detail);
        continue;
      }
      const key = `${pom.group}:${pom.artifact}:${pom.version}`;
      if (seen.has(key)) continue;
      seen.add(key);
      this.#isPackage(pom, pom === own ? inside : pom.inside);
    }
    const isNamed = own !== undefined || (poms.length > 0 && !hasVersion(fileName));
    if (!isNamed) this.#nameWithoutPom(metadata, path, fileName, inside);
  }

  #nameWithoutPom(metadata: Metadata, path: string, fileName: string, inside?: string): void {
    this.#readManifests(metadata);
    const stated = inManifest(metadata.manifest, fileName, metadata.folders);
    const byPlace = inside === undefined ? inRepositoryPath(path) : undefined;
    if (stated) this.#isPackage(stated, inside, 'manifest');
    else if (byPlace) this.#isPackage(byPlace, inside, 'file name');
    else if (metadata.hasClasses)
      this.#isUnread(inside, 'undetermined', 'no group and artifact in pom.properties, manifest or path');
  }

  #isPackage({ group, artifact, version }: Coordinates, inside?: string, by?: LanguagePackage['by']): void {
    this.#count();
    const name = ecosystemOf('maven')!.nameOf({ namespace: group, name: artifact });
    this.#packages.push({
      ecosystem: 'maven',
      name,
      version,
      ...(inside !== undefined && { inside }),
      ...(by && { by }),
    });
  }

  #isUnread(inside: string | undefined, kind: NamelessPackage['kind'], detail: string): void {
    this.#count();
    this.#unread.push({ ecosystem: 'maven', kind, ...(inside !== undefined && { inside }), detail });
  }

  #count(): void {
    if (this.#packages.length + this.#unread.length >= limits.found)
      throw new LimitReached(`more than ${limits.found} packages`);
  }
}

type Pom = (Coordinates | { detail: string }) & { inside: string };

/** Metadata of an archive and of the libraries shaded into it. */
class Metadata {
  readonly #poms: Pom[] = [];
  readonly folders: Set<string> = new Set();
  /** Those that were not read yet, with their places. */
  readonly manifests: { entry: ZippedEntry; inside: string }[] = [];
  manifest: JarManifest = new Map();
  hasClasses = false;

  get isEmpty(): boolean {
    return this.#poms.length === 0 && this.manifest.size === 0 && !this.hasClasses;
  }

  hasClass(name: string): void {
    this.hasClasses = true;
    for (const folder of knownFolders) if (name.startsWith(folder)) this.folders.add(folder);
  }

  wants(name: string): boolean {
    return pomName.test(name) || manifestName.test(name);
  }

  addPom(name: string, inside: string, text: string): void {
    this.#poms.push({ ...inPomProperties(text, name), inside });
  }

  poms(): readonly Pom[] {
    return this.#poms;
  }
}

/**
 * The pom of the archive itself: the one by which the file is named, or of its version; of a file without a version (`app.jar`) its only
 * one. The others are of what is shaded in it.
 */
function ownPom(poms: readonly Pom[], fileName: string): Pom | undefined {
  const plain = (text: string) => text.replace(/[_.]/g, '-');
  const stem = plain(fileName.replace(/\.[^.]*$/, ''));
  const known = poms.filter((pom) => 'artifact' in pom);
  const named = known.filter(({ artifact }) => `${stem}-`.startsWith(`${plain(artifact)}-`));
  const longest = named.toSorted((a, b) => b.artifact.length - a.artifact.length)[0];
  const [only, ...others] = hasVersion(fileName)
    ? known.filter(({ version }) => stem.endsWith(`-${plain(version)}`))
    : poms;
  return longest ?? (others.length === 0 ? only : undefined);
}

function hasVersion(fileName: string): boolean {
  return /-\d/.test(fileName);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
