import { palette } from '../../html/page.ts';

/** Style of the fleet's pages, in the colours of the reports: one column on a phone, tables as cards there, all of it in print. */
export const style = `${palette}
:root{--radius:.6rem;--accent:#0550ae;--bad:var(--high);--warn:var(--medium);--exploited-bg:var(--bad-soft)}
*{box-sizing:border-box}
html{scroll-padding-top:4rem}
body{margin:0;background:var(--page);color:var(--fg);font:.9375rem/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:.18em;text-decoration-color:color-mix(in srgb,currentColor 40%,transparent)}a:hover{text-decoration-color:currentColor}
code{font-family:ui-monospace,"SFMono-Regular",Menlo,Consolas,monospace;font-size:.85em}
small{color:var(--dim);font-size:.8125rem}
h1{font-size:1.6rem;line-height:1.25;letter-spacing:-.01em;margin:0 0 1rem}
h2{font-size:1.1rem;line-height:1.3;margin:2.25rem 0 .6rem}h2 small{font-weight:400}
h3{font-size:.95rem;margin:1.25rem 0 .4rem}
p{margin:0 0 .6rem}ul{margin:.25rem 0;padding-left:1.2rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-999rem;z-index:3}.skip:focus{left:1.25rem;top:.4rem;background:var(--bg);padding:.25rem .75rem;border-radius:.3rem}
.top{background:var(--bg);border-bottom:1px solid var(--line);position:sticky;top:0;z-index:2}
.top>div{max-width:84rem;margin:0 auto;padding:0 1.5rem;display:flex;flex-wrap:wrap;align-items:center;gap:0 1.5rem;min-height:3.25rem}
.brand{color:var(--fg);text-decoration:none;font-size:1.0625rem;letter-spacing:-.01em;white-space:nowrap}
.top nav{display:flex;flex:1;gap:.1rem;overflow-x:auto;align-self:stretch;scrollbar-width:none}
.top nav a{color:var(--dim);text-decoration:none;padding:0 .7rem;display:flex;align-items:center;white-space:nowrap;border-bottom:2px solid transparent;border-top:2px solid transparent}
.top nav a:hover{color:var(--fg)}.top nav a[aria-current]{color:var(--fg);border-bottom-color:var(--link);font-weight:600}
.out{margin:0}.out button{font-weight:400;color:var(--dim)}
.solo{max-width:26rem;margin:8vh auto 0;background:var(--bg);border:1px solid var(--line);border-radius:var(--radius);padding:1.75rem}.solo>:last-child{margin-bottom:0}
.solo label{display:grid;gap:.2rem;color:var(--dim);font-size:.8125rem;margin:0 0 .9rem}.solo input{font-size:.9375rem;padding:.45rem .6rem}.solo form{margin:0 0 1.1rem}
.main{background:var(--link);border:1px solid var(--link);border-radius:.4rem;color:var(--bg);padding:.45rem 1rem;width:100%}button.main{color:var(--bg)}a.main{box-sizing:border-box;display:block;text-align:center;text-decoration:none;font-weight:600}
.find{display:flex;gap:.4rem;margin:.4rem 0}.find input{width:14.5rem}.find button{position:absolute;left:-999rem}.find:focus-within button{position:static}
main{max-width:84rem;margin:0 auto;padding:1.75rem 1.5rem 1rem}main:focus{outline:0}
footer{max-width:84rem;margin:0 auto;padding:.75rem 1.5rem 2rem;color:var(--dim);font-size:.8125rem;display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 2rem}
input,select,button{font:inherit;color:var(--fg);background:var(--bg);border:1px solid var(--line);border-radius:.4rem;padding:.3rem .6rem;max-width:100%}
input::placeholder{color:var(--dim);opacity:1}
button{color:var(--link);cursor:pointer;font-weight:600}button:hover{border-color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.filters{display:flex;flex-wrap:wrap;gap:.6rem .75rem;align-items:end;margin:0 0 1rem}
.filters.live button,.filters label:has([name=sort]){display:none}.filters label{display:grid;gap:.15rem;color:var(--dim);font-size:.8125rem}.filters .search{flex:1 1 14rem}.filters select{max-width:9rem}.filters input,.filters select{font-size:.9375rem}
.waive{margin:0 0 1rem}.waive form{display:flex;flex-wrap:wrap;gap:.6rem .75rem;align-items:end}.waive label{display:grid;gap:.15rem;flex:1 1 12rem;color:var(--dim);font-size:.8125rem}
.card{background:var(--bg);border:1px solid var(--line);border-radius:var(--radius);padding:1rem 1.25rem}
.cards{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(15.5rem,1fr));margin:0 0 1rem}
.card h2{margin:0 0 .35rem;font-size:.8125rem;font-weight:600;color:var(--dim)}
.card .big{font-size:2.1rem;line-height:1.1;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums;margin:0 0 .35rem}
.card .big small{font-size:.9375rem;font-weight:400;letter-spacing:0}.card p{margin:0 0 .35rem}.card p:last-child{margin:0}.card ul{list-style:none;padding:0}
.stack{display:grid;gap:1rem;align-content:start}.oldest{font-size:.875rem}.oldest li{display:grid;grid-template-columns:4.75rem minmax(0,1fr);gap:0 .5rem}.oldest small{display:block}.line{display:block}
.split{display:grid;grid-template-columns:minmax(0,1.7fr) minmax(0,1fr);gap:1rem;align-items:stretch}
.subject{display:grid;grid-template-columns:minmax(0,1fr) minmax(17rem,24rem);gap:1.5rem 2.5rem;align-items:start;margin-bottom:1rem}
dl{margin:0}dl div{display:grid;grid-template-columns:8rem minmax(0,1fr);gap:.5rem;padding:.12rem 0}dt{color:var(--dim)}dd{margin:0}
svg.bar,svg:not([class]){display:block;width:100%;height:.6rem;border-radius:.3rem;background:var(--soft)}
rect{fill:var(--none)}rect.critical{fill:var(--critical)}rect.high{fill:var(--high)}rect.medium{fill:var(--medium)}rect.low{fill:var(--low)}
rect.judged{fill:var(--good)}rect.partly{fill:var(--medium)}rect.uncovered{fill:var(--high)}rect.unread{fill:var(--critical)}rect.waiting{fill:var(--none)}
.counts{display:flex;flex-wrap:wrap;gap:0 1rem;list-style:none;margin:.5rem 0 .25rem;padding:0;font-size:.875rem;font-variant-numeric:tabular-nums}
.critical{color:var(--critical)}.high{color:var(--high)}.medium{color:var(--medium)}.low{color:var(--low)}.negligible,.unknown{color:var(--none)}
.severity{font-weight:600}.dim{color:var(--dim)}.date{white-space:nowrap;font-variant-numeric:tabular-nums}
.badge{display:inline-block;padding:0 .55rem;border-radius:1rem;font-size:.8125rem;font-weight:600;background:var(--soft);color:var(--none);white-space:nowrap}
.badge.kev,.badge.uncovered,.badge.unread,.badge.sign-bad,.badge.fail{background:var(--bad-soft);color:var(--high)}
.badge.partly,.badge.waiting,.badge.stale,.badge.unsure,.badge.sign-unsure{background:var(--warn-soft);color:var(--medium)}
.badge.sign-fine,.badge.pass,.badge.fresh{color:var(--good)}.badge.judged{color:var(--fg)}
.why{display:block;max-width:34rem}
.notice{background:var(--soft);border-left:.25rem solid var(--none);border-radius:.3rem;padding:.6rem .9rem;margin:0 0 1rem;max-width:70rem}
.notice p{margin:0;font-weight:600}.notice ul{margin:.25rem 0 0;padding-left:1.1rem}
.notice.warn{background:var(--warn-soft);border-left-color:var(--medium)}.notice.bad{background:var(--bad-soft);border-left-color:var(--high)}
.tabs{display:flex;flex-wrap:wrap;gap:0 .25rem;border-bottom:1px solid var(--line);margin:1.25rem 0 0}
.tabs a{color:var(--dim);text-decoration:none;padding:.45rem .75rem;border-bottom:2px solid transparent;margin-bottom:-1px}.tabs a:hover{color:var(--fg)}
.tabs a[aria-current]{color:var(--fg);font-weight:600;border-bottom-color:var(--link)}
.tabs+.table h2,.tabs+form,.tabs+p,.tabs+.notice{margin-top:1.25rem}
table{border-collapse:separate;border-spacing:0;width:100%;background:var(--bg);border:1px solid var(--line);border-radius:var(--radius);font-size:.9rem}
th,td{padding:.45rem .75rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}tbody tr:last-child td{border-bottom:0}
th{font-size:.8125rem;font-weight:600;color:var(--dim);white-space:nowrap;vertical-align:bottom;overflow-wrap:normal}
th a{color:inherit;text-decoration:none}th a:hover{color:var(--fg);text-decoration:underline}
th[aria-sort]{color:var(--fg)}th[aria-sort=descending] a::after{content:" ↓"}th[aria-sort=ascending] a::after{content:" ↑"}
tbody tr:hover td{background:var(--page)}
td.word{white-space:nowrap;overflow-wrap:normal}td.word.long{white-space:normal;overflow-wrap:anywhere;min-width:11rem}.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.name{min-width:14rem}td.name small{display:block}td .severity{white-space:nowrap}td small{display:block}
.under{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.25rem 1.5rem;margin:.5rem .25rem 0;font-size:.8125rem}.forms{margin:0 0 0 auto;color:var(--dim)}.forms a{margin-left:.5rem}
.pager{display:flex;flex-wrap:wrap;gap:.2rem}.pager a,.pager span{padding:.05rem .5rem;border-radius:.3rem}.pager a{border:1px solid var(--line);background:var(--bg);text-decoration:none}.pager [aria-current]{font-weight:700}
.empty{background:var(--bg);border:1px dashed var(--line);border-radius:var(--radius);padding:.9rem 1.1rem;color:var(--dim);margin:0}
.sum{color:var(--dim);margin:0 0 .4rem}
.trend{display:grid;grid-template-columns:auto minmax(0,1fr);gap:0 .6rem;font-size:.8125rem;color:var(--dim);font-variant-numeric:tabular-nums;margin-top:.5rem}
.trend svg{height:11rem;border-radius:0;background:none;width:100%;display:block}.trend .scale{display:flex;flex-direction:column;justify-content:space-between;text-align:right;height:11rem;line-height:1}
.trend .chart+.of+svg{height:.6rem;margin-top:.35rem}.trend .of{line-height:1;margin-top:.35rem;font-size:.75rem;text-align:right}.since{font-size:.875rem;color:var(--dim);margin:.4rem 0}
.trend line{stroke:var(--line);vector-effect:non-scaling-stroke}.trend .when{grid-column:2;display:flex;justify-content:space-between;margin-top:.3rem}
details summary{cursor:pointer;color:var(--link);font-size:.875rem}details[open] summary{margin-bottom:.5rem}
.matrix table{table-layout:fixed}.matrix th{white-space:normal;overflow-wrap:anywhere}.matrix th:first-child{width:24%}.matrix th a{color:var(--link);font-weight:400}.matrix .badge{white-space:normal;border-radius:.6rem}.tabs+.pager{margin-top:1.25rem}
[hidden]{display:none!important}
@media screen and (min-width:72rem){td[data-column=Fix]{min-width:9.5rem}}
@media screen and (max-width:82rem){th,td{padding:.4rem .5rem}td.name{min-width:11rem}}
@media screen and (max-width:70rem){th,td{padding:.4rem .25rem}td.name{min-width:9rem}th,td.word,td.number,.date{white-space:normal}}
@media screen and (max-width:60rem){.split,.subject{grid-template-columns:minmax(0,1fr)}.top nav{order:3;flex:1 0 100%;align-self:auto;margin:0 -.7rem}.top nav a{padding:.5rem .7rem}.find{margin-left:auto}}
@media screen and (max-width:44rem){html{scroll-padding-top:1rem}.top{position:static}.top>div,main,footer{padding-left:1rem;padding-right:1rem}main{padding-top:1.25rem}h1{font-size:1.35rem}
.top>div{padding-top:.5rem}.find{flex:1 0 100%;margin:.4rem 0}.find label{flex:1}.find input{width:100%}.top nav{flex-wrap:wrap}.top nav a{padding:.35rem .6rem}.top .out{order:1;margin-left:auto}.top .find{order:2}
.filters label{flex:1 1 9rem}.filters select{width:100%;max-width:none}.filters .search{flex-basis:100%}.filters .search input{width:100%}
dl div{grid-template-columns:6.5rem minmax(0,1fr)}}
@media screen and (max-width:60rem){.filters label:has([name=sort]){display:grid}table,tbody,tr,td{display:block}table{border:0;background:none}thead{display:none}tbody tr{background:var(--bg);border:1px solid var(--line);border-radius:var(--radius);margin:0 0 .6rem;padding:.4rem 0;display:flex;flex-wrap:wrap}
td{border:0;padding:.15rem .8rem;display:grid;grid-template-columns:7.5rem minmax(0,1fr);gap:.5rem;flex:1 0 100%;max-width:100%}td>*{grid-column:2}td.number{text-align:left;flex:0 0 auto;grid-template-columns:auto auto;gap:.35rem}td small.why{max-width:none}td.word{white-space:normal}td.name{min-width:0}
td::before{content:attr(data-column);color:var(--dim);font-size:.8125rem;grid-column:1;grid-row:1}.matrix td{grid-template-columns:minmax(0,1fr) auto}.matrix td.name{grid-template-columns:minmax(0,1fr);font-weight:600}.matrix td.name::before{display:none}.matrix td.name>*{grid-column:1}}
@page{margin:14mm 12mm}
@media print{:root{--page:#fff;font-size:11px}body{font-size:.95rem}.top{position:static}.top nav,.find,.out,.filters,.waive,.pager,.forms,.skip,.tabs{display:none!important}
main,footer,.top>div{max-width:none;padding-left:0;padding-right:0}h2,h3,.card{break-after:avoid}tr,.card,.notice{break-inside:avoid}th,td{padding:.25rem .4rem}td.name{min-width:0}*{print-color-adjust:exact}a{text-decoration:none;color:inherit}}
`;
