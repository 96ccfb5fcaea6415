/**
 * Tests of what a release of Node can change: files, compression, digests, HTTP, TLS, streams, threads, processes, SQLite, regular
 * expressions and the source of JSON. CI runs them under a newer Node. test/architecture.test.ts holds that they load every module
 * of Node that src loads.
 */
export const testsOfNode = [
  'test/io/**/*.test.ts',
  'test/image/archive/{archives,archive-links}.test.ts',
  'test/registry/registry.test.ts',
  'test/image/layers/layers.test.ts',
  'test/image/view/*.test.ts',
  'test/packaging/rpm/*.test.ts',
  'test/release/*.test.ts',
  'test/signatures/{notary,simple-signing,weak-keys}.test.ts',
  'test/feed/{oval,read}/*.test.ts',
  'test/export/threads.test.ts',
  'test/publish/pull.test.ts',
  'test/comply/pcre/*.test.ts',
  'test/cli/{start,terminal}.test.ts',
  'test/library/cancelling.test.ts',
  'test/fleet/{ended-session,outlasting}.test.ts',
  'test/fleet/delivery/webhook.test.ts',
];
