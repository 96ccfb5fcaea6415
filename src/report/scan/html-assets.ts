import { palette } from '../../html/page.ts';

/** Style of the page of a scan: two palettes with contrast of at least 4.5, one column on a phone, all of it in print. */
export const style = `
${palette}*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1.5rem 1.25rem;background:var(--page);color:var(--fg);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
a{color:var(--link)}code{font-family:ui-monospace,monospace;font-size:.875rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .75rem}h2{font-size:1.2rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1rem 0 .25rem}
.skip{position:absolute;left:-999rem}.skip:focus{left:1.25rem;top:.25rem;background:var(--bg);padding:.25rem .5rem}
header{display:grid;grid-template-columns:minmax(0,1fr) minmax(18rem,26rem);gap:1.5rem 2.5rem;align-items:start}
dl{margin:0}dl div{display:grid;grid-template-columns:7rem minmax(0,1fr)}dt{color:var(--dim)}dd{margin:0}
.card{background:var(--bg);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.25rem}
.card p{margin:0 0 .5rem}.card strong{font-size:2.5rem;line-height:1;font-variant-numeric:tabular-nums}
svg{display:block;width:100%;height:.7rem;border-radius:.3rem;background:var(--soft)}rect{fill:var(--none)}
rect.critical{fill:var(--critical)}rect.high{fill:var(--high)}rect.medium{fill:var(--medium)}rect.low{fill:var(--low)}
.counts{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;margin:.6rem 0 0;padding:0}
.critical{color:var(--critical)}.high{color:var(--high)}.medium{color:var(--medium)}.low{color:var(--low)}.negligible,.unknown{color:var(--none)}
.notice{background:var(--warn-soft);border-left:.3rem solid var(--medium);border-radius:.3rem;padding:.5rem .75rem;margin:.75rem 0}
.notice.bad{background:var(--bad-soft);border-left-color:var(--high)}.notice ul{margin:.25rem 0 0;padding-left:1.2rem}.notice p{margin:0}
table{border-collapse:collapse;width:100%;background:var(--bg)}th,td{border:1px solid var(--line);padding:.4rem .6rem;text-align:left;vertical-align:top}
th{background:var(--soft);font-weight:600}th,td.word{overflow-wrap:normal}td.word,.number{white-space:nowrap}.number{text-align:right;font-variant-numeric:tabular-nums}caption{text-align:left;color:var(--dim);padding:0 0 .4rem}
form{display:flex;flex-wrap:wrap;gap:.75rem;margin:.75rem 0;align-items:stretch}
fieldset,.search,button{background:var(--bg);border:1px solid var(--line);border-radius:.6rem;margin:0;padding:.35rem .75rem}
fieldset{display:flex;flex-wrap:wrap;gap:.15rem .9rem;align-items:center;min-width:0}legend,small{color:var(--dim);font-size:.875rem}legend{padding:0 .25rem}
button{font:inherit;color:var(--link);cursor:pointer}
.search{flex:1 1 100%;color:var(--dim);font-size:.875rem}.search input{font:inherit;font-size:1rem;display:block;width:100%;border:0;border-bottom:1px solid var(--dim);background:transparent;color:var(--fg);padding:.15rem 0}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}#flaws:focus{outline:0}#shown{color:var(--dim);margin:.5rem 0}
.flaw{border:1px solid var(--line);border-left:.3rem solid var(--none);border-radius:.5rem;margin:.4rem 0;background:var(--bg);color:var(--fg)}
.flaw.critical{border-left-color:var(--critical)}.flaw.high{border-left-color:var(--high)}.flaw.medium{border-left-color:var(--medium)}.flaw.low{border-left-color:var(--low)}
.flaw>summary{display:grid;grid-template-columns:6rem 11rem minmax(0,1fr) minmax(0,16rem) 1rem;gap:.25rem .75rem;align-items:baseline;padding:.5rem .75rem;cursor:pointer;list-style:none}
.flaw>summary::-webkit-details-marker{display:none}.flaw>summary::after{content:"";width:.5rem;height:.5rem;border:solid var(--dim);border-width:0 2px 2px 0;transform:rotate(45deg);align-self:center}
.flaw[open]>summary::after{transform:rotate(225deg)}.badge{font-weight:600;font-size:.875rem}
.kev{color:var(--high);font-weight:600;font-size:.875rem}.state{color:var(--dim);font-size:.875rem}
.body{padding:0 1rem 1rem;border-top:1px solid var(--line)}.body p{max-width:75ch;margin:.5rem 0}.body table{margin:.5rem 0}.text{white-space:pre-line}
footer{color:var(--dim);border-top:1px solid var(--line);margin-top:2rem;padding-top:.75rem;font-size:.875rem}
[hidden]{display:none!important}
@media screen and (max-width:44rem){body{padding:1rem .75rem}header{grid-template-columns:minmax(0,1fr)}
.flaw>summary{grid-template-columns:auto minmax(0,1fr) 1rem}.flaw>summary .where,.flaw>summary .state{grid-column:1/-1}.flaw>summary::after{grid-column:3;grid-row:1}
table,tbody,tr,td{display:block}thead{display:none}td{border-width:0 1px;display:grid;grid-template-columns:7rem minmax(0,1fr)}td.number{text-align:left}tr{border:solid var(--line);border-width:1px 0;margin:.5rem 0}td::before{content:attr(data-column);color:var(--dim);font-size:.875rem}}
@page{margin:14mm 12mm}
@media print{:root{--bg:#fff;--page:#fff;font-size:12px}header{grid-template-columns:minmax(0,1fr) 20rem}body{max-width:none;padding:0}form,.skip,.flaw>summary::after{display:none!important}.flaw>summary,h2,h3{break-after:avoid}tr,.card{break-inside:avoid}*{print-color-adjust:exact}}
`;

/** Hides flaws by the filters, opens the one that the address names, and prints what is shown. */
export const script = `
const form=document.getElementById('filters'),shown=document.getElementById('shown'),open=document.getElementById('open');
const flaws=[...document.querySelectorAll('.flaw')];let texts;
const filter=()=>{const data=new FormData(form),levels=data.getAll('severity'),fixes=data.getAll('fix');
const words=String(data.get('text')).toLowerCase().split(/\\s+/).filter(Boolean);if(words.length)texts??=flaws.map(flaw=>flaw.textContent.toLowerCase());let count=0;
flaws.forEach((flaw,at)=>{const show=levels.includes(flaw.dataset.severity)&&fixes.includes(flaw.dataset.fix)&&words.every(word=>texts[at].includes(word));
flaw.hidden=!show;if(show)count++});shown.textContent=count+' of '+flaws.length+' flaws shown'};
form.hidden=false;form.addEventListener('input',filter);form.addEventListener('submit',event=>event.preventDefault());filter();
open.addEventListener('click',()=>{const all=open.getAttribute('aria-pressed')!=='true';open.setAttribute('aria-pressed',all);open.textContent=all?'Close all':'Open all';
flaws.forEach(flaw=>{if(!flaw.hidden)flaw.open=all})});
const named=()=>{const flaw=document.getElementById(decodeURIComponent(location.hash.slice(1)));if(flaw&&flaw.matches('.flaw')){flaw.hidden=false;flaw.open=true;flaw.scrollIntoView()}};
addEventListener('hashchange',named);named();
`;
