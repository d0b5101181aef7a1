/** Alerts by rule over time, as stacked bars. The library that draws comes when the picture is there to be seen. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { useLang } from '../../web/i18n.ts';
import { clockTime } from '../ages.ts';
import { useWidth } from '../timeline/use-width.ts';
import type { AlertSeries } from './judge.ts';
import { stacked } from './judge.ts';

const HEIGHT = 200;

export function AlertsChart({ series, label }: { series: AlertSeries; label: string }) {
  const [box, width] = useWidth(600);
  const canvas = useRef<HTMLDivElement>(null);
  const lang = useLang();
  const isDark = useDark();
  useEffect(() => {
    const target = canvas.current;
    if (!target) return undefined;
    let chart: uPlot | undefined;
    let isGone = false;
    void import('uplot').then(({ default: Plot }) => {
      if (isGone) return;
      const style = getComputedStyle(target);
      const color = (name: string) => style.getPropertyValue(name).trim();
      const bars = Plot.paths.bars?.({ size: [0.8, 40], align: 1 });
      const sums = stacked(series.byRule.map(({ raised }) => raised));
      const axis = { stroke: color('--text-soft'), grid: { stroke: color('--line'), width: 1 } };
      const seconds = series.at.map((at) => at / 1000);
      const day = (series.at.at(-1)! - series.at[0]!) / 3_600_000 > 26;
      chart = new Plot(
        {
          width: target.clientWidth,
          height: HEIGHT,
          legend: { show: false },
          cursor: { show: false },
          scales: { y: { range: (_, __, max) => [0, Math.max(4, max * 1.1)] } },
          axes: [
            {
              ...axis,
              space: day ? 90 : 60,
              values: (_, ticks) =>
                ticks.map((at) => clockTime(at * 1000, 'day').slice(day ? 0 : -5)),
            },
            { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 500, 1000], size: 40 },
          ],
          // The tallest first: the others stand before it.
          series: [
            {},
            ...series.byRule
              .map(({ ruleId }) => ({
                label: ruleId,
                fill: color(`--chart-${ruleId.at(-1)!.toLowerCase()}`),
                stroke: color('--raised'),
                width: 1,
                points: { show: false },
                ...(bars ? { paths: bars } : {}),
              }))
              .reverse(),
          ],
        },
        // Nothing, not a bar of no height.
        [
          seconds,
          ...sums.toReversed().map((row) => row.map((value) => value || null)),
        ] as uPlot.AlignedData,
        target,
      );
    });
    return () => {
      isGone = true;
      chart?.destroy();
    };
  }, [series, width, lang, isDark]);
  return (
    <div ref={box}>
      <div class="chart" ref={canvas} role="img" aria-label={label} />
      <ul class="legend small">
        {series.byRule.map(({ ruleId }) => (
          <li key={ruleId}>
            <span class={`swatch swatch-${ruleId.at(-1)!.toLowerCase()}`} />
            <span class="mono">{ruleId}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What is painted does not follow the style by itself. */
function useDark(): boolean {
  const [isDark, setDark] = useState(false);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setDark(query.matches);
    follow();
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return isDark;
}
