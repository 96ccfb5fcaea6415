/** More nesting than any SCAP document has; protects the stack from hostile input. */
export const maxDepth = 200;
