import{$ as e,B as t,Dt as n,Ft as r,Gt as i,Kt as a,L as o,Lt as s,Nt as c,Pt as l,Qt as u,S as d,St as f,Tt as p,U as m,Ut as h,Wt as g,X as _,Yt as v,Zt as y,bt as b,d as x,f as S,g as C,it as w,kt as T,l as E,nt as D,ot as ee,q as O,qt as k,rt as A,u as j,v as M,x as N,xt as P}from"./index-D45aAi_l.js";import{c as F,i as I,t as L}from"./toml-CjSKnLrX.js";import{a as te,n as ne,o as re,s as R}from"./amounts-nYUIyZ5c.js";import{t as z}from"./begin-7cw-o1GO.js";var B={title:`Plans`,lead:`What to build, where and when, so that a target is met. A plan is worked out beside the hub and changes nothing.`,all:`All plans`,newPlan:`New plan`,none:`Nobody has asked for a plan yet.`,noneDo:`Make the first one`,newTitle:`New plan`,newLead:`A scenario says what stands, what can be bought and built, and what is aimed at; the hub finds the cheapest way there.`,beginWith:`Begin with`,asked:`as asked: {name}`,own:`a file of my own`,outline:`a short example`,startOver:`Back to the original`,changed:`changed`,replaceAsk:`Replace the text?`,replaceSays:`What you changed in it is lost.`,replaceDo:`Replace it`,replaceKeep:`Keep mine`,scenario:`Scenario`,scenarioHint:`TOML. A file can be dropped on it.`,name:`Name`,nameHint:`As it is listed; that of the scenario if left empty.`,seconds:`Search for`,secondsUnit:`s`,secondsHint:`Each search stops after so long and keeps the best it has; 1 to 3600.`,sure:`Be sure enough`,sureHint:`Plans with ever later dates until every target is met as surely as that.`,sureLabel:`Probability of meeting every target`,sureRange:`lies between 1 and 99 %`,trade:`Show what more, cleaner or sooner costs`,tradeHint:`Plans again for other targets, limits of carbon, and dates.`,tradeLabel:`Points on each of three curves`,run:`Plan`,checking:`The hub reads it …`,takes:`{n} {n|search|searches}: about {span} at most.`,takesNote:`It runs beside the hub, behind everything else; other studies wait for it.`,reads:`As it reads`,horizon:`Horizon`,horizonIs:`{start} to {end}`,periods:`{n} {n|period|periods} of {months} {months|month|months}`,target:`Target`,targetIs:`{amount} by {by}`,sites:`Sites`,technologies:`Technologies`,fleets:`Stands already`,census:`Census`,noTarget:`none: it serves demand`,targetPast:`A target lies before today ({by}): the hub plans nothing for a time that is over.`,startPast:`It starts {start}, and today is {today}: the plan may order things in months that are over.`,move:`Move all its dates by {n} {n|year|years}`,moveNote:`Prices, leads and supplies stay as they are. To plan as of another day, use the command line: {command}`,moved:`Moved by {n} {n|year|years}: it starts {start} now.`,example:`# Sample data: a small hub that grows from 100 to 250 PFLOPS.
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
`},H=p(B,V),U=`own`,W=`example`,G=5,K=90,q=i(null);h.subscribe(()=>{q.value=null});var J=g(()=>o(n.value)),Y=(e,t)=>({source:e,key:e,original:t,text:t,name:``,seconds:`60`,trade:!1,points:String(G),sure:!1,probability:String(K),moved:0});function ie(e,n,r,i){let a=r?Number(r)/100:n.probability;return{...Y(e,n.scenario),key:`${e} ${r} ${i}`,name:n.name??``,seconds:i||String(n.seconds??60),trade:t(n.frontier),points:String(n.frontier??G),sure:t(a),probability:String(t(a)?Math.round(a*1e3)/10:K)}}function ae(){let e=m(J.peek().slice(0,7),1);return H(`example`,{start:e,by:m(e,11)})}function oe(){let t=f(),n=t.get(`from`),r=t.get(`scenario`),i=c(s(`/v1/scenarios`),[]),a=c(n?s(`/v1/studies/{id}`,{id:n}):null,[`study`]),[o,l]=v(null),d=q.value,p=a.data,m=k(()=>{if(n)return p?.kind===`plan`?ie(`from:${n}`,p.request,t.get(`sure`),t.get(`seconds`)):null;if(r===U)return q.peek()===null?Y(U,``):null;if(r===W)return Y(W,ae());let e=i.data?.scenarios.find(e=>e.name===r)??i.data?.scenarios[0];return e?Y(`shipped:${e.name}`,e.text):null},[n,r,p,i.data,t]);y(()=>{m&&q.peek()?.key!==m.key&&(q.value=m)},[m,d===null]);let h=n?a.error:r===U||r===W?null:i.error;if(!d&&h)return b(w,{error:h,again:n?a.again:i.again});if(!d)return b(ee,{lines:10});let g=e=>{q.value={...d,...e}},_=d.text!==d.original,x=e=>{e!==U&&(q.value=null),e.startsWith(`from:`)?t.set({from:e.slice(5),scenario:null,sure:null,seconds:null},!0):t.set({from:null,sure:null,seconds:null,scenario:e.replace(`shipped:`,``)},!0)},S=[...n?[{value:`from:${n}`,label:H(`asked`,{name:p?.name??`#${n}`})}]:[],...(i.data?.scenarios??[]).map(e=>({value:`shipped:${e.name}`,label:e.name})),{value:W,label:H(`outline`)},{value:U,label:H(`own`)}];return b(u,{children:[b(se,{draft:d,change:g,source:b(N,{name:`begin`,label:H(`beginWith`),value:d.source,options:S,onValue:e=>_&&e!==U?l(e):x(e)}),onFile:(e,n)=>{q.value={...d,source:U,key:U,original:n,text:n,name:R(n).name?``:e.replace(/\.toml$/i,``),moved:0},t.set({from:null,sure:null,seconds:null,scenario:U},!0)}},`${d.key} ${d.moved}`),b(e,{open:o!==null,title:H(`replaceAsk`),action:H(`replaceDo`),keep:H(`replaceKeep`),danger:!0,onYes:async()=>{o!==null&&x(o)},onClose:()=>l(null),children:H(`replaceSays`)})]})}var X=e=>{let t=Number(e.trim());return e.trim()!==``&&Number.isFinite(t)?t:e};function Z(e){return{name:e.name.trim()||R(e.text).name||void 0,scenario:e.text,seconds:X(e.seconds),frontier:e.trade?X(e.points):void 0,probability:e.sure?Number(e.probability)/100:void 0}}function se({draft:e,change:t,source:n,onFile:i}){let a=P(),[o,c]=v(null),[f,p]=v(!1),m=R(e.text),h=e.text!==e.original,g=async()=>{c(null),p(!1);let t=Number(e.probability);if(e.sure&&!(t>=1&&t<=99))throw new l(400,`wrong_input`,H(`sureRange`),`probability`,{});let n=await z({kind:`plan`,...Z(e)}),i=n.error?F(`scenario.toml`,n.error):null;if(i){await r(s(`/v1/studies/{id}`,{id:n.id}),{method:`DELETE`}),T(`study`),i.line!==null&&c({line:i.line}),p(i.text.includes(`lies before today`));let e=[i.line!==null&&`line ${i.line}`,i.field].filter(Boolean).join(`, `);throw new l(422,`wrong_input`,`${e?`${e}: `:``}${i.text}`,`scenario`,{})}T(`study`),q.value=null,a(`/plan/${n.id}`)},_=e=>{c(null),t({text:e})},y=te(Z(e));return b(M,{send:g,class:`plans-form`,children:r=>b(u,{children:[b(`div`,{class:`plans-text`,children:[b(`div`,{class:`plans-source`,children:[n,h&&b(`p`,{children:[b(`span`,{class:`note`,children:H(`changed`)}),` `,b(`button`,{type:`button`,class:`plain`,onClick:()=>t({text:e.original,moved:0}),children:H(`startOver`)})]})]}),b(L,{name:`scenario`,label:H(`scenario`),hint:H(`scenarioHint`),value:e.text,onValue:_,onFile:i,fault:o,rows:30})]}),b(`div`,{class:`plans-side`,children:[b(Q,{draft:e,past:f,change:t}),b(d,{name:`name`,label:H(`name`),hint:H(`nameHint`),value:e.name,placeholder:m.name,onValue:e=>t({name:e})}),b(d,{name:`seconds`,label:H(`seconds`),unit:H(`secondsUnit`),hint:H(`secondsHint`),type:`number`,value:e.seconds,onValue:e=>t({seconds:e})}),b(`div`,{class:`plans-option`,children:[b(C,{name:`trade`,label:H(`trade`),hint:H(`tradeHint`),value:e.trade,onValue:e=>t({trade:e})}),e.trade&&b(d,{name:`frontier`,label:H(`tradeLabel`),type:`number`,value:e.points,onValue:e=>t({points:e})})]}),b(`div`,{class:`plans-option`,children:[b(C,{name:`sure`,label:H(`sure`),hint:H(`sureHint`),value:e.sure,onValue:e=>t({sure:e})}),e.sure&&b(d,{name:`probability`,label:H(`sureLabel`),unit:`%`,type:`number`,value:e.probability,onValue:e=>t({probability:e})})]}),b(`div`,{class:`plans-run`,children:[b(`button`,{type:`submit`,class:`primary`,disabled:r||e.text.trim()===``,children:H(`run`)}),b(`p`,{class:`note`,role:`status`,children:r?H(`checking`):Number.isFinite(y.seconds)&&H(`takes`,{n:y.searches,span:O(y.seconds)})}),b(`p`,{class:`note`,children:H(`takesNote`)})]}),b(ce,{text:e.text})]})]})})}function Q({draft:e,past:t,change:n}){let r=R(e.text),i=J.value.slice(0,7),a=r.targets.find(e=>e.by!==``&&e.by<i),o=r.start!==``&&r.start<i;if(e.moved>0&&!a&&!o&&!t)return b(A,{tone:`malachite`,children:b(`p`,{role:`status`,children:H(`moved`,{n:e.moved,start:r.start})})});if(!a&&!o&&!t)return null;let s=r.start||a?.by||i,c=1;for(;c<50&&m(s,c*12)<i;)c+=1;return b(A,{tone:a||t?`cinnabar`:`ochre`,children:[b(`p`,{children:a?H(`targetPast`,{by:a.by}):H(`startPast`,{start:r.start,today:J.value})}),b(`button`,{type:`button`,onClick:()=>n({text:re(e.text,c),moved:e.moved+c}),children:H(`move`,{n:c})}),b(`p`,{class:`note`,children:H.rich(`moveNote`,{command:b(`code`,{children:[`shugu plan FILE.toml --at `,r.start||`DATE`,r.start&&`-01`]})})})]})}function ce({text:e}){let t=k(()=>R(e),[e]),n=t.periods===null?null:t.periods*t.months;return b(`section`,{class:`plans-reads`,"aria-label":H(`reads`),children:[b(`h2`,{children:H(`reads`)}),b(j,{children:[t.start!==``&&n!==null&&b(E,{name:H(`horizon`),wide:!0,children:[H(`horizonIs`,{start:t.start,end:m(t.start,n-1)}),b(`span`,{class:`under`,children:H(`periods`,{n:t.periods??0,months:t.months})})]}),b(E,{name:H(`target`),wide:!0,children:t.targets.length===0?H(`noTarget`):t.targets.map((e,t)=>b(`span`,{class:`plans-line`,children:e.computing&&e.by?H(`targetIs`,{amount:ne(e.computing.likely),by:e.by}):e.id},t))}),b(E,{name:H(`sites`),children:_(t.sites.length)}),b(E,{name:H(`technologies`),children:_(t.technologies.length)}),t.fleets.length>0&&b(E,{name:H(`fleets`),children:t.fleets.join(`, `)}),t.census&&b(E,{name:H(`census`),children:t.census})]})]})}var $=p(B,V);function le(){let e=f().get(`new`)!==``,t=a(e);return y(()=>{t.current!==e&&document.querySelector(`h1`)?.focus({preventScroll:!0}),t.current=e},[e]),e?b(x,{title:$(`newTitle`),crumbs:[{href:`/plan`,text:$(`title`)}],lead:$(`newLead`),children:b(oe,{})}):b(x,{title:$(`title`),lead:$(`lead`),aside:b(`a`,{class:`button primary`,href:`/plan?new=1`,children:$(`newPlan`)}),children:b(S,{title:$(`all`),wide:!0,children:b(I,{kind:`plan`,caption:$(`all`),empty:b(D,{command:`shugu plan SCENARIO.toml`,children:[$(`none`),` `,b(`a`,{href:`/plan?new=1`,children:$(`noneDo`)})]})})})})}export{le as default};