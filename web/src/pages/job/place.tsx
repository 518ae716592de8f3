// Where a job is and what was agreed there; what it asked for; what it used.

import type { ComponentChildren } from 'preact';

import { at } from '../../api/client';
import { useLive } from '../../api/live';
import { may } from '../../api/session';
import type { Job, SiteList } from '../../api/types';
import { type Bill, carbonKg, type Facts as JobFacts, powerText, signalName, type Spec, yuanOf } from '../../parts/bundle';
import { modelNames } from '../../parts/why';
import { Command, common, ENDED, Fact, Facts, Figure, format, known, Name, Part, Span, Time, Unknown, Yuan } from '../../ui';
import { t } from './words';

const NODES_FIRST = 6;

const list = (items: readonly ComponentChildren[]): ComponentChildren => items.map((item, index) => <span key={index}>{index > 0 && ', '}{item}</span>);
export const jobLink = (id: string): ComponentChildren => <a class="mono" href={`/jobs/${id}`}>{id}</a>;

/** What all replicas hold together, in words. */
export function holding(job: Job, model: string | null | undefined): string {
  const devices = job.devices > 0 ? (job.part ?? job.devices) * job.replicas : 0;
  if (devices > 0) return t('devicesOf', { n: format.exact(devices), models: model ?? (job.models.length > 0 ? modelNames(job.models) : t('devices')) });
  return `${format.tenths(job.cpu * job.replicas)} ${t('cores')}`;
}

export function Place({ job, facts }: { job: Job; facts: JobFacts | null }) {
  const pools = useLive(at('/v1/pools'), ['pool']);
  const sites = useLive(at<SiteList>('/v1/sites'), ['census']);
  // Of a job with a place the hub still says where its data is; of one that ended it says nothing more.
  const placed = job.placed_at !== null && !ENDED.has(job.state) && job.state !== 'waiting';
  const told = useLive(placed && (job.inputs?.length ?? 0) > 0 && may('operator', 'tenant') ? at('/v1/jobs/{id}/why', { id: job.id }) : null, []);
  if (!job.pool) return null;
  const pool = pools.data?.pools.find((one) => one.name === job.pool);
  const site = sites.data?.sites.find((one) => one.id === pool?.site);
  const place = facts?.place;
  const rate = place?.rate;
  const asks = facts?.spec?.shape.asks.length ?? 1;
  const nodes = job.nodes ?? [];
  const counted = [...new Set(nodes)].map((node) => {
    const n = nodes.filter((other) => other === node).length;
    return n > 1 ? `${node} × ${n}` : node;
  });
  return (
    <Part title={t('place')}>
      <Facts>
        <Fact name={t('pool')}><a href={`/pools/${encodeURIComponent(job.pool)}`}>{job.pool}</a></Fact>
        <Fact name={t('site')}>
          {pool?.site ? <a href={`/sites/${encodeURIComponent(pool.site)}`}>{site ? <Name en={site.name} zh={site.name_zh} plain /> : pool.site}</a> : pool ? <span class="none">{t('noSite')}</span> : <Unknown />}
        </Fact>
        {pool && <Fact name={t('provider')}>{pool.provider}</Fact>}
        {counted.length > 0 && (
          <Fact name={t('nodes')}>{counted.slice(0, NODES_FIRST).join(', ')}{counted.length > NODES_FIRST && ` ${t('nodesMore', { n: counted.length - NODES_FIRST })}`}</Fact>
        )}
        <Fact name={t(placed ? 'holds' : 'held')}>{holding(job, pool?.model)}</Fact>
        {asks > 1 && place && <Fact name={t('alternative')}>{t('alternativeOf', { n: place.ask + 1, all: asks })}</Fact>}
        {rate && (
          <Fact name={t('rate')}>
            {rate.device_hour === 0 && rate.core_hour === 0 && !place.agreed?.hours?.length ? t('free') : (
              <>
                {(place.agreed?.hours?.length ?? 0) > 0 && <span class="under">{t('hourly')}</span>}
                {job.devices > 0 && <span class="job-line">{t('rateDevice', { yuan: format.yuan(yuanOf(rate.device_hour)) })}</span>}
                {(job.devices === 0 || job.cpu > 0) && <span class="job-line">{t('rateCore', { yuan: format.yuan(yuanOf(rate.core_hour)) })}</span>}
              </>
            )}
          </Fact>
        )}
        {placed && place?.hold ? <Fact name={t('mayCost')}><Yuan value={yuanOf(place.hold)} /><span class="under">{t('mayCostNote')}</span></Fact> : null}
        {job.note && <Fact name={t('note')} wide><span lang="en">{job.note}</span></Fact>}
        {told.data && <Fact name={t('data')} wide><span lang="en">{told.data.message}</span></Fact>}
      </Facts>
    </Part>
  );
}

