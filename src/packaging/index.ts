export * from './alpm/version.ts';
export * from './apk/version.ts';
export * from './deb/version.ts';
export * from './ebuild/range.ts';
export * from './ebuild/version.ts';
export * from './rpm/architectures.ts';
export * from './rpm/version.ts';
