import { style } from '../report/scan/html-assets.ts';

/** Style of the page: that of reports, and what reports have not. */
export const pageStyle: string = `${style}
body{max-width:76rem}.site{display:block}.site p{max-width:75ch}
#drop{display:block;border:2px dashed var(--dim);border-radius:.6rem;background:var(--bg);padding:1.5rem 1.25rem;margin:1rem 0}
#drop.over{border-color:var(--link);background:var(--soft)}#drop p{margin:.25rem 0}#drop h2{margin-top:0}#search small{align-self:center}
#drop input,#drop select,#drop textarea{font:inherit;color:var(--fg);background:var(--bg);border:1px solid var(--dim);border-radius:.3rem;padding:.25rem .5rem;max-width:100%}
#drop textarea{width:100%;min-height:5rem;font-family:ui-monospace,monospace;font-size:.875rem}
#result:focus{outline:0}#result header{margin-top:2rem}.tools{display:flex;flex-wrap:wrap;gap:.5rem;margin:.75rem 0}
pre{background:var(--soft);border-radius:.3rem;padding:.6rem .75rem;margin:.5rem 0;white-space:pre-wrap;font:.875rem/1.5 ui-monospace,monospace}
.past td{color:var(--dim)}#status{min-height:1.5em;color:var(--dim)}#status.bad{color:var(--high)}
@media screen and (max-width:44rem){td:empty{display:none}}
@media screen{.flaw:not([open]){content-visibility:auto;contain-intrinsic-height:auto 2.6rem}}
@media print{#drop,.tools,.use{display:none!important}}
`;
