import { flag, form, group, inLibrary, ofCommandLine, path, repeatable, text } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';

/** Access to registries. */
export interface RegistryParameters {
  /**
   * Hosts that are accessed over plain HTTP: `registry.example:5000`. A loopback host (`localhost`, 127.0.0.0/8, `[::1]`) need not be
   * named: it is accessed by TLS, and over plain HTTP if it has none and no `ca` is given.
   */
  insecureRegistries?: readonly string[];
  /** PEM text of certificate authorities to trust in addition to Node's. */
  ca?: string;
}

/** The image of an index, and where its layers are kept. */
export interface ImageParameters {
  /**
   * The image of a multi-platform index to open, as `os/architecture[/variant]`. Default: `linux/amd64`, or the only image there
   * is.
   */
  platform?: string;
  /** Folder for caching registry layers. Default: no cache. */
  cacheFolder?: string;
}

/** Options of every command that talks to a registry. */
export const registryOptions = group('Registry', {
  'insecure-registry': inLibrary('insecureRegistries', repeatable(text('HOST', 'use plain http for HOST'))),
  'ca-file': inLibrary('ca', path('FILE', 'also trust these certificate authorities (PEM)')),
} satisfies OptionTableOf<
  RegistryParameters,
  { 'insecure-registry': 'insecureRegistries'; 'ca-file': 'ca' }
>);

/** A list, as where the option takes the id of a platform too. */
const osArch = form(
  'OS/ARCH',
  'the image of a multi-platform index to use (default: linux/amd64)',
  (given) => (given.includes('/') ? [given] : undefined),
);

/** Options of every command that reads an image. `--platform` with a slash chooses among an index's images. */
export const imageOptions = group('Image', {
  ...registryOptions,
  'no-cache': inLibrary(
    'cacheFolder',
    flag('do not read or write the cache of layers and inventories under XDG_CACHE_HOME'),
  ),
  platform: osArch,
});

/** Options of commands that read no files but those of packages. */
export const partialOptions = group('Image', {
  'partial-layers': ofCommandLine(
    flag('read zstd:chunked and eStargz layers by their tables of contents, which must be trusted'),
  ),
});

/** Options of a command that takes several images. */
export const targetOptions = group('Image', {
  targets: ofCommandLine(
    path(
      'FILE',
      'also take the images listed in FILE, one per line; # starts a comment; - is stdin. A pattern such as ' +
        "'images/*.tar' stands for every file that it matches",
    ),
  ),
});
