import { expect, test } from 'vitest';
import { eventually, TestKafka } from '../support/kafka.ts';
import { committedOutcome, undisturbedOutcome, type Outcome } from '../support/outcome.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TrafficFlow } from '../support/traffic-flow.ts';

const PARTITIONS = 4;
const GRACE_MS = 1500;
const RECORDS = 200_000;
/** The service's own; it has no setting for it. */
const SESSION_TIMEOUT_MS = 10_000;
const TAKEOVER_MS = SESSION_TIMEOUT_MS + 2000;
/** A machine that stands still for seconds at the wrong time makes a takeover slow, but hardly each time. */
const ROUNDS = 3;

test('kill -9 of one of two instances while records flow: taken over warm and in time, joined again, every alert exactly once', async () => {
  await using kafka = await TestKafka.open(PARTITIONS);
  await using folderA = await temporaryFolder();
  await using folderB = await temporaryFolder();
  const env = {
    ...kafka.env,
    GRACE_MS: String(GRACE_MS),
    ALLOWED_LATENESS_MS: '10000',
    STANDBY_REPLICAS: '1',
  };
  await using services = new AsyncDisposableStack();
  const start = async (stateDir: string) =>
    services.use(await ServiceProcess.start({ ...env, STATE_DIR: stateDir }));
  let other = { folder: folderA.path, service: await start(folderA.path) };
  let one = { folder: folderB.path, service: await start(folderB.path) };
  await shared(one.service, other.service);

  const flow = new TrafficFlow(kafka, { seed: 45, speed: 200, piece: 10_000 });
  await eventually('a share of it to be committed', async () => {
    return (await kafka.progress()).committed > 20_000;
  });
  const takeovers: number[] = [];
  for (let round = 0; round < ROUNDS && !takeovers.some((ms) => ms < TAKEOVER_MS); round++) {
    const [victim, survivor] = [other, one];
    takeovers.push(await takeover(kafka, victim.service, survivor.service));
    other = survivor;
    one = { folder: victim.folder, service: await start(victim.folder) };
    await shared(one.service, other.service);
  }
  process.stderr.write(`takeover: ${takeovers.join(', ')} ms after kill -9\n`);
  await flow.end(RECORDS);

  const expected = undisturbedOutcome(flow.written, kafka.topics, { graceMs: GRACE_MS });
  await allProcessed(kafka, [one.service, other.service], expected);
  expect(await one.service.end('SIGTERM')).toBe(0);
  expect(await other.service.end('SIGTERM')).toBe(0);
  expect(await committedOutcome(kafka)).toEqual(expected);
  expect(Math.min(...takeovers)).toBeLessThan(TAKEOVER_MS);
}, 180_000);

/** Both have half of the tasks, and warm replicas of the others. */
function shared(...services: readonly ServiceProcess[]): Promise<true> {
  return eventually('the tasks to be shared, and replicas to be warm', async () => {
    failEnded(services);
    const all = await Promise.all(
      services.flatMap((service) => [service.tasks(), service.warmStandbys()]),
    );
    return all.every((tasks) => tasks.length === PARTITIONS / 2);
  });
}

/**
 * Kills one, and waits until the other one has taken its tasks over.
 * @returns ms from the kill to the last one's first commit: a changelog's records say when they were written
 */
async function takeover(
  kafka: TestKafka,
  victim: ServiceProcess,
  survivor: ServiceProcess,
): Promise<number> {
  const taken = await victim.tasks();
  const killedAt = Date.now();
  await victim.end('SIGKILL');
  const changelog = `${kafka.name}-order-timelines-changelog`;
  const ends = await kafka.ends(changelog);
  await eventually('a commit of each task by the other instance', async () => {
    failEnded([survivor]);
    const commits = await survivor.taskMetric('commit_total');
    return taken.every((task) => (commits.get(task) ?? 0) > 0);
  });
  // Warm: nothing but the changelog's tail is read when a replica becomes active.
  const restored = await survivor.taskMetric('restore_total');
  for (const task of taken) expect(restored.get(task)).toBeLessThan(100);

  const written = (await kafka.readAll(changelog, ends)).filter((r) => r.timestamp > killedAt);
  const first = taken.map((task) => {
    const times = written.filter((r) => `0_${r.partition}` === task).map((r) => r.timestamp);
    return Math.min(...times);
  });
  return Math.max(...first) - killedAt;
}

function allProcessed(
  kafka: TestKafka,
  services: readonly ServiceProcess[],
  expected: Outcome,
): Promise<true> {
  return eventually(
    'everything to be processed',
    async () => {
      failEnded(services);
      const { committed, end } = await kafka.progress();
      if (committed < end) return false;
      const alerts = await kafka.readAll(kafka.topics.alertRaised.name);
      const resolved = await kafka.readAll(kafka.topics.alertResolved.name);
      return alerts.length >= expected.alerts.length && resolved.length >= expected.resolved.length;
    },
    { everyMs: 500 },
  );
}

function failEnded(services: readonly ServiceProcess[]): void {
  for (const service of services) if (service.hasEnded) throw new Error(service.log);
}
