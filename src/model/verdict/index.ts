export * from './exception.ts';
export * from './flaw.ts';
export * from './flaw-base.ts';
export * from './scan-result.ts';
export * from './signed.ts';
export * from './verdict.ts';
export * from './verification.ts';
