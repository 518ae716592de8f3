// The ladder of computing power: a rung is as long as its share of the row's highest.

import type { LadderRow } from '../api/coming';
import { common } from './common';
import { Bar, Figure } from './figure';
import { known } from './format';

const RUNGS = ['announced', 'built', 'connected', 'schedulable', 'allocated', 'delivered'] as const;

export function Ladder({ rows, measured = false }: {
  rows: readonly LadderRow[];
  /** Beside the rungs, what benchmarks found of what is connected; it is no rung. */
  measured?: boolean;
}) {
  return (
    <table role="table" class="table ladder">
      <caption>
        {common('ladder')}
        <span class="aside"> {common('ladderNote')} <span class="key"><span class="swatch hatch" aria-hidden="true" /> {common('noSource')}</span></span>
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">{common('ladderClass')}</th>
          <th role="columnheader" scope="col">{common('ladderPrecision')}</th>
          <th role="columnheader" scope="col">{common('ladderSparsity')}</th>
          {RUNGS.map((rung) => (
            <th key={rung} role="columnheader" scope="col" class="rung">{common(`rung.${rung}`)}<small>{common(`rungNote.${rung}`)}</small></th>
          ))}
          {measured && <th role="columnheader" scope="col" class="measured">{common('rung.measured')}<small>{common('rungNote.measured')}</small></th>}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row, index) => {
          const values = RUNGS.map((rung) => row[`${rung}_eflops`]);
          const most = Math.max(0, ...values.filter(known));
          const again = rows[index - 1]?.class === row.class;
          return (
            <tr key={`${row.class} ${row.precision} ${row.sparsity}`} role="row">
              <th role="rowheader" scope="row" class="class"><span class={again ? 'repeated' : undefined}>{common.of('class', row.class)}</span></th>
              <td role="cell" class="precision">{row.precision}{row.precision === 'int8' && <span class="unit"> EOPS</span>}</td>
              <td role="cell" class="sparsity">{common.of('sparsity', row.sparsity)}</td>
              {RUNGS.map((rung, step) => {
                const value = values[step];
                return (
                  <td key={rung} role="cell" class="rung" data-label={common(`rung.${rung}`)}>
                    <Figure value={value} />
                    <Bar share={known(value) ? (most > 0 ? value / most : 0) : null} />
                  </td>
                );
              })}
              {measured && (
                <td role="cell" class="measured" data-label={common('rung.measured')}>
                  <Figure value={row.measured_eflops} />
                  <Bar share={known(row.measured_eflops) ? (most > 0 ? Math.min(1, row.measured_eflops / most) : 0) : null} />
                </td>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
