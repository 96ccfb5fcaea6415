import { hash } from 'node:crypto';
import { icon } from './icon.ts';
import { script } from './script.ts';
import { style } from './style.ts';

/** Style and script with their digest in the address: a browser keeps them until they change. */
export const assets: Readonly<Record<string, { type: string; body: string }>> = {
  [assetName(style, 'css')]: { type: 'text/css; charset=utf-8', body: style },
  [assetName(icon, 'svg')]: { type: 'image/svg+xml', body: icon },
  [assetName(script, 'js')]: { type: 'text/javascript; charset=utf-8', body: script },
};

export const assetAddresses = {
  style: `/assets/${assetName(style, 'css')}`,
  script: `/assets/${assetName(script, 'js')}`,
  icon: `/assets/${assetName(icon, 'svg')}`,
};

function assetName(text: string, extension: string): string {
  return `fleet-${hash('sha256', text).slice(0, 16)}.${extension}`;
}
