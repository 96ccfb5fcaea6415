export * from './deb/version.ts';
export * from './rpm/version.ts';
