export * from './compliance.ts';
export * from './oval-evaluation.ts';
export * from './policy.ts';
export * from './scap-root.ts';
