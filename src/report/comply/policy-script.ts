/**
 * The script of the policy page. It writes the file that tailoringDocument() writes for the same changes; a test in Chromium
 * compares them.
 */
export const script = `
const $=id=>document.getElementById(id),{benchmark,items,values,profiles,href}=JSON.parse($('policy').textContent);
const rules=items.flatMap((item,at)=>item.kind==='rule'?[at]:[]);
const valueAt=new Map(values.map(({id},at)=>[id,at]));
const short=id=>(/^xccdf_[^_]+_(?:benchmark|profile|group|rule|value|tailoring)_(.+)$/.exec(id)||[,id])[1];
const inHtml={'&':'&amp;','<':'&lt;','>':'&gt;','"':'&quot;'},inXml={...inHtml,'\\t':'&#9;','\\n':'&#10;','\\r':'&#13;'},inLines={...inXml,'\\t':'\\t','\\n':'\\n'};
const html=text=>text.replace(/[&<>"]/g,c=>inHtml[c]);
const special=/[&<>"\\u0000-\\u001f\\ufffe\\uffff]|[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]/g;
const escapeWith=table=>text=>text.replace(special,c=>table[c]??'U+'+c.charCodeAt(0).toString(16).toUpperCase().padStart(4,'0'));
const attributeText=escapeWith(inXml),contentText=escapeWith(inLines);
const xml=(name,attributes,text='')=>{const list=Object.entries(attributes).map(([key,value])=>value===undefined?'':' '+key+'="'+attributeText(value)+'"').join('');
return text===''?'<'+name+list+'/>':'<'+name+list+'>'+contentText(text)+'</'+name+'>'};
let base,own,before,on,set,rated;
const start=at=>{base=profiles[at];own=new Set(base.own);before=new Set([...base.rules,...base.idle]);on=new Set(before);set=new Map();rated=new Map();
$('about').innerHTML=base.description??'';
$('title').value=base.id===undefined?'Tailored':base.title+' (tailored)';
$('id').value=base.id===undefined?'xccdf_org.scapfeed_profile_tailored':base.id.replace(/^xccdf_[^_]+_profile_/,'xccdf_org.scapfeed_profile_')+'_tailored'};
const valueText=at=>set.get(at)??base.values[at];
const severityOf=at=>rated.get(at)??base.severities[at];
// Selections that make exactly the checked rules run: a rule runs only where its groups do, and one that is selected itself
// must not begin to run because of a group.
const selections=()=>{const needed=new Set();for(const at of on)for(let up=items[at].parent;up!==undefined;up=items[up].parent)needed.add(up);
const runs=at=>at===undefined||((own.has(at)||needed.has(at))&&runs(items[at].parent));
const changed=[];items.forEach((item,at)=>{if(item.kind==='group'){if(needed.has(at)&&!own.has(at))changed.push([at,true])}
else if(on.has(at)){if(!own.has(at))changed.push([at,true])}else if(own.has(at)&&runs(item.parent))changed.push([at,false])});
return [...changed.filter(([,to])=>to),...changed.filter(([,to])=>!to)]};
// Rules that are selected and do not run, by what is missing or in the way: in document order, as XCCDF evaluates them.
const idle=()=>{const needed=new Set(),held=new Map(),found=new Map();for(const at of on)for(let up=items[at].parent;up!==undefined;up=items[up].parent)needed.add(up);
const isOn=at=>!held.has(at)&&(items[at].kind==='group'?own.has(at)||needed.has(at):on.has(at));
items.forEach((item,at)=>{if(!isOn(at))return;const missing=(item.requires??[]).filter(any=>!any.some(isOn)),against=(item.conflicts??[]).filter(isOn),names=list=>list.map(each=>short(items[each].id)).join(' or ');
const why=held.get(item.parent)??[...missing.map(any=>'requires '+(names(any)||'what this content does not have')),...against.map(each=>'conflicts with '+names([each]))].join(', ');
if(why!==''){held.set(at,why);if(item.kind==='rule')found.set(at,why)}});return found};
const inOrder=map=>[...map].sort(([a],[b])=>a-b);
const fileText=()=>{const lines=[xml('benchmark',{href,id:benchmark.id}),xml('version',{time:new Date().toISOString()},'1'),
'<Profile id="'+attributeText($('id').value)+'"'+(base.id===undefined?'':' extends="'+attributeText(base.id)+'"')+'>','  '+xml('title',{},$('title').value),
...selections().map(([at,to])=>'  '+xml('select',{idref:items[at].id,selected:String(to)})),
...inOrder(set).map(([at,text])=>'  '+xml('set-value',{idref:values[at].id},text)),
...inOrder(rated).map(([at,severity])=>'  '+xml('refine-rule',{idref:items[at].id,severity})),'</Profile>'];
return '<?xml version="1.0" encoding="UTF-8"?>\\n<Tailoring xmlns="http://checklists.nist.gov/xccdf/1.2" id="xccdf_org.scapfeed_tailoring_default">\\n'+lines.map(line=>'  '+line+'\\n').join('')+'</Tailoring>\\n'};
const withValues=text=>text.replace(/\\u0001([^\\u0001]*)\\u0001/g,(_,id)=>{const at=valueAt.get(id);return at===undefined?html(id):'<var data-value="'+at+'">'+html(valueText(at)??id)+'</var>'});
const part=(name,text)=>text?'<section><h3>'+name+'</h3><div class="prose">'+text+'</div></section>':'';
const bodyOf=at=>{const item=items[at];
const checks=item.checks.map(({type,comment,subject})=>'<li>'+html(comment)+(subject?' <code>'+html(subject)+'</code>':'')+' <small>'+html(type)+'</small></li>').join('');
const inputs=item.values.map(at=>{const text=valueText(at),list=values[at].options.map(option=>'<option value="'+html(option)+'">').join('');
return '<label class="field">'+html(values[at].title)+' <small>'+html(short(values[at].id))+'</small>'+(text===null?'<span>a list; set it in the file</span>':'<input data-set="'+at+'" value="'+html(text)+'" list="list'+at+'" autocomplete="off"><datalist id="list'+at+'">'+list+'</datalist>')+'</label>'}).join('');
const levels=['info','low','medium','high'].map(level=>'<option'+(severityOf(at)===level?' selected':'')+'>'+level+'</option>').join('');
const severity='<label class="field">Severity <select data-rate="'+at+'">'+(['info','low','medium','high'].includes(severityOf(at))?'':'<option selected>'+html(severityOf(at))+'</option>')+levels+'</select></label>';
return '<p class="id"><code>'+html(item.id)+'</code></p>'+part('Description',withValues(item.description??''))+part('Rationale',withValues(item.rationale??''))+item.warnings.map(text=>part('Warning',withValues(text))).join('')
+part('Checks',checks&&'<ul>'+checks+'</ul>')+'<section><h3>Settings</h3>'+severity+inputs+'</section>'
+item.fixes.map(({kind,text})=>'<details class="fix"><summary>Fix: '+html(kind)+'</summary><pre tabindex="0">'+withValues(html(text))+'</pre></details>').join('')+part('References',html(item.references))};
const list=$('rules'),rows=new Map(),heads=[];
const path=at=>at===undefined?[]:[...path(items[at].parent),items[at].title];
let head,headOf;
for(const at of rules){const item=items[at];
if(item.parent!==undefined&&item.parent!==headOf){headOf=item.parent;head={node:document.createElement('h2'),rows:[]};head.node.textContent=path(item.parent).join(' › ');list.append(head.node);heads.push(head)}
const row=document.createElement('div');row.className='item';row.dataset.rule=item.id;
row.innerHTML='<label><input type="checkbox" data-at="'+at+'" aria-labelledby="t'+at+'"></label><details><summary><span class="title" id="t'+at+'">'+html(item.title)+'</span><span><span class="mark"></span> <span class="severity"></span></span></summary><div class="body"></div></details>';
list.append(row);rows.set(at,{row,box:row.querySelector('input'),details:row.querySelector('details'),text:[item.title,item.id,item.references,(item.description??'').replace(/<[^>]*>/g,' ')].join(' ').toLowerCase()});if(head)head.rows.push(row)}
const isChanged=at=>on.has(at)!==before.has(at)||rated.has(at)||items[at].values.some(value=>set.has(value));
const update=()=>{let count=0;const stopped=idle();
for(const [at,{row,box}] of rows){const changed=isChanged(at);if(changed)count++;box.checked=on.has(at);row.classList.toggle('changed',changed);
row.querySelector('.mark').textContent=[changed?'changed':'',stopped.has(at)?'does not run':''].filter(Boolean).join(', ');const level=row.querySelector('.severity');level.textContent=severityOf(at);level.className='severity '+severityOf(at)}
const told=[...stopped].slice(0,3).map(([at,why])=>short(items[at].id)+' '+why);
$('changes').textContent=on.size+' of '+rules.length+' rules selected, '+count+' changed'+(stopped.size?'; '+stopped.size+(stopped.size===1?' does':' do')+' not run: '+told.join('; ')+(stopped.size>told.length?'; …':''):'');$('file').textContent=fileText()};
const filter=()=>{const words=$('search').value.toLowerCase().split(/\\s+/).filter(Boolean),show=$('show').value;let count=0;
for(const [at,{row,text}] of rows){const fits=show==='all'||(show==='changed'?isChanged(at):on.has(at)===(show==='on'));
row.hidden=!(fits&&words.every(word=>text.includes(word)));if(!row.hidden)count++}
for(const {node,rows} of heads)node.hidden=rows.every(row=>row.hidden);
$('shown').textContent=count+' of '+rules.length+' rules shown'};
const redraw=()=>{for(const [at,{details}] of rows)if(details.open)details.querySelector('.body').innerHTML=bodyOf(at)};
const choose=(at,to)=>{if(to)on.add(at);else on.delete(at)};
list.addEventListener('toggle',event=>{const row=event.target.closest('.item'),at=Number(row.querySelector('input').dataset.at);
if(event.target===rows.get(at).details&&event.target.open)event.target.querySelector('.body').innerHTML=bodyOf(at)},true);
list.addEventListener('change',event=>{const {at,set:value,rate}=event.target.dataset,text=event.target.value;
if(at!==undefined)choose(Number(at),event.target.checked);
else if(value!==undefined){if(text===base.values[value])set.delete(Number(value));else set.set(Number(value),text);
for(const shown of document.querySelectorAll('var[data-value="'+value+'"]'))shown.textContent=text;
for(const input of document.querySelectorAll('input[data-set="'+value+'"]'))input.value=text}
else if(rate!==undefined){if(text===base.severities[rate])rated.delete(Number(rate));else rated.set(Number(rate),text)}
update()});
const chooseShown=to=>{for(const [at,{row}] of rows)if(!row.hidden)choose(at,to);update();filter()};
$('select').addEventListener('click',()=>chooseShown(true));$('unselect').addEventListener('click',()=>chooseShown(false));
$('filters').addEventListener('input',filter);$('filters').addEventListener('submit',event=>event.preventDefault());
for(const id of ['title','id'])$(id).addEventListener('input',update);
$('profile').addEventListener('change',()=>{begin()});
document.addEventListener('keydown',event=>{if(event.key==='/'&&!/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)){event.preventDefault();$('search').focus()}});
$('save').addEventListener('click',()=>{const link=document.createElement('a');link.href=URL.createObjectURL(new Blob([fileText()],{type:'application/xml'}));
link.download=short($('id').value)+'.xml';link.click();setTimeout(()=>URL.revokeObjectURL(link.href),1000)});
const begin=()=>{start(Number($('profile').value));update();filter();redraw()};
begin();
`;