/** What it asks for. The journal has all of it; who may not read it there is told what the list says. */
export function Asks({ job, spec }: { job: Job; spec: Spec | null }) {
  const shape = spec?.shape;
  const first = shape?.asks[0];
  const replicas = first?.replicas ?? shape?.replicas ?? job.replicas;
  const devices = first ? (first.devices === 1 ? (first.part ?? 1000) / 1000 : first.devices) : job.part ?? job.devices;
  const models = first?.models ?? (first ? [] : job.models);
  const cpu = shape ? shape.cpu / 1000 : job.cpu;
  const memory = shape?.memory ?? job.memory_bytes;
  const limit = spec ? (spec.time_limit ? spec.time_limit / 1000 : null) : job.time_limit_s;
  const jobs = (when: string): string[] => (spec?.after ?? []).filter((after) => after.when === when).map((after) => `job-${after.job}`);
  const env = Object.entries(spec?.command.env ?? {});
  const outputs = spec?.outputs ?? job.outputs ?? [];
  const inputs = shape?.inputs ?? job.inputs ?? [];
  const each = replicas > 1 ? <span class="under">{t('each')}</span> : null;
  const command = job.command.map(format.quoted).join(' ');
  return (
    <Part title={t('asks')} note={<a href={`/jobs?search=${encodeURIComponent(job.name)}`}>{t('alike')}</a>}>
      <Facts>
        {replicas > 1 && <Fact name={t('replicas')}>{format.whole(replicas)}</Fact>}
        {devices > 0 && <Fact name={t('devices')}><span title={models.join(', ') || undefined}>{t('devicesOf', { n: format.exact(devices), models: models.length > 0 ? modelNames(models) : t('anyModel') })}</span>{each}</Fact>}
        {first?.device_memory_gb ? <Fact name={t('deviceMemory')}>{t('atLeast', { value: `${first.device_memory_gb} GB` })}</Fact> : null}
        {first?.power && <Fact name={t('power')}>{t('atLeast', { value: powerText(first.power) })}</Fact>}
        {(shape?.asks.length ?? 0) > 1 && (
          <Fact name={t('alternatives')}>
            {shape?.asks.slice(1).map((ask, index) => (
              <span key={index} class="job-line">
                {t('devicesOf', { n: format.exact(ask.devices === 1 ? (ask.part ?? 1000) / 1000 : ask.devices), models: ask.models?.length ? modelNames(ask.models) : t('anyModel') })}
                {ask.replicas ? ` (${t('replicas')} ${ask.replicas})` : ''}{ask.power ? `, ${powerText(ask.power)}` : ''}
              </span>
            ))}
          </Fact>
        )}
        {(cpu > 0 || devices === 0) && <Fact name={t('cores')}>{format.exact(cpu)}{each}</Fact>}
        <Fact name={t('memory')}>{memory > 0 ? <>{format.bytes(memory)}{each}</> : <span class="none">{t('noLimit')}</span>}</Fact>
        <Fact name={t('timeLimit')}>{known(limit) ? <Span seconds={limit} /> : <span class="none">{t('noLimit')}</span>}</Fact>
        {job.priority !== 0 && <Fact name={t('priority')}>{format.whole(job.priority)}</Fact>}
        {spec?.deadline && <Fact name={t('deadline')}><Time at={new Date(spec.deadline).toISOString()} ago /></Fact>}
        {spec?.retries ? <Fact name={t('retries')}>{spec.retries}</Fact> : null}
        {jobs('started').length > 0 && <Fact name={t('after')}>{list(jobs('started').map(jobLink))}</Fact>}
        {jobs('ok').length > 0 && <Fact name={t('afterOk')}>{list(jobs('ok').map(jobLink))}</Fact>}
        {jobs('ended').length > 0 && <Fact name={t('afterAny')}>{list(jobs('ended').map(jobLink))}</Fact>}
        {spec?.array && <Fact name={t('array')}>{t.rich('arrayTask', { n: spec.array.index + 1, count: spec.array.count, first: jobLink(`job-${spec.array.first}`) })}</Fact>}
        {spec?.apart && <Fact name={t('apart')}>{t.of('apart', spec.apart)}</Fact>}
        {shape?.spread === 'nodes' && <Fact name={t('spread')}>{t('spreadNodes')}</Fact>}
        {spec?.preemptible && <Fact name={t('preemptible')}>{common('yes')}</Fact>}
        {spec?.notice && <Fact name={t('notice')}>{t('noticeOf', { signal: signalName(spec.notice.signal), grace: format.span(spec.notice.grace / 1000) })}</Fact>}
        {shape?.sites?.length ? <Fact name={t('sites')}>{list(shape.sites.map((site) => <a href={`/sites/${encodeURIComponent(site)}`}>{site}</a>))}</Fact> : null}
        {shape?.pools?.length ? <Fact name={t('pools')}>{list(shape.pools.map((pool) => <a href={`/pools/${encodeURIComponent(pool)}`}>{pool}</a>))}</Fact> : null}
        {shape?.pue_most ? <Fact name={t('maxPue')}>{shape.pue_most / 1000}</Fact> : null}
        {inputs.length > 0 && <Fact name={t('inputs')}>{inputs.join(', ')}</Fact>}
        {outputs.length > 0 && <Fact name={t('outputs')} wide>{outputs.map((output) => <span key={output.path} class="job-line mono">{t('outputTo', { path: output.path, to: output.to })}</span>)}</Fact>}
        {spec?.command.image && <Fact name={t('image')} wide><span class="mono">{spec.command.image}</span></Fact>}
        {spec?.command.directory && <Fact name={t('directory')} wide><span class="mono">{spec.command.directory}</span></Fact>}
        {env.length > 0 && <Fact name={t('env')} wide><span class="job-command"><Command text={env.map(([name, value]) => `${name}=${format.quoted(value)}`).join('\n')} /></span></Fact>}
        {command && <Fact name={t('command')} wide><span class="job-command"><Command text={command} /></span></Fact>}
      </Facts>
    </Part>
  );
}

