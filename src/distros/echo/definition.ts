import data from '../../../feeds/echo.json' with { type: 'json' };
import type { Platform } from '../../model/index.ts';
import type { Download } from '../../sources/download.ts';

/** `feeds/echo.json`: where Echo's data is, and what its releases are. */
export interface EchoDefinition {
  /** Address of the advisories: one document for all that Echo builds. */
  advisories: string;
  /** Share of the records that may be malformed before the document is refused. */
  malformedShare: number;
  /** So many may be malformed in any case, if there are others. */
  malformedFew: number;
  releases: readonly EchoRelease[];
}

export interface EchoRelease {
  /** It is rolling: no end is known. */
  branch: 'rolling';
  /** VERSION_ID */
  version: string;
}

/** A test checks it by schemas/echo-definition.schema.json. */
export const echoDefinition: EchoDefinition = data as EchoDefinition;

export function platformOf({ version }: EchoRelease): Platform {
  return {
    id: `echo-${version}`,
    name: `Echo Linux ${version}`,
    aliases: [],
    os: { id: 'echo', version },
    packaging: 'deb',
    life: [],
  };
}

export const inputId = 'echo-advisories';
export const maxBytes = 2 ** 28;

export function advisoriesInput({ advisories }: EchoDefinition): Download {
  return { id: inputId, source: 'echo', url: advisories, kind: 'json', maxBytes };
}
