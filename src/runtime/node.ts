/** The runtime with Node as its host. Published to Node as `scapfeed/runtime`. */

export { openFeed } from '../feed/read/open-feed.ts';
export * from './index.ts';
