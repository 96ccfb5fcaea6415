/** Style of the compliance page: two palettes with contrast of at least 4.5, one column on a phone, all of it in print. */
export const style = `
:root{color-scheme:light dark;--bg:#fff;--page:#f6f7f9;--fg:#1c2024;--soft:#f0f2f5;--line:#d4dae1;--dim:#545c66;--link:#0550ae;
--fail:#b3261e;--fail-soft:#fdeceb;--pass:#116329;--pass-soft:#e6f5ea;--warn:#7a4b00;--warn-soft:#fdf3df;--none:#545c66}
@media screen and (prefers-color-scheme:dark){:root{--bg:#1a1e23;--page:#121519;--fg:#e6e9ec;--soft:#252b32;--line:#3b434c;--dim:#a7b1bc;--link:#79b8ff;
--fail:#ff8f86;--fail-soft:#3a1f1f;--pass:#7ee787;--pass-soft:#17301f;--warn:#f0c36d;--warn-soft:#362b15;--none:#a7b1bc}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1.5rem 1.25rem;background:var(--page);color:var(--fg);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
a{color:var(--link)}code,pre{font-family:ui-monospace,monospace;font-size:.875rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .75rem}h3{font-size:1rem;margin:1.25rem 0 .25rem}
.skip{position:absolute;left:-999rem}.skip:focus{left:1.25rem;top:.25rem;background:var(--bg);padding:.25rem .5rem}
header{display:grid;grid-template-columns:minmax(0,1fr) minmax(18rem,24rem);gap:1.5rem 2.5rem;align-items:start}
.facts{margin:.75rem 0}.facts div{display:grid;grid-template-columns:6.5rem minmax(0,1fr)}.facts dt{color:var(--dim)}.facts dd{margin:0}
.score{background:var(--bg);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.25rem}
.score p{margin:0 0 .5rem;line-height:1}.score strong{font-size:2.75rem;font-variant-numeric:tabular-nums}.score span{color:var(--dim)}
svg{display:block;width:100%;height:.6rem;border-radius:.3rem;background:var(--soft)}rect{fill:var(--none)}
rect.fail,rect.error{fill:var(--fail)}rect.pass,rect.fixed{fill:var(--pass)}rect.unknown,rect.notchecked{fill:var(--warn)}
.counts{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;margin:.6rem 0 0;padding:0;color:var(--none)}
.counts .fail,.counts .error{color:var(--fail)}.counts .pass,.counts .fixed{color:var(--pass)}.counts .unknown,.counts .notchecked{color:var(--warn)}
form{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.5rem 0 .75rem;align-items:stretch}
fieldset,.search,button{background:var(--bg);border:1px solid var(--line);border-radius:.6rem;margin:0;padding:.35rem .75rem}
fieldset:not(:has(input)){display:none}fieldset{display:flex;flex-wrap:wrap;gap:.15rem .9rem;align-items:center;min-width:0}legend{color:var(--dim);font-size:.875rem;padding:0 .25rem}
small{color:var(--dim);font-size:.875rem}.by{align-self:center;color:var(--dim)}select{font:inherit;background:var(--bg);color:var(--fg);border:1px solid var(--dim);border-radius:.3rem;padding:.15rem .3rem;max-width:100%}.group{font-size:1.05rem;margin:1.5rem 0 .25rem}button{font:inherit;color:var(--link);cursor:pointer}
.search{flex:1 1 100%;color:var(--dim);font-size:.875rem}.search input{font:inherit;font-size:1rem;display:block;width:100%;border:0;border-bottom:1px solid var(--dim);background:transparent;color:var(--fg);padding:.15rem 0}
.search input::placeholder{color:var(--dim);opacity:1}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}#rules:focus{outline:0}
#shown{color:var(--dim);margin:.5rem 0}
.rule{border:1px solid var(--line);border-left:.3rem solid var(--none);border-radius:.5rem;margin:.4rem 0;background:var(--bg)}
.rule.fail,.rule.error{border-left-color:var(--fail)}.rule.pass,.rule.fixed{border-left-color:var(--pass)}.rule.unknown,.rule.notchecked{border-left-color:var(--warn)}
.rule>summary{display:grid;grid-template-columns:8.5rem 5rem minmax(0,1fr) 1rem;gap:.25rem .75rem;align-items:baseline;padding:.5rem .75rem;cursor:pointer;list-style:none}
.rule>summary::-webkit-details-marker{display:none}.rule>summary::after{content:"";width:.5rem;height:.5rem;border:solid var(--dim);border-width:0 2px 2px 0;transform:rotate(45deg);align-self:center}
.rule[open]>summary::after{transform:rotate(225deg)}.rule>summary:hover .title{text-decoration:underline}
.badge{justify-self:start;padding:0 .6rem;border-radius:1rem;font-weight:600;font-size:.875rem;background:var(--soft);color:var(--none)}
.fail .badge,.error .badge{background:var(--fail-soft);color:var(--fail)}.pass .badge,.fixed .badge{background:var(--pass-soft);color:var(--pass)}.unknown .badge,.notchecked .badge{background:var(--warn-soft);color:var(--warn)}
.severity{color:var(--dim);font-size:.875rem}.severity.high,.severity.critical{color:var(--fail);font-weight:600}
.body{padding:0 1rem 1rem;border-top:1px solid var(--line)}.id{margin:.75rem 0}
.notice{background:var(--warn-soft);border-left:.3rem solid var(--warn);border-radius:.3rem;padding:.5rem .75rem}
.notes h2{font-size:1rem;margin:0}.notes ul{margin:.25rem 0 0;padding-left:1.2rem;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;table-layout:fixed}th,td{border:1px solid var(--line);padding:.4rem .6rem;text-align:left;vertical-align:top}
th{background:var(--soft);font-weight:600}td ul{margin:0;padding-left:1rem}td p{margin:.25rem 0 0}
.met{color:var(--pass)}.unmet{color:var(--fail)}.unsure{color:var(--warn)}
.prose{max-width:70ch}.prose p{margin:.25rem 0}pre{background:var(--soft);padding:.75rem;overflow-x:auto;border-radius:.4rem}
.prose pre{white-space:pre-wrap}.references{columns:14rem;column-gap:2rem;padding-left:1.2rem;margin:.25rem 0}.fix{margin-top:.5rem}.fix summary{color:var(--link);cursor:pointer}
footer{color:var(--dim);border-top:1px solid var(--line);margin-top:2rem;padding-top:.75rem}
[hidden]{display:none!important}
@media screen and (max-width:44rem){body{padding:1rem .75rem}header{grid-template-columns:minmax(0,1fr)}.rule>summary{grid-template-columns:auto auto minmax(0,1fr)}.rule>summary .title{grid-column:1/-1;grid-row:2}.rule>summary::after{justify-self:end}
table,tbody,tr,td{display:block}thead{display:none}td{border-width:0 1px}tr{border:solid var(--line);border-width:1px 0;margin:.5rem 0}td::before{content:attr(data-column);display:block;color:var(--dim);font-size:.875rem}.references{columns:auto}}
@page{margin:14mm 12mm}
@media print{:root{color-scheme:light;--bg:#fff;--page:#fff;font-size:12px}header{grid-template-columns:minmax(0,1fr) 20rem}body{max-width:none;padding:0}h1,h2,h3,.id{break-after:avoid}header,.score,li,.notice{break-inside:avoid}p{orphans:3;widows:3}form,.skip,.rule>summary::after{display:none!important}.rule{break-inside:auto}.rule>summary{break-after:avoid}tr{break-inside:avoid}
pre{white-space:pre-wrap}.prose a[href^=http]::after{content:" (" attr(href) ")"}*{print-color-adjust:exact}}
`;

