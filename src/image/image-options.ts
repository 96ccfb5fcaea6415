import type { Http } from '../io/http/http.ts';
import type { Inspection, Wanted } from '../model/index.ts';
import type { ImageLimits } from './limits.ts';

/** How an image is opened. */
export interface OpenImageOptions {
  /** Which files' contents are kept: asked with canonical absolute paths as the layers name them. */
  wanted: Wanted;
  /** Wanted files, and folders of them, that are found however many links lead there. Default: none. */
  places?: readonly string[];
  /** Endings of files that belong beside the one a place leads to, not beside the link: a database's log. Default: none. */
  companions?: readonly string[];
  /** Which files are hashed and told by their first bytes as they go by. Default: none. */
  inspection?: Inspection;
  /** `os/architecture[/variant]`; absent: linux/amd64, or the only image there is. */
  platform?: string;
  /** Bounds on what an image may cost; those that are absent stand at their defaults. */
  limits?: Partial<ImageLimits>;
  /** Where `-` reads from. Default: the standard input. */
  stdin?: AsyncIterable<Uint8Array>;
  registry?: RegistryOptions;
  /** Environment: DOCKER_CONFIG, DOCKER_HOST, XDG_CACHE_HOME and the like. Default: process.env. */
  env?: Readonly<Record<string, string | undefined>>;
}

export interface RegistryOptions {
  /** Hosts that are spoken to by plain http: `127.0.0.1:5000`; true: the image's registry, whichever it is. */
  insecure?: boolean | readonly string[];
  /** PEM text of authorities trusted beside the built-in ones. */
  ca?: string;
  /** The way to the network; the caller closes it. Default: one made for this image. */
  http?: Http;
  /** Where layers are kept; false: nowhere. Default: `$XDG_CACHE_HOME/scapfeed/blobs`. */
  cache?: string | false;
  /** Bytes that the cache may take. */
  cacheBytes?: number;
}
