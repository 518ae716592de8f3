// Every shared part with sample data, to look at while building: /specimen of the development server. It is in no build.

import { useState } from 'preact/hooks';

import { Refused, Unreachable } from '../api/client';
import { now } from '../api/hub';
import {
  Bar, Choices, type Column, Confirm, Contact, Count, Counts, Empty, Evidence, Fact, Facts, Figure, Form, format, Held, JOB_STATES, JobState, Log, Name, Notice, Pager,
  Page, Part, Problem, SearchBox, SelectBox, SelectField, Si, SiteStage, Skeleton, Span, StudyState, Table, Tabs, TextField, Time, Unknown, Yuan,
} from '../ui';
import { BarChart, Sparkline, Split, TimeChart } from '../ui/chart';

interface Row {
  id: string;
  name: string;
  state: string;
  pool: string | null;
  wait: number;
  energy: number | null;
  cost: number | null;
}
const rows: Row[] = JOB_STATES.map((state, index) => ({
  id: `job-${120 - index}`,
  name: index === 2 ? 'a sample with a name that is rather long, as people give them, and goes on' : `sample ${index + 1}`,
  state,
  pool: index === 0 ? null : `pool-${(index % 3) + 1}`,
  wait: 3.4 * 7 ** index,
  energy: index === 4 ? null : index * 1.37,
  cost: index < 3 ? null : index * 113.4,
}));
const columns: Column<Row>[] = [
  { id: 'state', head: 'State', cell: (row) => <JobState of={row.state} />, narrow: 'beside' },
  { id: 'id', head: 'Job', cell: (row) => <span class="mono">{row.id}</span>, sort: (row) => row.id },
  { id: 'name', head: 'Name', cell: (row) => row.name, name: true, sort: (row) => row.name },
  { id: 'pool', head: 'Pool', cell: (row) => row.pool ?? <span class="none">–</span>, sort: (row) => row.pool },
  { id: 'devices', head: 'Devices held', cell: (row) => <Held part={row.energy === null ? null : Math.round(row.energy)} total={16} />, num: true, class: 'meter' },
  { id: 'wait', head: 'Wait', cell: (row) => <Span seconds={row.wait} />, num: true, sort: (row) => row.wait },
  { id: 'energy', head: 'Energy', unit: 'kWh', cell: (row) => <Figure value={row.energy} about />, num: true, sort: (row) => row.energy },
  { id: 'cost', head: 'Cost', unit: 'yuan', cell: (row) => <Figure value={row.cost} as="yuan" />, num: true, sort: (row) => row.cost },
];
const HOUR = 3_600_000;
const wave = (hour: number, size: number): number => size * (1 + Math.sin(hour / 3.7) * 0.5 + Math.sin(hour / 1.3) * 0.2);