/** What it used, once it is known. */
export function Use({ job, bill }: { job: Job; bill: Bill | null }) {
  const held = job.cpu * job.replicas;
  const average = known(job.cpu_s) && known(job.run_s) && job.run_s > 0 ? job.cpu_s / job.run_s : null;
  const asked = job.memory_bytes * job.replicas;
  const about = job.energy_source === 'modelled';
  if (!ENDED.has(job.state) || !job.started_at) return null;
  return (
    <Part title={t('use')}>
      <Facts>
        <Fact name={t('coreTime')}>
          {known(job.cpu_s) ? <Span seconds={job.cpu_s} /> : <Unknown />}
          {average !== null && <span class="under">{held > 0 ? t('coreShare', { n: format.figure(average), held: format.exact(held) }) : t('coreAverage', { n: format.figure(average) })}</span>}
        </Fact>
        <Fact name={t('peak')}>
          <Figure value={job.peak_memory_bytes} as="bytes" />
          {asked > 0 && known(job.peak_memory_bytes) && <span class="under">{t('peakOf', { share: format.percent(job.peak_memory_bytes / asked) })}</span>}
        </Fact>
        <Fact name={t('energy')}>
          <Figure value={job.energy_kwh} unit="kWh" about={about} />
          <span class="under">{t.of('source', job.energy_source ?? 'unknown')}{known(job.energy_kwh) && `; ${bill?.pue ? t('withPue', { pue: bill.pue / 1000 }) : t('withoutPue')}`}</span>
        </Fact>
        <Fact name={t('carbon')}>
          <Figure value={job.carbon_kg} unit="kg CO₂" about={about} />
          {known(job.carbon_kg) && <span class="under">{t('carbonGrid')}{known(bill?.carbon_market) && bill?.carbon_market !== bill?.carbon && `; ${t('carbonMarket', { kg: format.figure(carbonKg(bill?.carbon_market ?? 0)) })}`}</span>}
        </Fact>
        {known(job.emitted?.carbon_kg) && known(job.emitted?.carbon_at_once_kg) && (
          <Fact name={t('atOnce')}>
            <Figure value={job.emitted?.carbon_at_once_kg} unit="kg CO₂" about={about} />
            <span class="under">{job.emitted?.carbon_at_once_kg === job.emitted?.carbon_kg ? t('atOnceSame') : t('atOnceNote', { kg: format.figure(job.emitted?.carbon_kg ?? 0) })}</span>
          </Fact>
        )}
        {bill && <Fact name={t('energyCost')}>{known(bill.energy_cost) ? <Yuan value={yuanOf(bill.energy_cost)} /> : <Unknown />}<span class="under">{t('energyCostNote')}</span></Fact>}
        {known(bill?.utilisation) && <Fact name={t('utilisation')}>{format.percent((bill?.utilisation ?? 0) / 1000)}</Fact>}
        {bill?.delivered && <Fact name={t('delivered')}>{format.si(bill.delivered[1] * 1e6, 'FLOP')} <span class="unit">{bill.delivered[0]}</span></Fact>}
      </Facts>
    </Part>
  );
}
