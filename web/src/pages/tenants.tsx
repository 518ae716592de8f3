import '../style/pages/tenants.css';

import { useMemo, useState } from 'preact/hooks';

import { useQuery } from '../address';
import { at } from '../api/client';
import { hub } from '../api/hub';
import { useLive } from '../api/live';
import { may, overlooks } from '../api/session';
import { words } from '../i18n';
import en from '../i18n/en/tenants';
import zh from '../i18n/zh/tenants';
import { AgainstDue, excess, type Made, MadeToken, part, placed, type Placed, ShareBar, TenancyDialogs } from '../parts/tenancy';
import { type Column, Count, Counts, Empty, Figure, format, Nothing, Page, Part, SearchBox, Table, Unknown } from '../ui';

const t = words(en, zh);

/** From so many on a list is searched rather than read. */
const MANY = 12;

/** The name with its place in the tree: indented while the tree is shown, with its path before it while the list is sorted otherwise. */
function TreeName({ tenant, tree }: { tenant: Placed; tree: boolean }) {
  if (!tree) return <>{tenant.path.length > 1 && <span class="unit tenants-path">{tenant.path.slice(0, -1).join(' / ')} / </span>}{tenant.name}</>;
  return <span class="tenants-tree" data-depth={Math.min(tenant.depth, 3)}>{tenant.name}</span>;
}

export default function Tenants() {
  const query = useQuery();
  const live = useLive(at('/v1/tenants'), ['tenant', 'job']);
  const [made, setMade] = useState<Made | null>(null);
  const operator = may('operator');
  const tenants = useMemo(() => (live.data ? placed(live.data.tenants) : null), [live.data]);
  const wanted = query.get('search').toLowerCase();
  const tree = ['', 'name'].includes(query.get('sort'));
  const rows = useMemo(() => {
    if (!tenants || wanted === '') return tenants;
    const found = tenants.filter((tenant) => tenant.name.includes(wanted));
    // What is found keeps those above it, so that the tree can be read.
    const kept = new Set(found.flatMap((tenant) => (tree ? tenant.path : [tenant.name])));
    return tenants.filter((tenant) => kept.has(tenant.name));
  }, [tenants, wanted, tree]);

  const columns: (Column<Placed> | false)[] = [
    { id: 'name', head: t('tenant'), cell: (tenant) => <TreeName tenant={tenant} tree={tree} />, name: true, sort: (tenant) => tenant.path.join('/') },
    { id: 'bar', head: t('bar'), cell: (tenant) => <ShareBar tenant={tenant} />, class: 'tenants-bar', narrow: 'line' },
    { id: 'share', head: t('share'), cell: (tenant) => (format.known(tenant.share) ? part(tenant.share) : <Unknown>–</Unknown>), num: true, sort: (tenant) => tenant.share },
    { id: 'due', head: t('due'), cell: (tenant) => part(tenant.due), num: true, sort: (tenant) => tenant.due },
    { id: 'against', head: t('against'), cell: (tenant) => <AgainstDue tenant={tenant} />, sort: excess, narrow: 'line' },
    { id: 'weight', head: t('weight'), cell: (tenant) => format.whole(tenant.weight), num: true, sort: (tenant) => tenant.weight, narrow: 'hide' },
    { id: 'guaranteed', head: t('guaranteed'), cell: (tenant) => <Devices n={tenant.guaranteed} />, num: true, sort: (tenant) => tenant.guaranteed, narrow: 'hide' },
    { id: 'most', head: t('most'), cell: (tenant) => <Devices n={tenant.most} />, num: true, sort: (tenant) => tenant.most, narrow: 'hide' },
    {
      id: 'held',
      head: t('held'),
      cell: (tenant) => <>{format.tenths(tenant.devices_held)}{format.known(tenant.most) && <span class="unit"> / {format.whole(tenant.most)}</span>}</>,
      num: true,
      sort: (tenant) => tenant.devices_held,
    },
    { id: 'used', head: t('used'), cell: (tenant) => <Figure value={tenant.used_device_hours} />, num: true, sort: (tenant) => tenant.used_device_hours, narrow: 'hide' },
    operator && {
      id: 'do',
      head: t('do'),
      cell: (tenant) => <a href={query.href({ open: 'terms', of: tenant.name })} aria-label={t('termsOf', { name: tenant.name })}>{t('terms')}</a>,
      narrow: 'beside',
    },
  ];
  return (
    <Page
      title={t('title')}
      lead={t(overlooks() ? 'lead' : 'leadOwn')}
      aside={(
        <div class="tenants-head">
          <Counts>
            <Count name={t('count')}>{tenants ? tenants.length : <Unknown>–</Unknown>}</Count>
            {overlooks() && <Count name={t('heldOfAll')}><OfAll /></Count>}
          </Counts>
          {operator && <a class="button primary" href={query.href({ open: 'let-in' })}>{t('letIn')}</a>}
        </div>
      )}
    >
      {made && <MadeToken made={made} onKept={() => setMade(null)} />}
      <Part
        title={t('shares')}
        wide
        note={<><span class="tenants-key"><span class="share-track"><span class="share-use" /></span></span> {t('keyUse')} <span class="tenants-key-due" /> {t('keyDue')}</>}
        aside={tenants && tenants.length > MANY && <SearchBox label={t('search')} clears={[]} />}
      >
        <Table
          caption={t('shares')}
          columns={columns}
          rows={rows}
          live={live}
          rowKey={(tenant) => tenant.name}
          href={(tenant) => `/tenants/${tenant.name}`}
          mark={(tenant) => String(tenant.devices_held)}
          sorted="name"
          empty={wanted ? <Empty>{t('notFound', { text: wanted })}</Empty> : <Empty command="shugu tenant llm-lab --weight 1">{t('none')}</Empty>}
        />
        <p class="note tenants-about">{t('about')}</p>
      </Part>
      {operator && <TenancyDialogs tenants={tenants} onMade={setMade} />}
    </Page>
  );
}

const Devices = ({ n }: { n: number | null | undefined }) => (format.known(n) ? <>{format.whole(n)}</> : <Nothing />);

function OfAll() {
  const known = hub.value;
  if (!known || !format.known(known.devices)) return <Unknown />;
  return <>{format.tenths(known.devices_held ?? 0)}<small> / {format.whole(known.devices)}</small></>;
}
