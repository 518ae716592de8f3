// What the census counts and what is published beside it: the ladder, sites and providers, targets, contradictions.

import type { Census, Target } from '../../api/types';
import { words } from '../../i18n';
import en from '../../i18n/en/hub';
import zh from '../../i18n/zh/hub';
import {
  Contradictions,
  distanceText,
  figureWords,
  ForecastLine,
  metricName,
  Place,
  plain,
  Precision,
  progressText,
  qualityName,
  Source,
  Stated,
  TargetBar,
  targetsAhead,
} from '../../parts/figures';
import { Trend, trendOf } from '../../parts/trend';
import { known, Ladder, Part, Table } from '../../ui';

const t = words(en, zh);
const CONTRADICTIONS = 4;
const figureHref = (id: string): string => `/report#figure-${id}`;

export default function Counted({ census }: { census: Census }) {
  const ahead = targetsAhead(census.targets, census.as_of);
  return (
    <>
      <Part title={t('ladder')} note={t('asOf', { date: census.as_of })} wide>
        <Ladder rows={census.ladder} measured />
        <Remarks census={census} />
      </Part>
      {(ahead.length > 0 || census.published.length > 0) && <Targets census={census} ahead={ahead} />}
      {census.published.length + census.contradictions.length > 0 && (
        <Part
          title={t('contradictions')}
          note={census.contradictions.length > 0 ? figureWords('contradictionsNote') : undefined}
          wide
          aside={
            census.published.length > 0 && <a href="/report#published">{t('toPublished', { n: census.published.length })}</a>
          }
        >
          <div class="hub-contradictions">
            <Contradictions census={census} most={CONTRADICTIONS} href={figureHref} />
          </div>
          {census.contradictions.length > CONTRADICTIONS && (
            <p>
              <a href="/report#contradictions">{figureWords('showAll', { n: census.contradictions.length })}</a>
            </p>
          )}
        </Part>
      )}
    </>
  );
}

// ---------------------------------------------------------------- counted

function Remarks({ census }: { census: Census }) {
  const { devices_of_unknown_power: devices, cores_of_unknown_power: cores = 0, pools_outside_census: outside } = census;
  const told = [
    devices > 0 && t('devicesUnknown', { n: devices }),
    cores > 0 && t('coresUnknown', { n: cores }),
    outside.length > 0 &&
      t('outside', {
        n: outside.length,
        pools: outside.slice(0, 6).join(', ') + (outside.length > 6 ? ` ${t('andMore', { n: outside.length - 6 })}` : ''),
      }),
  ].filter((text): text is string => Boolean(text));
  return told.length > 0 ? (
    <ul class="note hub-remarks">
      {told.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  ) : null;
}

// ---------------------------------------------------------------- aimed at

function Main({ target }: { target: Target }) {
  const [progress, distance] = [progressText(target), distanceText(target)];
  const short = known(target.progress) && target.progress < 1;
  return (
    <div class="hub-target">
      <p class="hub-target-name">
        {metricName(target.metric)}{' '}
        <span class="note">
          <Place of={target.scope} />, {figureWords('by', { due: target.due })}
        </span>
      </p>
      <p class="hub-large">
        <Stated of={target} />
      </p>
      <TargetBar of={target} />
      <dl class="facts">
        <div>
          <dt>{figureWords('reached')}</dt>
          <dd>
            {target.reached ? (
              <Stated of={{ stated: target.reached, unit: target.unit }} />
            ) : (
              <span class="unknown">{figureWords('noComparable')}</span>
            )}
            {progress && <span class="under">{progress}</span>}
          </dd>
        </div>
        {distance && short && (
          <div>
            <dt>{figureWords('distance')}</dt>
            <dd>{distance}</dd>
          </div>
        )}
        <div>
          <dt>{figureWords('precision')}</dt>
          <dd>
            <Precision of={target} />
          </dd>
        </div>
        <div>
          <dt>{figureWords('source')}</dt>
          <dd>
            <Source of={target.source} brief />
            <span class="under">{qualityName(target.quality)}</span>
          </dd>
        </div>
        <div class="wide">
          <dt>{figureWords('forecastOf')}</dt>
          <dd>
            {target.forecast ? (
              <ForecastLine of={target.forecast} unit={target.unit} />
            ) : (
              <span class="none">{figureWords('forecastNone')}</span>
            )}
          </dd>
        </div>
      </dl>
    </div>
  );
}

function Targets({ census, ahead }: { census: Census; ahead: readonly Target[] }) {
  const [first, ...others] = ahead;
  const line = trendOf(census);
  return (
    <Part title={t('target')} note={t('asOf', { date: census.as_of })} wide>
      <div class="hub-targets">
        <div>{first ? <Main target={first} /> : <p class="none">{figureWords('targetsNone')}</p>}</div>
        {line && <Trend line={line} height={230} />}
      </div>
      {others.length > 0 && (
        <Table
          caption={t('otherTargets')}
          titled
          rows={others}
          rowKey={(target) => target.id ?? `${target.metric} ${target.scope} ${target.due} ${target.stated ?? ''}`}
          order="targets"
          sticky={false}
          columns={[
            { id: 'metric', head: figureWords('metric'), cell: (target) => metricName(target.metric), name: true },
            { id: 'scope', head: figureWords('scope'), cell: (target) => <Place of={target.scope} /> },
            { id: 'aim', head: figureWords('aimed'), cell: (target) => <Stated of={target} />, num: true },
            { id: 'due', head: figureWords('due'), cell: (target) => target.due },
            {
              id: 'reached',
              head: figureWords('reached'),
              cell: (target) =>
                target.reached ? (
                  plain({ stated: target.reached, unit: target.unit })
                ) : (
                  <span class="none">{figureWords('noComparable')}</span>
                ),
              num: true,
            },
            {
              id: 'progress',
              head: figureWords('progress'),
              cell: (target) => progressText(target) ?? <span class="none">–</span>,
              num: true,
            },
            {
              id: 'quality',
              head: figureWords('source'),
              cell: (target) => (
                <>
                  <Source of={target.source} brief /> <small class="note">{qualityName(target.quality)}</small>
                </>
              ),
            },
          ]}
        />
      )}
    </Part>
  );
}
