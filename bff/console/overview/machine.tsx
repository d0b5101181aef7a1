/** What it runs on: the services with their partitions, and the feeds. */
import type { Overview } from '../../contract-ops.ts';
import { count, exactTime } from '../../web/format.ts';
import { useLang, useWords } from '../../web/i18n.ts';
import { ago, shortDuration } from '../ages.ts';
import { Badge } from '../parts/badges.tsx';
import { feedTone, serviceTone } from './judge.ts';
import { Panel } from './panel.tsx';
import { overviewWords } from './words.ts';

export function Services({ services }: Pick<Overview, 'services'>) {
  const say = useWords(overviewWords);
  const lang = useLang();
  const words = { good: say.up, warn: say.behind, bad: say.down, plain: '' };
  const delay = (ms: number | null) => (ms === null ? '–' : shortDuration(ms, lang));
  const many = (value: number | null) => (value === null ? '–' : count(value));
  return (
    <Panel id="services" title={say.services} normal={say.servicesNormal} isWide>
      <div class="scroll" tabIndex={0} role="group" aria-labelledby="services">
        <table class="table">
          <thead>
            <tr>
              {say.serviceColumns.map((column, i) => (
                <th
                  key={column}
                  scope="col"
                  class={[2, 4, 5, 6].includes(i) ? 'number' : undefined}
                >
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {services.map((service) => (
              <tr key={service.name}>
                <th scope="row" class="mono">
                  {service.name}
                </th>
                <td>
                  <Badge tone={serviceTone(service)}>{words[serviceTone(service)]}</Badge>
                  {service.problem !== null && <span class="soft small"> {service.problem}</span>}
                </td>
                <td class="number time">{delay(service.watermarkDelayMs)}</td>
                <td class="mono">{service.heldBackBy ?? '–'}</td>
                <td class="number count">{many(service.lag)}</td>
                <td class="number count">{many(service.processed)}</td>
                <td class="number count">{many(service.deadLetters)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {services
        .filter(({ tasks }) => tasks.length > 1)
        .map(({ name, tasks }) => (
          <details key={name} class="small">
            <summary>{say.tasks(name)}</summary>
            <table class="table">
              <thead>
                <tr>
                  <th scope="col">{say.task}</th>
                  <th scope="col" class="number">
                    {say.serviceColumns[2]}
                  </th>
                  <th scope="col" class="number">
                    {say.serviceColumns[4]}
                  </th>
                </tr>
              </thead>
              <tbody>
                {tasks.map(({ task, lag, watermarkDelayMs }) => (
                  <tr key={task}>
                    <th scope="row">
                      <span class="mono">{task}</span>
                      {task === slowestOf(tasks) && <span class="soft"> {say.slowest}</span>}
                    </th>
                    <td class="number time">{delay(watermarkDelayMs)}</td>
                    <td class="number count">{many(lag)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </details>
        ))}
      <p class="soft small">{say.deadNormal}</p>
    </Panel>
  );
}

function slowestOf(tasks: Overview['services'][number]['tasks']): string | undefined {
  const late = tasks.filter(({ watermarkDelayMs }) => watermarkDelayMs !== null);
  return late.toSorted((a, b) => b.watermarkDelayMs! - a.watermarkDelayMs!)[0]?.task;
}

export function Feeds({ feeds, now }: Pick<Overview, 'feeds'> & { now: number }) {
  const say = useWords(overviewWords);
  const lang = useLang();
  return (
    <Panel id="feeds" title={say.feeds} normal={say.feedsNormal}>
      <div class="scroll" tabIndex={0} role="group" aria-labelledby="feeds">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{say.feed}</th>
              <th scope="col">{say.status}</th>
              <th scope="col" class="number">
                {say.last}
              </th>
            </tr>
          </thead>
          <tbody>
            {feeds.map((feed) => {
              const { name, lastAt } = feed;
              const tone = feedTone(feed, now);
              return (
                <tr key={name}>
                  <th scope="row" class="mono">
                    {name}
                  </th>
                  <td>
                    <Badge tone={tone}>
                      {tone === 'good' ? say.spoke : tone === 'warn' ? say.silent : say.quiet}
                    </Badge>
                  </td>
                  <td
                    class="number time"
                    title={lastAt === null ? undefined : exactTime(lastAt, lang, true)}
                  >
                    {lastAt === null ? say.never : ago(now - lastAt, lang)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
