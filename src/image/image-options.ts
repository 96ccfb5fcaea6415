import type { Http } from '../io/http/http.ts';
import type { Environment } from '../model/environment.ts';
import type { FileView, Inspection, Layer, ReadPackageFile, Wanted } from '../model/inventory/index.ts';
import type { Credentials } from '../registry/credentials.ts';
import type { ImageLimits } from './limits.ts';

/** Options for opening an image. */
export interface ImageReadOptions {
  /** Selects the files whose contents are kept; called with canonical absolute paths as in the layers. */
  wanted: Wanted;
  /** Wanted files and folders that are found through any number of links. Default: none. */
  places?: readonly string[];
  /** Suffixes of files that belong to the target of such a path, not to the link: a database's log. Default: none. */
  companions?: readonly string[];
  /** Selects the files that are hashed, and whose format is detected, while they are read. Default: none. */
  inspection?: Inspection;
  /** Reads the files that name packages of languages, while the layers pass. Default: none are read. */
  packageFiles?: ReadPackageFile;
  /** Those of the wanted files that are needed only where package files were found. Default: none. */
  ownerLists?: Wanted;
  /** `os/architecture[/variant]`; absent: linux/amd64, or the only image there is. */
  platform?: string;
  /** Limits on reading an image; absent ones have their defaults. */
  limits?: Partial<ImageLimits>;
  /** Where `-` reads from. Default: the standard input. */
  stdin?: AsyncIterable<Uint8Array>;
  registry?: RegistryOptions;
  /** Cache of layer contents between runs. Ignored with `inspection`, which reads every byte. Default: none. */
  layers?: LayerCacheOptions;
  /**
   * Reads layers of registries by their tables of contents, where they have one: the contents that are wanted, and of the image's
   * package files those that this returns. A table may omit entries of the layer's tar. Ignored with `inspection`.
   * Default: layers are read whole.
   */
  inPart?(image: { files: FileView; labels: ImageConfiguration['labels'] }): readonly string[];
  /**
   * Called with what is known of an image before its layers are read. A view that it returns takes their place, and no layer
   * is read.
   */
  recall?(image: ImageConfiguration): FileView | undefined;
  /** Environment: DOCKER_CONFIG, DOCKER_HOST, XDG_CACHE_HOME and the like. Default: process.env. */
  env?: Environment;
}

/** An image by its configuration. */
export interface ImageConfiguration {
  /** As `Image` has it. */
  digest?: string;
  /** With their diff ids, which the configuration names. */
  layers: readonly Layer[];
  /** The digests of the tables of contents that layers are read by; empty: the layer is read whole. Absent: all are. */
  tables?: readonly string[];
  labels: Readonly<Record<string, string>>;
}

/** A cache of layers. */
export interface LayerCacheOptions {
  folder: string;
  /** Identifies `wanted`, `places`, `packageFiles` and their version. Layers are cached separately for each purpose. */
  purpose: string;
}

export interface RegistryOptions {
  /** Hosts for which plain http is used, besides loopback hosts without TLS: `registry.example:5000`; true: any; false: none. */
  insecure?: boolean | readonly string[];
  /** PEM text of authorities trusted in addition to the built-in ones. */
  ca?: string;
  /** The login; null: none. Default: the user's, as docker and podman keep it. */
  credentials?: Credentials | null;
  /** The HTTP client; the caller closes it. Default: one for this image. */
  http?: Http;
  /** Where layers are cached; false: nowhere. Default: `$XDG_CACHE_HOME/scapfeed/blobs`. */
  cache?: string | false;
  /** Size limit of the cache in bytes. */
  cacheBytes?: number;
}