/** Hides rules by the filters, opens the rule that the address names, and prints what is shown. */
export const script: string = scriptFor('rules');

/** The same for a page of other things than rules. */
export function scriptFor(noun: string): string {
  return `
const form=document.getElementById('filters'),shown=document.getElementById('shown'),open=document.getElementById('open');
const rules=[...document.querySelectorAll('.rule')],texts=rules.map(rule=>rule.textContent.toLowerCase());
const boxes=[...form.querySelectorAll('input[type=checkbox]')],group=form.elements.group,list=document.getElementById('rules');
const keyOf=rule=>{if(group.value==='groups')return rule.dataset.groups||'in no group';
return (rule.dataset.references||'').split('|').find(name=>name.startsWith(group.value+' '))||'without '+group.value};
const arrange=()=>{document.querySelectorAll('.group').forEach(head=>head.remove());if(!group.value){rules.forEach(rule=>list.append(rule));filter();return}
const own=new Map();rules.forEach(rule=>{const key=keyOf(rule);if(!own.has(key))own.set(key,[]);own.get(key).push(rule)});
[...own.keys()].sort((a,b)=>a.localeCompare(b,'en',{numeric:true})).forEach(key=>{const head=document.createElement('h2');head.className='group';head.textContent=key;list.append(head,...own.get(key))});filter()};
if(group&&list)group.addEventListener('change',arrange);
const filter=()=>{const data=new FormData(form),results=data.getAll('result'),levels=data.getAll('severity');
const words=String(data.get('text')).toLowerCase().split(/\\s+/).filter(Boolean);let count=0;
rules.forEach((rule,at)=>{const show=results.includes(rule.dataset.result)&&levels.includes(rule.dataset.severity)&&words.every(word=>texts[at].includes(word));
rule.hidden=!show;if(show)count++});
boxes.forEach(box=>{const own=rules.filter((rule,at)=>rule.dataset[box.name]===box.value&&(box.name==='result'?levels.includes(rule.dataset.severity):results.includes(rule.dataset.result))&&words.every(word=>texts[at].includes(word))).length;
const small=box.parentElement.querySelector('small');if(small)small.textContent=own});
document.querySelectorAll('.group').forEach(head=>{let next=head.nextElementSibling;while(next&&next.matches('.rule')&&next.hidden)next=next.nextElementSibling;head.hidden=!next||!next.matches('.rule')});shown.textContent=count+' of '+rules.length+' ${noun} shown';};
form.hidden=false;form.addEventListener('input',filter);form.addEventListener('submit',event=>event.preventDefault());filter();
open.addEventListener('click',()=>{const all=open.getAttribute('aria-pressed')!=='true';open.setAttribute('aria-pressed',all);open.textContent=all?'Close all':'Open all';
rules.forEach(rule=>{if(!rule.hidden)rule.open=all})});
const named=()=>{const rule=document.getElementById(decodeURIComponent(location.hash.slice(1)));if(rule&&rule.matches('.rule')){rule.hidden=false;rule.open=true;rule.scrollIntoView()}};
addEventListener('hashchange',named);named();
let printed=[];
addEventListener('beforeprint',()=>{printed=rules.filter(rule=>!rule.hidden&&!rule.open&&!/^(pass|notapplicable)$/.test(rule.dataset.result));printed.forEach(rule=>{rule.open=true})});
addEventListener('afterprint',()=>{printed.forEach(rule=>{rule.open=false})});
`;
}
