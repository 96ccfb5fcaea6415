import type { ImageReader } from '../contract.ts';
import type { Rebuild } from '../rebuilds.ts';

/** Images of a system of which VERSION has the release; undefined: VERSION_ID has it. */
export function rebuildImage({ os, version }: Rebuild): ImageReader | undefined {
  if (version === undefined) return undefined;
  const form = new RegExp(version);
  const releaseIn = (text: string) => form.exec(text)?.slice(1).join('-');
  return {
    id: os,
    release: {
      ofVersion: (text) => {
        const versionId = releaseIn(text);
        return versionId === undefined ? {} : { versionId };
      },
    },
  };
}
