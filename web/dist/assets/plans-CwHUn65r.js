import{Et as e,H as t,Ht as n,I as r,It as i,Jt as a,K as o,Mt as s,Nt as c,Ot as l,Pt as u,Q as d,S as f,Ut as p,Vt as m,Wt as h,Xt as g,Y as _,Yt as v,at as y,bt as b,d as x,f as S,g as C,l as w,nt as T,qt as ee,rt as E,tt as D,u as O,v as te,wt as k,x as A,xt as j,yt as M,z as N}from"./index-s_exMz-0.js";import{c as P,i as F,t as I}from"./toml-CJW2EVCE.js";import{a as L,n as R,o as ne,s as z}from"./amounts-Dc2Zm8pY.js";import{t as re}from"./begin-B1lPNtxT.js";var B={title:`Plans`,lead:`What to build, where and when, so that a target is met. A plan is worked out beside the hub and changes nothing.`,all:`All plans`,newPlan:`New plan`,none:`Nobody has asked for a plan yet.`,noneDo:`Make the first one`,newTitle:`New plan`,newLead:`A scenario says what stands, what can be bought and built, and what is aimed at; the hub finds the cheapest way there.`,beginWith:`Begin with`,asked:`as asked: {name}`,own:`a file of my own`,outline:`a short example`,startOver:`Back to the original`,changed:`changed`,replaceAsk:`Replace the text?`,replaceSays:`What you changed in it is lost.`,replaceDo:`Replace it`,replaceKeep:`Keep mine`,scenario:`Scenario`,scenarioHint:`TOML. A file can be dropped on it.`,name:`Name`,nameHint:`As it is listed; that of the scenario if left empty.`,seconds:`Search for`,secondsUnit:`s`,secondsHint:`Each search stops after so long and keeps the best it has; 1 to 3600.`,sure:`Be sure enough`,sureHint:`Plans with ever later dates until every target is met as surely as that.`,sureLabel:`Probability of meeting every target`,sureRange:`lies between 1 and 99 %`,trade:`Show what more, cleaner or sooner costs`,tradeHint:`Plans again for other targets, limits of carbon, and dates.`,tradeLabel:`Points on each of three curves`,run:`Plan`,checking:`The hub reads it …`,takes:`{n} {n|search|searches}: about {span} at most.`,takesNote:`It runs beside the hub, behind everything else; other studies wait for it.`,reads:`As it reads`,horizon:`Horizon`,horizonIs:`{start} to {end}`,periods:`{n} {n|period|periods} of {months} {months|month|months}`,target:`Target`,targetIs:`{amount} by {by}`,sites:`Sites`,technologies:`Technologies`,fleets:`Stands already`,census:`Census`,noTarget:`none: it serves demand`,targetPast:`A target lies before today ({by}): the hub plans nothing for a time that is over.`,startPast:`It starts {start}, and today is {today}: the plan may order things in months that are over.`,move:`Move all its dates by {n} {n|year|years}`,moveNote:`Prices, leads and supplies stay as they are. To plan as of another day, use the command line: {command}`,moved:`Moved by {n} {n|year|years}: it starts {start} now.`,example:`# Sample data: a small hub that grows from 100 to 250 PFLOPS.
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
`},H=k(B,V),U=`own`,W=`example`,G=5,K=90,q=p(null);m.subscribe(()=>{q.value=null});var J=n(()=>r(e.value)),Y=(e,t)=>({source:e,key:e,original:t,text:t,name:``,seconds:`60`,trade:!1,points:String(G),sure:!1,probability:String(K),moved:0});function ie(e,t,n,r){let i=n?Number(n)/100:t.probability;return{...Y(e,t.scenario),key:`${e} ${n} ${r}`,name:t.name??``,seconds:r||String(t.seconds??60),trade:N(t.frontier),points:String(t.frontier??G),sure:N(i),probability:String(N(i)?Math.round(i*1e3)/10:K)}}function ae(){let e=t(J.peek().slice(0,7),1);return H(`example`,{start:e,by:t(e,11)})}function oe(){let e=j(),t=e.get(`from`),n=e.get(`scenario`),r=s(i(`/v1/scenarios`),[]),o=s(t?i(`/v1/studies/{id}`,{id:t}):null,[`study`]),[c,l]=a(null),u=q.value,f=o.data,p=v(()=>{if(t)return f?.kind===`plan`?ie(`from:${t}`,f.request,e.get(`sure`),e.get(`seconds`)):null;if(n===U)return q.peek()===null?Y(U,``):null;if(n===W)return Y(W,ae());let i=r.data?.scenarios.find(e=>e.name===n)??r.data?.scenarios[0];return i?Y(`shipped:${i.name}`,i.text):null},[t,n,f,r.data,e]);h(()=>{p&&q.peek()?.key!==p.key&&(q.value=p)},[p,u===null]);let m=t?o.error:n===U||n===W?null:r.error;if(!u&&m)return M(E,{error:m,again:t?o.again:r.again});if(!u)return M(y,{lines:10});let _=e=>{q.value={...u,...e}},b=u.text!==u.original,x=t=>{t!==U&&(q.value=null),t.startsWith(`from:`)?e.set({from:t.slice(5),scenario:null,sure:null,seconds:null},!0):e.set({from:null,sure:null,seconds:null,scenario:t.replace(`shipped:`,``)},!0)},S=[...t?[{value:`from:${t}`,label:H(`asked`,{name:f?.name??`#${t}`})}]:[],...(r.data?.scenarios??[]).map(e=>({value:`shipped:${e.name}`,label:e.name})),{value:W,label:H(`outline`)},{value:U,label:H(`own`)}];return M(g,{children:[M(se,{draft:u,change:_,source:M(A,{name:`begin`,label:H(`beginWith`),value:u.source,options:S,onValue:e=>b&&e!==U?l(e):x(e)}),onFile:(t,n)=>{q.value={...u,source:U,key:U,original:n,text:n,name:z(n).name?``:t.replace(/\.toml$/i,``),moved:0},e.set({from:null,sure:null,seconds:null,scenario:U},!0)}},`${u.key} ${u.moved}`),M(d,{open:c!==null,title:H(`replaceAsk`),action:H(`replaceDo`),keep:H(`replaceKeep`),danger:!0,onYes:async()=>{c!==null&&x(c)},onClose:()=>l(null),children:H(`replaceSays`)})]})}var X=e=>{let t=Number(e.trim());return e.trim()!==``&&Number.isFinite(t)?t:e};function Z(e){return{name:e.name.trim()||z(e.text).name||void 0,scenario:e.text,seconds:X(e.seconds),frontier:e.trade?X(e.points):void 0,probability:e.sure?Number(e.probability)/100:void 0}}function se({draft:e,change:t,source:n,onFile:r}){let s=b(),[d,p]=a(null),[m,h]=a(!1),_=z(e.text),v=e.text!==e.original,y=async()=>{p(null),h(!1);let t=Number(e.probability);if(e.sure&&!(t>=1&&t<=99))throw new c(400,`wrong_input`,H(`sureRange`),`probability`,{});let n=await re({kind:`plan`,...Z(e)}),r=n.error?P(`scenario.toml`,n.error):null;if(r){await u(i(`/v1/studies/{id}`,{id:n.id}),{method:`DELETE`}),l(`study`),r.line!==null&&p({line:r.line}),h(r.text.includes(`lies before today`));let e=[r.line!==null&&`line ${r.line}`,r.field].filter(Boolean).join(`, `);throw new c(422,`wrong_input`,`${e?`${e}: `:``}${r.text}`,`scenario`,{})}l(`study`),q.value=null,s(`/plan/${n.id}`)},x=e=>{p(null),t({text:e})},S=L(Z(e));return M(te,{send:y,class:`plans-form`,children:i=>M(g,{children:[M(`div`,{class:`plans-text`,children:[M(`div`,{class:`plans-source`,children:[n,v&&M(`p`,{children:[M(`span`,{class:`note`,children:H(`changed`)}),` `,M(`button`,{type:`button`,class:`plain`,onClick:()=>t({text:e.original,moved:0}),children:H(`startOver`)})]})]}),M(I,{name:`scenario`,label:H(`scenario`),hint:H(`scenarioHint`),value:e.text,onValue:x,onFile:r,fault:d,rows:30})]}),M(`div`,{class:`plans-side`,children:[M(Q,{draft:e,past:m,change:t}),M(f,{name:`name`,label:H(`name`),hint:H(`nameHint`),value:e.name,placeholder:_.name,onValue:e=>t({name:e})}),M(f,{name:`seconds`,label:H(`seconds`),unit:H(`secondsUnit`),hint:H(`secondsHint`),type:`number`,value:e.seconds,onValue:e=>t({seconds:e})}),M(`div`,{class:`plans-option`,children:[M(C,{name:`trade`,label:H(`trade`),hint:H(`tradeHint`),value:e.trade,onValue:e=>t({trade:e})}),e.trade&&M(f,{name:`frontier`,label:H(`tradeLabel`),type:`number`,value:e.points,onValue:e=>t({points:e})})]}),M(`div`,{class:`plans-option`,children:[M(C,{name:`sure`,label:H(`sure`),hint:H(`sureHint`),value:e.sure,onValue:e=>t({sure:e})}),e.sure&&M(f,{name:`probability`,label:H(`sureLabel`),unit:`%`,type:`number`,value:e.probability,onValue:e=>t({probability:e})})]}),M(`div`,{class:`plans-run`,children:[M(`button`,{type:`submit`,class:`primary`,disabled:i||e.text.trim()===``,children:H(`run`)}),M(`p`,{class:`note`,role:`status`,children:i?H(`checking`):Number.isFinite(S.seconds)&&H(`takes`,{n:S.searches,span:o(S.seconds)})}),M(`p`,{class:`note`,children:H(`takesNote`)})]}),M(ce,{text:e.text})]})]})})}function Q({draft:e,past:n,change:r}){let i=z(e.text),a=J.value.slice(0,7),o=i.targets.find(e=>e.by!==``&&e.by<a),s=i.start!==``&&i.start<a;if(e.moved>0&&!o&&!s&&!n)return M(T,{tone:`malachite`,children:M(`p`,{role:`status`,children:H(`moved`,{n:e.moved,start:i.start})})});if(!o&&!s&&!n)return null;let c=i.start||o?.by||a,l=1;for(;l<50&&t(c,l*12)<a;)l+=1;return M(T,{tone:o||n?`cinnabar`:`ochre`,children:[M(`p`,{children:o?H(`targetPast`,{by:o.by}):H(`startPast`,{start:i.start,today:J.value})}),M(`button`,{type:`button`,onClick:()=>r({text:ne(e.text,l),moved:e.moved+l}),children:H(`move`,{n:l})}),M(`p`,{class:`note`,children:H.rich(`moveNote`,{command:M(`code`,{children:[`shugu plan FILE.toml --at `,i.start||`DATE`,i.start&&`-01`]})})})]})}function ce({text:e}){let n=v(()=>z(e),[e]),r=n.periods===null?null:n.periods*n.months;return M(`section`,{class:`plans-reads`,"aria-label":H(`reads`),children:[M(`h2`,{children:H(`reads`)}),M(O,{children:[n.start!==``&&r!==null&&M(w,{name:H(`horizon`),wide:!0,children:[H(`horizonIs`,{start:n.start,end:t(n.start,r-1)}),M(`span`,{class:`under`,children:H(`periods`,{n:n.periods??0,months:n.months})})]}),M(w,{name:H(`target`),wide:!0,children:n.targets.length===0?H(`noTarget`):n.targets.map((e,t)=>M(`span`,{class:`plans-line`,children:e.computing&&e.by?H(`targetIs`,{amount:R(e.computing.likely),by:e.by}):e.id},t))}),M(w,{name:H(`sites`),children:_(n.sites.length)}),M(w,{name:H(`technologies`),children:_(n.technologies.length)}),n.fleets.length>0&&M(w,{name:H(`fleets`),children:n.fleets.join(`, `)}),n.census&&M(w,{name:H(`census`),children:n.census})]})]})}var $=k(B,V);function le(){let e=j().get(`new`)!==``,t=ee(e);return h(()=>{t.current!==e&&document.querySelector(`h1`)?.focus({preventScroll:!0}),t.current=e},[e]),e?M(x,{title:$(`newTitle`),crumbs:[{href:`/plan`,text:$(`title`)}],lead:$(`newLead`),children:M(oe,{})}):M(x,{title:$(`title`),lead:$(`lead`),aside:M(`a`,{class:`button primary`,href:`/plan?new=1`,children:$(`newPlan`)}),children:M(S,{title:$(`all`),wide:!0,children:M(F,{kind:`plan`,caption:$(`all`),empty:M(D,{command:`shugu plan SCENARIO.toml`,children:[$(`none`),` `,M(`a`,{href:`/plan?new=1`,children:$(`noneDo`)})]})})})})}export{le as default};