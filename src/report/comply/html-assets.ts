/** Style of the compliance page: two palettes with contrast of at least 4.5, one column on a phone, plain in print. */
export const style = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2024;--soft:#f3f5f7;--line:#d0d7de;--dim:#57606a;--link:#0550ae;
--fail:#b3261e;--pass:#116329;--warn:#7d4e00;--none:#57606a}
@media (prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e6e9ec;--soft:#1f2428;--line:#3a4148;--dim:#a3adb8;--link:#79b8ff;
--fail:#ff8a80;--pass:#7ee787;--warn:#f0c36d;--none:#a3adb8}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:75rem;padding:1rem;background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif}
a{color:var(--link)}
.skip{position:absolute;left:-999rem}.skip:focus{left:1rem}
header{display:flex;flex-wrap:wrap;gap:1rem 3rem;justify-content:space-between;border-bottom:1px solid var(--line);padding-bottom:1rem}
h1{font-size:1.5rem;margin:0 0 .5rem}h3{font-size:1rem;margin:1rem 0 .25rem}
.facts{margin:0}.facts div{display:flex;gap:.5rem}.facts dt{color:var(--dim);min-width:6rem}.facts dd{margin:0;overflow-wrap:anywhere}
.score p{margin:0}.score strong{font-size:2.5rem;line-height:1;margin-right:.4rem}.score span{color:var(--dim)}
meter{width:100%;min-width:14rem;height:1rem}
.counts{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;margin:.25rem 0 0;padding:0}
form{display:flex;flex-wrap:wrap;gap:.5rem 1rem;margin:1rem 0;align-items:end}
fieldset{border:1px solid var(--line);border-radius:.4rem;display:flex;flex-wrap:wrap;gap:.25rem .75rem;margin:0}
legend{color:var(--dim)}.search input{font:inherit;display:block;width:18rem;max-width:100%;padding:.3rem .5rem;border:1px solid var(--dim);border-radius:.4rem;background:var(--bg);color:var(--fg)}
.rule{border:1px solid var(--line);border-radius:.4rem;margin:.4rem 0;background:var(--bg)}
.rule>summary{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:baseline;padding:.5rem .75rem;cursor:pointer}
.rule>summary:focus-visible,a:focus-visible,input:focus-visible,pre:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.badge{min-width:7.5rem;font-weight:600}.severity{min-width:4.5rem;color:var(--dim)}.severity.high{color:var(--fail);font-weight:600}.title{flex:1 1 16rem}
.fail,.error{color:var(--fail)}.pass,.fixed{color:var(--pass)}.unknown,.notchecked{color:var(--warn)}.notapplicable,.informational{color:var(--none)}
.counts .unknown,.counts .pass,.counts .fail{font-weight:600}
.body{padding:0 .75rem .75rem;border-top:1px solid var(--line)}.id{color:var(--dim);overflow-wrap:anywhere;margin:.5rem 0}
.notice{background:var(--soft);border-left:4px solid var(--warn);padding:.5rem .75rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{border:1px solid var(--line);padding:.35rem .5rem;text-align:left;vertical-align:top}
td ul{margin:0;padding-left:1rem}td{overflow-wrap:anywhere}small{color:var(--dim)}.prose{overflow-wrap:anywhere}
pre{background:var(--soft);padding:.75rem;overflow-x:auto;border-radius:.4rem}code{font-size:.9em}
.references{columns:18rem;padding-left:1.2rem}footer{color:var(--dim);border-top:1px solid var(--line);margin-top:2rem;padding-top:.5rem;overflow-wrap:anywhere}
[hidden]{display:none!important}
@media print{form,.skip,script{display:none}body{max-width:none}.rule{break-inside:avoid}}
`;

/** Hides rules that the filters leave out, and opens the one that the address names. */
export const script = `
const form=document.getElementById('filters'),shown=document.getElementById('shown'),rules=[...document.querySelectorAll('.rule')];
const texts=rules.map(rule=>rule.textContent.toLowerCase());
const filter=()=>{const data=new FormData(form),results=data.getAll('result'),levels=data.getAll('severity');
const words=String(data.get('text')).toLowerCase().split(/\\s+/).filter(Boolean);let count=0;
rules.forEach((rule,at)=>{const show=results.includes(rule.dataset.result)&&levels.includes(rule.dataset.severity)&&words.every(word=>texts[at].includes(word));
rule.hidden=!show;if(show)count++});shown.textContent=count+' of '+rules.length+' rules';};
form.addEventListener('input',filter);form.addEventListener('submit',event=>event.preventDefault());filter();
const named=()=>{const rule=document.getElementById(decodeURIComponent(location.hash.slice(1)));if(rule&&rule.matches('.rule')){rule.hidden=false;rule.open=true;rule.scrollIntoView()}};
addEventListener('hashchange',named);named();
addEventListener('beforeprint',()=>rules.forEach(rule=>{if(!rule.hidden&&rule.dataset.result==='fail')rule.open=true}));
`;
