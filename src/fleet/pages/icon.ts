/** The sign of the pages in a browser's tab: columns of a trend. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0550ae"/><path d="M3 13V5h2.5v8zm4 0V8h2.5v5zm4 0v-2.5h2.5V13z" fill="#fff"/></svg>
`;