export default function Specimen() {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [pick, setPick] = useState('a');
  const until = Math.floor(now.value / HOUR) * HOUR;
  const hours = Array.from({ length: 24 }, (_, index) => until - (23 - index) * HOUR);
  const unknownAt = (index: number): boolean => index > 8 && index < 11;
  const load = [{ name: 'device-hours', points: hours.map((at, index) => ({ at, value: unknownAt(index) ? null : wave(index, 40) })) }];
  const mix = ['general', 'intelligent', 'super'].map((name, index) => ({ name, points: hours.map((at, hour) => ({ at, value: wave(hour + index * 4, 20 + index * 15) })) }));
  return (
    <Page
      title="Specimen"
      heading={<Name en="Specimen" zh="样张" />}
      crumbs={[{ href: '/', text: 'Hub' }]}
      lead="Sample data, every part."
      aside={<Counts><Count name="Running">12</Count><Count name="Power"><Si value={1240} unit="W" from="k" about /></Count><Count name="Unknown"><Unknown /></Count></Counts>}
    >
      <Part title="Table" wide note="sample" aside={<><SearchBox label="Name or number" /><SelectBox name="pool" label="Pool" options={[{ value: '', label: 'all' }, { value: 'pool-1', label: 'pool-1' }]} /></>}>
        <Choices name="state" label="States" many options={[{ value: '', label: 'all' }, ...JOB_STATES.map((state) => ({ value: state, label: <JobState of={state} /> }))]} />
        <Table caption="Sample jobs" columns={columns} rows={rows} rowKey={(row) => row.id} href={(row) => `/jobs/${row.id}`} current={(row) => row.id === 'job-118'} />
        <Pager next="job-112" />
        <Table caption="Being read" titled note="skeleton" columns={columns} rows={null} rowKey={(row) => row.id} skeleton={2} order="b" sticky={false} />
        <Table caption="Empty" titled columns={columns} rows={[]} rowKey={(row) => row.id} order="c" sticky={false} empty={<Empty command="shugu submit -- sleep 60">No job yet. Submit one:</Empty>} />
      </Part>
      <Part title="Charts" note="sample">
        <div class="columns">
          <TimeChart title="Load" unit="device-hours" as="bars" unfinished interval={HOUR} series={load} limit={{ name: 'devices', value: 72 }} />
          <TimeChart title="By class" unit="EFLOPS" as="stack" series={mix} />
          <TimeChart title="Price" unit="yuan/kWh" as="step" series={load} />
          <TimeChart title="Published" unit="EFLOPS" as="line" series={mix} />
        </div>
        <div class="columns">
          <Split title="Sites" total="50" parts={[{ key: 'a', name: 'operating', value: 31 }, { key: 'b', name: 'building', value: 9 }, { key: 'c', name: 'not named', value: 10, hatch: true }]} />
          <BarChart title="Price, by device" unit="yuan/h" rows={[{ key: 'a', name: 'sample A', value: 31.2 }, { key: 'b', name: 'sample B', value: 12 }, { key: 'c', name: 'sample C', value: null }]} />
        </div>
        <p>In a line: <Sparkline label="sample" values={[1, 4, 2, null, 8, 5, 7]} /></p>
        <Bar share={0.4} />
      </Part>
      <Part title="Values" note="and states">
        <Facts>
          <Fact name="Time"><Time at={new Date(now.value - 7_300_000).toISOString()} ago /></Fact>
          <Fact name="Yuan"><Yuan value={1234.5} /></Fact>
          <Fact name="Small"><Figure value={0.0000034} unit="kWh" /></Fact>
          <Fact name="Bytes"><Figure value={25276502016} as="bytes" /></Fact>
          <Fact name="Nobody knows"><Figure value={null} unit="kWh" /></Fact>
          <Fact name="Contact"><Contact is /> <Contact is={false} /></Fact>
          <Fact name="Evidence"><Evidence of="announced" /> <Evidence of="measured" /></Fact>
          <Fact name="Stages" wide>{['operating', 'commissioning', 'building', 'announced', 'retiring', 'retired', 'unknown'].map((stage) => <span key={stage}><SiteStage of={stage} /> </span>)}</Fact>
          <Fact name="Studies" wide>{['running', 'done', 'failed', 'stopped'].map((state) => <span key={state}><StudyState of={state} /> </span>)}</Fact>
        </Facts>
        <Tabs label="Tabs" options={[{ value: '', label: 'Output' }, { value: 'history', label: 'History' }, { value: 'why', label: 'Why it waits' }]} />
        <Log label="Sample output" text={'epoch 1 loss 2.31\nepoch 2 loss 1.94\n'.repeat(4)} />
      </Part>
      <Part title="Troubles">
        <Notice>Mind this. <a href="/">A link.</a></Notice>
        <Problem error={new Refused(403, 'forbidden', 'operators only', null, {})} />
        <Problem error={new Refused(422, 'too_large', 'no pool could hold 64 devices; the largest has 16', null, {})} again={() => undefined} />
        <Problem error={new Unreachable('no answer')} again={() => undefined} />
        <Skeleton />
      </Part>
      <Part title="Form">
        <Form send={async () => { throw new Refused(400, 'wrong_input', 'replicas: 0 is not from 1 to 4096', 'replicas', {}); }}>
          {(busy) => (
            <>
              <TextField name="name" label="Name" value={text} onValue={setText} hint="Shown in lists." />
              <div class="row">
                <TextField name="replicas" label="Replicas" type="number" value="0" onValue={() => undefined} />
                <TextField name="memory" label="Memory" unit="GiB" type="number" value="16" onValue={() => undefined} />
                <SelectField name="tenant" label="Tenant" value={pick} onValue={setPick} options={[{ value: 'a', label: 'sample A' }, { value: 'b', label: 'sample B' }]} />
              </div>
              <div class="actions">
                <button type="submit" class="primary" disabled={busy}>Submit</button>
                <button type="button">Try without submitting</button>
                <button type="button" class="danger" onClick={() => setOpen(true)}>Cancel the job</button>
                <button type="button" disabled>Not now</button>
              </div>
            </>
          )}
        </Form>
        <Confirm open={open} title="Cancel job-118?" action="Cancel the job" danger onYes={async () => { throw new Refused(409, 'already_ended', 'job-118 has ended', null, {}); }} onClose={() => setOpen(false)}>
          What it did so far is charged: {format.yuan(113.4)} yuan.
        </Confirm>
      </Part>
    </Page>
  );
}
