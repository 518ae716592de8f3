import{$ as e,B as t,Dt as n,Ft as r,Gt as i,Ht as a,Jt as o,Kt as s,L as c,Lt as l,Nt as u,Pt as d,S as f,St as p,Tt as m,U as h,Ut as g,Wt as _,X as v,Xt as y,Zt as b,bt as x,d as S,f as C,g as w,it as T,kt as E,l as D,nt as ee,ot as O,q as k,rt as A,u as j,v as M,x as N,xt as P}from"./index-Dz5uP4q5.js";import{c as F,i as I,t as L}from"./toml-BoLITchC.js";import{a as te,n as ne,o as re,s as R}from"./amounts-AGek-NRG.js";import{t as z}from"./begin-CJnLL4zt.js";var B={title:`Plans`,lead:`What to build, where and when, so that a target is met. A plan is worked out beside the hub and changes nothing.`,all:`All plans`,newPlan:`New plan`,none:`Nobody has asked for a plan yet.`,noneDo:`Make the first one`,newTitle:`New plan`,newLead:`A scenario says what stands, what can be bought and built, and what is aimed at; the hub finds the cheapest way there.`,beginWith:`Begin with`,asked:`as asked: {name}`,own:`a file of my own`,outline:`a short example`,startOver:`Back to the original`,changed:`changed`,replaceAsk:`Replace the text?`,replaceSays:`What you changed in it is lost.`,replaceDo:`Replace it`,replaceKeep:`Keep mine`,scenario:`Scenario`,scenarioHint:`TOML. A file can be dropped on it.`,name:`Name`,nameHint:`As it is listed; that of the scenario if left empty.`,seconds:`Search for`,secondsUnit:`s`,secondsHint:`Each search stops after so long and keeps the best it has; 1 to 3600.`,sure:`Be sure enough`,sureHint:`Plans with ever later dates until every target is met as surely as that.`,sureLabel:`Probability of meeting every target`,sureRange:`lies between 1 and 99 %`,trade:`Show what more, cleaner or sooner costs`,tradeHint:`Plans again for other targets, limits of carbon, and dates.`,tradeLabel:`Points on each of three curves`,run:`Plan`,checking:`The hub reads it …`,takes:`{n} {n|search|searches}: about {span} at most.`,takesNote:`It runs beside the hub, behind everything else; other studies wait for it.`,reads:`As it reads`,horizon:`Horizon`,horizonIs:`{start} to {end}`,periods:`{n} {n|period|periods} of {months} {months|month|months}`,target:`Target`,targetIs:`{amount} by {by}`,sites:`Sites`,technologies:`Technologies`,fleets:`Stands already`,census:`Census`,noTarget:`none: it serves demand`,targetPast:`A target lies before today ({by}): the hub plans nothing for a time that is over.`,startPast:`It starts {start}, and today is {today}: the plan may order things in months that are over.`,move:`Move all its dates by {n} {n|year|years}`,moveNote:`Prices, leads and supplies stay as they are. To plan as of another day, use the command line: {command}`,moved:`Moved by {n} {n|year|years}: it starts {start} now.`,example:`# Sample data: a small hub that grows from 100 to 250 PFLOPS.
# A number is "559 kW", "1 .. 4 M yuan", or "1 .. 2 .. 4 M yuan": least, likeliest, most.
name = "Growth"
start = "{start}"
periods = 4

[[target]]
id = "more"
by = "{by}"
computing = "250 PFLOPS"

[[fleet]]
id = "today"
computing = "100 PFLOPS"

[[technology]]
id = "server"
devices = 8
computing = "2.5 PFLOPS"
racks = 0.25
power = "5.6 kW"
price = "1 .. 2 .. 4 M yuan"
lead = "3 months"
life = "60 months"
cooling = "air"

[[cooling]]
id = "air"
racks = 20
price = "8 M yuan"
lead = "3 months"
pue = 1.2

[[site]]
id = "east-1"
power = "500 kW"
land = 2
electricity = "0.4 yuan/kWh"
carbon = "0.5 kg/kWh"

[delays]
# Months late beyond the lead.
building = "0 .. 1 .. 6 months"
delivery = "0 .. 1 .. 5 months"
`},V={title:`规划`,lead:`为达到目标，在何处、何时、建设什么。规划在枢纽之外单独计算，不改动枢纽。`,all:`全部规划`,newPlan:`新建规划`,none:`尚无规划。`,noneDo:`新建第一项规划`,newTitle:`新建规划`,newLead:`情景说明现有什么、可采购和建设什么、要达到什么；枢纽据此求出最省的方案。`,beginWith:`起始文本`,asked:`原样：{name}`,own:`自己的文件`,outline:`简短示例`,startOver:`恢复原文`,changed:`已修改`,replaceAsk:`替换文本？`,replaceSays:`所作的修改将丢失。`,replaceDo:`替换`,replaceKeep:`保留修改`,scenario:`情景`,scenarioHint:`TOML 格式，可将文件拖到此处。`,name:`名称`,nameHint:`列表中显示的名称；留空则用情景的名称。`,seconds:`搜索时长`,secondsUnit:`s`,secondsHint:`每次搜索到时即停，保留已找到的最优方案；1 至 3600。`,sure:`要求足够把握`,sureHint:`按越来越晚的到货与完工日期规划，直到各目标的达成概率够高。`,sureLabel:`达成全部目标的概率`,sureRange:`应在 1 % 至 99 % 之间`,trade:`计算更多、更绿、更早各需多少钱`,tradeHint:`另按其他目标、碳排放上限和日期各规划若干次。`,tradeLabel:`三条曲线各取几点`,run:`开始规划`,checking:`枢纽正在读取……`,takes:`{n} 次搜索，最长约 {span}。`,takesNote:`在枢纽之外运行，优先级最低；其他计算须等它结束。`,reads:`情景概要`,horizon:`规划期`,horizonIs:`{start} 至 {end}`,periods:`{n} 期，每期 {months} 个月`,target:`目标`,targetIs:`{by} 前达到 {amount}`,sites:`数据中心`,technologies:`技术路线`,fleets:`已有算力`,census:`普查数据`,noTarget:`无目标，只满足需求`,targetPast:`有目标早于今天（{by}）：枢纽不为已过去的时间规划。`,startPast:`情景始于 {start}，而今天是 {today}：方案可能要求在已过去的月份下单。`,move:`所有日期后移 {n} 年`,moveNote:`价格、周期和供货保持不变。若要按另一日期规划，请用命令行：{command}`,moved:`已后移 {n} 年，现从 {start} 开始。`,example:`# 示例数据：一个小型枢纽从 100 PFLOPS 扩至 250 PFLOPS。
# 数值写作 "559 kW"、"1 .. 4 M yuan" 或 "1 .. 2 .. 4 M yuan"：最小、最可能、最大。
name = "扩容示例"
start = "{start}"
periods = 4

[[target]]
id = "more"
by = "{by}"
computing = "250 PFLOPS"

[[fleet]]
id = "today"
computing = "100 PFLOPS"

[[technology]]
id = "server"
devices = 8
computing = "2.5 PFLOPS"
racks = 0.25
power = "5.6 kW"
price = "1 .. 2 .. 4 M yuan"
lead = "3 months"
life = "60 months"
cooling = "air"

[[cooling]]
id = "air"
racks = 20
price = "8 M yuan"
lead = "3 months"
pue = 1.2

[[site]]
id = "east-1"
power = "500 kW"
land = 2
electricity = "0.4 yuan/kWh"
carbon = "0.5 kg/kWh"

[delays]
# 在周期之外再晚几个月。
building = "0 .. 1 .. 6 months"
delivery = "0 .. 1 .. 5 months"
`},H=m(B,V),U=`own`,W=`example`,G=5,K=90,q=_(null);a.subscribe(()=>{q.value=null});var J=g(()=>c(n.value)),Y=(e,t)=>({source:e,key:e,original:t,text:t,name:``,seconds:`60`,trade:!1,points:String(G),sure:!1,probability:String(K),moved:0});function ie(e,n,r,i){let a=r?Number(r)/100:n.probability;return{...Y(e,n.scenario),key:`${e} ${r} ${i}`,name:n.name??``,seconds:i||String(n.seconds??60),trade:t(n.frontier),points:String(n.frontier??G),sure:t(a),probability:String(t(a)?Math.round(a*1e3)/10:K)}}function ae(){let e=h(J.peek().slice(0,7),1);return H(`example`,{start:e,by:h(e,11)})}function oe(){let t=p(),n=t.get(`from`),r=t.get(`scenario`),i=u(l(`/v1/scenarios`),[]),a=u(n?l(`/v1/studies/{id}`,{id:n}):null,[`study`]),[c,d]=o(null),f=q.value,m=a.data,h=s(()=>{if(n)return m?.kind===`plan`?ie(`from:${n}`,m.request,t.get(`sure`),t.get(`seconds`)):null;if(r===U)return q.peek()===null?Y(U,``):null;if(r===W)return Y(W,ae());let e=i.data?.scenarios.find(e=>e.name===r)??i.data?.scenarios[0];return e?Y(`shipped:${e.name}`,e.text):null},[n,r,m,i.data,t]);y(()=>{h&&q.peek()?.key!==h.key&&(q.value=h)},[h,f===null]);let g=n?a.error:r===U||r===W?null:i.error;if(!f&&g)return x(T,{error:g,again:n?a.again:i.again});if(!f)return x(O,{lines:10});let _=e=>{q.value={...f,...e}},v=f.text!==f.original,S=e=>{e!==U&&(q.value=null),e.startsWith(`from:`)?t.set({from:e.slice(5),scenario:null,sure:null,seconds:null},!0):t.set({from:null,sure:null,seconds:null,scenario:e.replace(`shipped:`,``)},!0)},C=[...n?[{value:`from:${n}`,label:H(`asked`,{name:m?.name??`#${n}`})}]:[],...(i.data?.scenarios??[]).map(e=>({value:`shipped:${e.name}`,label:e.name})),{value:W,label:H(`outline`)},{value:U,label:H(`own`)}];return x(b,{children:[x(se,{draft:f,change:_,source:x(N,{name:`begin`,label:H(`beginWith`),value:f.source,options:C,onValue:e=>v&&e!==U?d(e):S(e)}),onFile:(e,n)=>{q.value={...f,source:U,key:U,original:n,text:n,name:R(n).name?``:e.replace(/\.toml$/i,``),moved:0},t.set({from:null,sure:null,seconds:null,scenario:U},!0)}},`${f.key} ${f.moved}`),x(e,{open:c!==null,title:H(`replaceAsk`),action:H(`replaceDo`),keep:H(`replaceKeep`),danger:!0,onYes:async()=>{c!==null&&S(c)},onClose:()=>d(null),children:H(`replaceSays`)})]})}var X=e=>{let t=Number(e.trim());return e.trim()!==``&&Number.isFinite(t)?t:e};function Z(e){return{name:e.name.trim()||R(e.text).name||void 0,scenario:e.text,seconds:X(e.seconds),frontier:e.trade?X(e.points):void 0,probability:e.sure?Number(e.probability)/100:void 0}}function se({draft:e,change:t,source:n,onFile:i}){let a=P(),[s,c]=o(null),[u,p]=o(!1),m=R(e.text),h=e.text!==e.original,g=async()=>{c(null),p(!1);let t=Number(e.probability);if(e.sure&&!(t>=1&&t<=99))throw new d(400,`wrong_input`,H(`sureRange`),`probability`,{});let n=await z({kind:`plan`,...Z(e)}),i=n.error?F(`scenario.toml`,n.error):null;if(i){await r(l(`/v1/studies/{id}`,{id:n.id}),{method:`DELETE`}),E(`study`),i.line!==null&&c({line:i.line}),p(i.text.includes(`lies before today`));let e=[i.line!==null&&`line ${i.line}`,i.field].filter(Boolean).join(`, `);throw new d(422,`wrong_input`,`${e?`${e}: `:``}${i.text}`,`scenario`,{})}E(`study`),q.value=null,a(`/plan/${n.id}`)},_=e=>{c(null),t({text:e})},v=te(Z(e));return x(M,{send:g,class:`plans-form`,children:r=>x(b,{children:[x(`div`,{class:`plans-text`,children:[x(`div`,{class:`plans-source`,children:[n,h&&x(`p`,{children:[x(`span`,{class:`note`,children:H(`changed`)}),` `,x(`button`,{type:`button`,class:`plain`,onClick:()=>t({text:e.original,moved:0}),children:H(`startOver`)})]})]}),x(L,{name:`scenario`,label:H(`scenario`),hint:H(`scenarioHint`),value:e.text,onValue:_,onFile:i,fault:s,rows:30})]}),x(`div`,{class:`plans-side`,children:[x(Q,{draft:e,past:u,change:t}),x(f,{name:`name`,label:H(`name`),hint:H(`nameHint`),value:e.name,placeholder:m.name,onValue:e=>t({name:e})}),x(f,{name:`seconds`,label:H(`seconds`),unit:H(`secondsUnit`),hint:H(`secondsHint`),type:`number`,value:e.seconds,onValue:e=>t({seconds:e})}),x(`div`,{class:`plans-option`,children:[x(w,{name:`trade`,label:H(`trade`),hint:H(`tradeHint`),value:e.trade,onValue:e=>t({trade:e})}),e.trade&&x(f,{name:`frontier`,label:H(`tradeLabel`),type:`number`,value:e.points,onValue:e=>t({points:e})})]}),x(`div`,{class:`plans-option`,children:[x(w,{name:`sure`,label:H(`sure`),hint:H(`sureHint`),value:e.sure,onValue:e=>t({sure:e})}),e.sure&&x(f,{name:`probability`,label:H(`sureLabel`),unit:`%`,type:`number`,value:e.probability,onValue:e=>t({probability:e})})]}),x(`div`,{class:`plans-run`,children:[x(`button`,{type:`submit`,class:`primary`,disabled:r||e.text.trim()===``,children:H(`run`)}),x(`p`,{class:`note`,role:`status`,children:r?H(`checking`):Number.isFinite(v.seconds)&&H(`takes`,{n:v.searches,span:k(v.seconds)})}),x(`p`,{class:`note`,children:H(`takesNote`)})]}),x(ce,{text:e.text})]})]})})}function Q({draft:e,past:t,change:n}){let r=R(e.text),i=J.value.slice(0,7),a=r.targets.find(e=>e.by!==``&&e.by<i),o=r.start!==``&&r.start<i;if(e.moved>0&&!a&&!o&&!t)return x(A,{tone:`malachite`,children:x(`p`,{role:`status`,children:H(`moved`,{n:e.moved,start:r.start})})});if(!a&&!o&&!t)return null;let s=r.start||a?.by||i,c=1;for(;c<50&&h(s,c*12)<i;)c+=1;return x(A,{tone:a||t?`cinnabar`:`ochre`,children:[x(`p`,{children:a?H(`targetPast`,{by:a.by}):H(`startPast`,{start:r.start,today:J.value})}),x(`button`,{type:`button`,onClick:()=>n({text:re(e.text,c),moved:e.moved+c}),children:H(`move`,{n:c})}),x(`p`,{class:`note`,children:H.rich(`moveNote`,{command:x(`code`,{children:[`shugu plan FILE.toml --at `,r.start||`DATE`,r.start&&`-01`]})})})]})}function ce({text:e}){let t=s(()=>R(e),[e]),n=t.periods===null?null:t.periods*t.months;return x(`section`,{class:`plans-reads`,"aria-label":H(`reads`),children:[x(`h2`,{children:H(`reads`)}),x(j,{children:[t.start!==``&&n!==null&&x(D,{name:H(`horizon`),wide:!0,children:[H(`horizonIs`,{start:t.start,end:h(t.start,n-1)}),x(`span`,{class:`under`,children:H(`periods`,{n:t.periods??0,months:t.months})})]}),x(D,{name:H(`target`),wide:!0,children:t.targets.length===0?H(`noTarget`):t.targets.map((e,t)=>x(`span`,{class:`plans-line`,children:e.computing&&e.by?H(`targetIs`,{amount:ne(e.computing.likely),by:e.by}):e.id},t))}),x(D,{name:H(`sites`),children:v(t.sites.length)}),x(D,{name:H(`technologies`),children:v(t.technologies.length)}),t.fleets.length>0&&x(D,{name:H(`fleets`),children:t.fleets.join(`, `)}),t.census&&x(D,{name:H(`census`),children:t.census})]})]})}var $=m(B,V);function le(){let e=p().get(`new`)!==``,t=i(e);return y(()=>{t.current!==e&&document.querySelector(`h1`)?.focus({preventScroll:!0}),t.current=e},[e]),e?x(S,{title:$(`newTitle`),crumbs:[{href:`/plan`,text:$(`title`)}],lead:$(`newLead`),children:x(oe,{})}):x(S,{title:$(`title`),lead:$(`lead`),aside:x(`a`,{class:`button primary`,href:`/plan?new=1`,children:$(`newPlan`)}),children:x(C,{title:$(`all`),wide:!0,children:x(I,{kind:`plan`,caption:$(`all`),empty:x(ee,{command:`shugu plan SCENARIO.toml`,children:[$(`none`),` `,x(`a`,{href:`/plan?new=1`,children:$(`noneDo`)})]})})})})}export{le as default};